import { RE2JS } from 're2js';
import { syntaxProblem } from '../patterns/pattern-syntax.ts';

/** The whole match, then the value of each group; a group that took no part is undefined. */
export type Match = readonly (string | undefined)[];

/** The `regex` of a rule, compiled: anchored at both ends, `.` takes newlines too. */
export interface Pattern {
  /** Numbers of the groups that have names. */
  readonly groupNames: Readonly<Record<string, number>>;
  /** Matching costs no more than a look-up, so that nobody needs to remember the result. */
  readonly isCheap: boolean;
  test(value: string): boolean;
  /** The first match; null: none. */
  match(value: string): Match | null;
  /** All matches, in order. More than one only where alternatives of the pattern escape the anchors, as in `a)|(b`. */
  matchAll(value: string): Iterable<{ readonly index: number; readonly groups: Match }>;
}

/** How Prometheus anchors (model/relabel). The parentheses keep `a|b` together. */
const anchored = (regex: string) => `^(?s:${regex})$`;

/** Compiles a pattern that `patternProblem` takes; throws on any other. About 0.5 ms where an engine is needed. */
export function compilePattern(regex: string): Pattern {
  const words = literalWords(regex);
  if (words !== null) return cheapPattern(words.hasGroup, (value) => words.all.has(value));
  if (regex === '.*' || regex === '(.*)') return cheapPattern(regex !== '.*', () => true);
  if (regex === '.+' || regex === '(.+)') return cheapPattern(regex !== '.+', (value) => value !== '');
  return new EnginePattern(RE2JS.compile(anchored(regex)));
}

let isEnginePrepared = false;

/**
 * Finds groups in an example, once in a process: Node.js compiles the engine's functions when they are first called, 10 ms
 * of them, and a rule that matches only later would call them in the middle of other work.
 */
export function* prepareEngine(): Generator<void, void> {
  if (isEnginePrepared) return;
  isEnginePrepared = true;
  yield;
  const pattern = compilePattern('(.*)-(a+)');
  yield;
  pattern.test('b-a');
  yield;
  pattern.match('b-a');
}

/** Why a pattern does not compile, as the end of a sentence; null: it does. */
export function patternProblem(regex: string): string | null {
  const problem = syntaxProblem(anchored(regex));
  if (problem === null) return null;
  // The user's own text is quoted where it is wrong by itself; `\Q` without `\E` is wrong only within our anchors.
  const words = syntaxProblem(regex) ?? problem;
  const hint = lookaroundHint(regex);
  return `does not compile: ${words}; ${hint ?? 'expected RE2 syntax (no lookahead, no backreferences)'}`;
}

function lookaroundHint(regex: string): string | null {
  const found = /\(\?(?:[=!]|<[=!])/.exec(regex);
  if (found === null) return null;
  return `RE2 has no ${found[0]}...); use a ${found[0].endsWith('!') ? 'drop' : 'keep'} rule`;
}

/** Characters that mean themselves, and those escaped ones that are usual. */
const WORD = String.raw`(?:[^\\.+*?()[\]{}^$|]|\\[-./:_])*`;
const WORDS = new RegExp(`^${WORD}(?:\\|${WORD})*$`);

type Words = { readonly all: ReadonlySet<string>; readonly hasGroup: boolean };

/** What a pattern of plain alternatives matches, such as `true`, `redis|amqp`, `(a|b)`; null: it is no such pattern. */
function literalWords(regex: string): Words | null {
  const hasGroup = regex.startsWith('(') && regex.endsWith(')');
  const inner = hasGroup ? regex.slice(1, -1) : regex;
  if (!WORDS.test(inner)) return null;
  return { all: new Set(inner.replaceAll('\\', '').split('|')), hasGroup };
}

/** What such a pattern matches, it matches whole, and its only group is the whole. */
function cheapPattern(hasGroup: boolean, test: (value: string) => boolean): Pattern {
  const match = (value: string) => (test(value) ? (hasGroup ? [value, value] : [value]) : null);
  return {
    groupNames: {},
    isCheap: true,
    test,
    match,
    matchAll(value) {
      const groups = match(value);
      return groups === null ? [] : [{ index: 0, groups }];
    },
  };
}

class EnginePattern implements Pattern {
  readonly isCheap = false;
  readonly groupNames: Readonly<Record<string, number>>;
  readonly #engine: RE2JS;

  constructor(engine: RE2JS) {
    this.#engine = engine;
    this.groupNames = engine.namedGroups();
  }

  test(value: string): boolean {
    return this.#engine.test(value);
  }

  match(value: string): Match | null {
    // Whether there is a match is known in a tenth of the time that the groups take.
    return this.#engine.test(value) ? (this.#engine.exec(value) as Match | null) : null;
  }

  *matchAll(value: string): Iterable<{ readonly index: number; readonly groups: Match }> {
    for (const found of this.#engine.matchAll(value)) yield { index: found.index ?? 0, groups: found };
  }
}

import { RE2JS } from 're2js';
import { syntaxProblem } from './pattern-syntax.ts';

/** A pattern that is held against lines that a peer sent. */
export type LinePattern = {
  /** The most that one character of a line takes, in nanoseconds, whatever the line. */
  readonly nsPerCharacter: number;
  /** Whether it is found in the line, wherever no anchor says where. */
  test(line: string): boolean;
  /** What its named groups took; null: it is not found. A group that took no part is left out. */
  groups(line: string): ReadonlyMap<string, string> | null;
};

/** Nobody writes longer ones for one line of an answer. */
export const LONGEST_PATTERN = 256;
/**
 * Instructions of the compiled pattern. The longest of our own has 60. The time for one line grows with them, and `(.{9}){99}`
 * has thousands in ten characters.
 */
const MOST_INSTRUCTIONS = 128;

/**
 * What an instruction takes for a character: 1 to 4 ns with 30 to 120 of them and lines that are made for it (RE2JS 2.10, by
 * backtracking that comes to each place of a line once for each instruction).
 */
const NS_PER_INSTRUCTION = 4;
/** By an automaton whose states are made once and kept: 2 to 10 ns, and a new state now and then. */
const NS_WITH_STATES = 20;

/**
 * Compiles a pattern of the configuration, which `linePatternProblem` takes; throws on any other. RE2: the time for a line
 * grows with its length, and here with the size of the pattern. It is matched without an automaton: with `x.{60}y` each
 * character of a hostile line is a state that was not there before, and takes 20 us.
 */
export function compileLinePattern(regex: string): LinePattern {
  const engine = RE2JS.compile(regex);
  const names = Object.entries(engine.namedGroups());
  return {
    nsPerCharacter: NS_PER_INSTRUCTION * engine.programSize(),
    test: (line) => engine.exec(line) !== null,
    groups(line) {
      const found = engine.exec(line);
      if (found === null) return null;
      const taken = names.flatMap(([name, number]) => {
        const text = found[number];
        return typeof text === 'string' ? [[name, text] as const] : [];
      });
      return new Map(taken);
    },
  };
}

/** Compiles a pattern that stands in this program, has no named groups and few states: it is matched by an automaton. */
export function compileKnownPattern(regex: string): LinePattern {
  const engine = RE2JS.compile(regex);
  const test = (line: string): boolean => engine.test(line);
  return { nsPerCharacter: NS_WITH_STATES, test, groups: (line) => (test(line) ? NO_GROUPS : null) };
}

const NO_GROUPS: ReadonlyMap<string, string> = new Map();

/** Why a pattern cannot be used, as the end of a sentence; null: it can. */
export function linePatternProblem(regex: string): string | null {
  if (regex.length > LONGEST_PATTERN)
    return `has ${regex.length} characters; at most ${LONGEST_PATTERN} are allowed in a pattern`;
  const problem = syntaxProblem(regex);
  if (problem !== null) return `does not compile: ${problem}; expected RE2 syntax (no lookahead, no backreferences)`;
  const instructions = RE2JS.compile(regex).programSize();
  return instructions > MOST_INSTRUCTIONS
    ? `is too large: it compiles to ${instructions} instructions, at most ${MOST_INSTRUCTIONS} are allowed; lower its repetitions`
    : null;
}

/** The names of its groups, for a pattern that compiles. */
export function groupNames(regex: string): readonly string[] {
  return syntaxProblem(regex) === null ? Object.keys(RE2JS.compile(regex).namedGroups()) : [];
}

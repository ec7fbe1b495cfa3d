import { RE2JS } from 're2js';
import { syntaxProblem } from './pattern-syntax.ts';

/** A pattern of the configuration, held against lines that a peer sent. */
export type LinePattern = {
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

/** Compiles a pattern that `linePatternProblem` takes; throws on any other. RE2: the time for a line grows with its length alone. */
export function compileLinePattern(regex: string): LinePattern {
  const engine = RE2JS.compile(regex);
  const names = Object.entries(engine.namedGroups());
  return {
    test: (line) => engine.test(line),
    groups(line) {
      if (!engine.test(line)) return null;
      const found = names.length === 0 ? null : engine.exec(line);
      const taken = names.flatMap(([name, number]) => {
        const text = found?.[number];
        return typeof text === 'string' ? [[name, text] as const] : [];
      });
      return new Map(taken);
    },
  };
}

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

import { basename, dirname } from 'node:path';

/** Which files of one folder a path of `file_sd_configs` means. */
export type FilePattern = {
  /** As the configuration gives it, ready to open where it names one file. */
  readonly path: string;
  readonly folder: string;
  /** Null: the path names one file, as it stands. */
  readonly matches: ((name: string) => boolean) | null;
};

/** The paths that Prometheus takes: a star only in the last part, and a name that says how it is to be read. */
const PATH = /^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml|JSON|YML|YAML)$/;

/** One character, or any run of characters. */
type Token = { readonly kind: 'run' } | { readonly kind: 'one'; readonly takes: (character: string) => boolean };

/**
 * Takes a path apart. Its last part may hold `*`, `?`, `[a-z]`, `[^a]` and `\` before a character, as Go's filepath.Match has
 * them; dots at the beginning are characters like any other. Null: it is none of these.
 */
export function parseFilePattern(path: string): FilePattern | null {
  const [folder, last] = [dirname(path), basename(path)];
  if (!PATH.test(path) || /[?[\\]/.test(folder)) return null;
  if (!/[*?[\\]/.test(last)) return { path, folder, matches: null };
  const tokens = tokensOf(Array.from(last));
  return tokens && { path, folder, matches: (name) => matchTokens(tokens, Array.from(name)) };
}

/** How a file of this name is read. */
export function syntaxOf(path: string): 'json' | 'yaml' {
  return path.toLowerCase().endsWith('.json') ? 'json' : 'yaml';
}

function tokensOf(pattern: readonly string[]): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (character === '*') tokens.push({ kind: 'run' });
    else if (character === '?') tokens.push({ kind: 'one', takes: () => true });
    else if (character === '[') {
      const found = classOf(pattern, at + 1);
      if (found === null) return null;
      tokens.push({ kind: 'one', takes: found.takes });
      at = found.end;
    } else {
      if (character === '\\') at += 1;
      const literal = pattern[at];
      if (literal === undefined) return null;
      tokens.push({ kind: 'one', takes: (other) => other === literal });
    }
  }
  return tokens;
}

/** A class of characters from behind its bracket; `end` is the closing one. */
function classOf(pattern: readonly string[], start: number) {
  const isNegated = pattern[start] === '^';
  const ranges: (readonly [string, string])[] = [];
  let at = isNegated ? start + 1 : start;
  while (pattern[at] !== ']' || ranges.length === 0) {
    const low = classCharacter(pattern, at);
    if (low === null) return null;
    const isRange = pattern[low.next] === '-';
    const high = isRange ? classCharacter(pattern, low.next + 1) : low;
    if (high === null) return null;
    ranges.push([low.character, high.character]);
    at = high.next;
  }
  const isIn = (character: string) => ranges.some(([low, high]) => low <= character && character <= high);
  return { takes: (character: string) => isIn(character) !== isNegated, end: at };
}

function classCharacter(pattern: readonly string[], at: number) {
  const isEscaped = pattern[at] === '\\';
  const character = pattern[isEscaped ? at + 1 : at];
  if (character === undefined || (!isEscaped && (character === '-' || character === ']'))) return null;
  return { character, next: isEscaped ? at + 2 : at + 1 };
}

/** After a mismatch only the last run grows: what came before it is as short as it can be. No pattern is slow. */
function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at] = [0, 0];
  let run: { readonly token: number; at: number } | null = null;
  while (at < name.length) {
    const now = tokens[token];
    if (now?.kind === 'run') {
      run = { token: token + 1, at };
      token += 1;
    } else if (now?.takes(name[at] ?? '') === true) {
      token += 1;
      at += 1;
    } else if (run !== null) {
      run.at += 1;
      [token, at] = [run.token, run.at];
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'run');
}

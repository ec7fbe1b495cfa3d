import type { FileProblem } from '../text/file-problem.ts';
import type { Path } from '../yaml/path.ts';
import type { Plain } from '../yaml/plain.ts';
import type { PlacedValue } from './placed-value.ts';

/** A list of 15,000 targets with labels has some 100,000 values; a text of 32 MiB could have ten millions. */
const MOST_VALUES = 1_000_000;
/** The reader recurses; a target list has four levels. */
const DEEPEST = 100;
/** A script that repeats a key does so in every entry. */
const MOST_PROBLEMS = 100;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** Offsets of the key and of the value. */
type Place = { readonly key: number; readonly value: number };

/**
 * Reads JSON as RFC 8259 has it and remembers where everything stands. A key that stands twice is a problem, not a choice.
 * Never throws for anything in the text. Maps have no prototype.
 */
export function readJson(text: string, file: string): PlacedValue {
  const reader = new JsonReader(text, file);
  const root = reader.readAll();
  return {
    root,
    problems: reader.problems,
    problemAt: (path, message) => reader.problemAt(reader.find(path).value, message),
    problemAtKey: (path, message) => reader.problemAt(reader.find(path).key, message),
  };
}

class JsonReader {
  readonly problems: FileProblem[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #places = new WeakMap<object, Map<string | number, Place>>();
  #root: Plain = null;
  #start = 0;
  #at = 0;
  #values = 0;
  #isBroken = false;
  /** Made with the first problem. */
  #lineStarts: readonly number[] | null = null;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  /** Undefined: there is nothing, or it is no JSON, which is then a problem. */
  readAll(): Plain | undefined {
    this.#skipSpace();
    if (this.#at === this.#text.length) return undefined;
    this.#start = this.#at;
    this.#root = this.#readValue(0);
    this.#skipSpace();
    if (!this.#isBroken && this.#at < this.#text.length) this.#fail('something stands behind the end of the list');
    return this.#isBroken ? undefined : this.#root;
  }

  problemAt(offset: number, message: string): FileProblem {
    this.#lineStarts ??= lineStartsOf(this.#text);
    let [line, after] = [0, this.#lineStarts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    const column = offset - (this.#lineStarts[line] ?? 0) + 1;
    return { file: this.#file, line: line + 1, column, message };
  }

  /** The place under a path, or the last one passed on the way. */
  find(path: Path): Place {
    let place: Place = { key: this.#start, value: this.#start };
    let here: Plain | undefined = this.#root;
    for (const step of path) {
      if (typeof here !== 'object' || here === null) return place;
      const next = this.#places.get(here)?.get(step);
      if (next === undefined) return place;
      place = next;
      here = (here as Readonly<Record<string | number, Plain>>)[step];
    }
    return place;
  }

  #readValue(depth: number): Plain {
    this.#values += 1;
    if (this.#values > MOST_VALUES) return this.#fail(`more than ${MOST_VALUES} values stand here; split the list`);
    if (depth > DEEPEST) return this.#fail(`nested more than ${DEEPEST} levels deep`);
    const first = this.#text[this.#at];
    if (first === '[') return this.#readList(depth);
    if (first === '{') return this.#readMap(depth);
    if (first === '"') return this.#readString();
    const word = this.#match(WORD);
    if (word !== null) return WORDS[word] ?? null;
    const number = this.#match(NUMBER);
    if (number !== null) return Number(number);
    return this.#fail(this.#at === this.#text.length ? 'the text ends here; expected a value' : 'expected a value');
  }

  #readList(depth: number): Plain {
    const values: Plain[] = [];
    const places = new Map<string | number, Place>();
    this.#places.set(values, places);
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(']')) return values;
    for (;;) {
      places.set(values.length, { key: this.#at, value: this.#at });
      values.push(this.#readValue(depth + 1));
      if (this.#isBroken) return null;
      this.#skipSpace();
      if (this.#take(']')) return values;
      if (!this.#take(',')) return this.#fail('expected , or ]');
      this.#skipSpace();
    }
  }

  #readMap(depth: number): Plain {
    const values = Object.create(null) as Record<string, Plain>;
    const places = new Map<string | number, Place>();
    this.#places.set(values, places);
    this.#at += 1;
    this.#skipSpace();
    if (this.#take('}')) return values;
    for (;;) {
      this.#readPair(values, places, depth);
      if (this.#isBroken) return null;
      this.#skipSpace();
      if (this.#take('}')) return values;
      if (!this.#take(',')) return this.#fail('expected , or }');
      this.#skipSpace();
    }
  }

  #readPair(values: Record<string, Plain>, places: Map<string | number, Place>, depth: number): void {
    const at = this.#at;
    if (this.#text[at] !== '"') return void this.#fail('expected a key in double quotes');
    const key = this.#readString();
    if (key === null) return;
    this.#skipSpace();
    if (!this.#take(':')) return void this.#fail('expected : behind the key');
    this.#skipSpace();
    const first = places.get(key);
    if (first !== undefined && this.problems.length < MOST_PROBLEMS) {
      const { line } = this.problemAt(first.key, '');
      this.problems.push(
        this.problemAt(at, `the key "${key}" stands here a second time; the first is on line ${line}`),
      );
    } else if (first === undefined) places.set(key, { key: at, value: this.#at });
    const value = this.#readValue(depth + 1);
    if (first === undefined) values[key] = value;
  }

  /** Null: it is no string, which is then a problem. */
  #readString(): string | null {
    const start = this.#at;
    let hasEscape = false;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return hasEscape ? this.#unescape(start) : this.#text.slice(start + 1, at);
      }
      if (code === BACKSLASH) {
        hasEscape = true;
        at += 1;
      } else if (code < FIRST_PRINTABLE) {
        this.#at = at;
        this.#fail('a control character stands in a string; write it as an escape');
        return null;
      }
    }
    this.#at = start;
    this.#fail('the string that begins here has no end');
    return null;
  }

  /** The runtime knows the escapes. Half a surrogate pair is no character; Go's decoder replaces it, too. */
  #unescape(start: number): string | null {
    try {
      return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#at = start;
      this.#fail('the string that begins here has an escape that JSON does not know');
      return null;
    }
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #fail(message: string): null {
    if (!this.#isBroken) this.problems.push(this.problemAt(this.#at, `not valid JSON: ${message}`));
    this.#isBroken = true;
    return null;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

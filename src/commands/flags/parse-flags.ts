import { parseArgs } from 'node:util';
import type { Flag } from './flag.ts';
import { nearestWord } from '../../text/nearest-word.ts';

/** Flags by name, without the dashes. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K]['fallback'] };

export type ParsedFlags<F extends Flags> =
  | { readonly kind: 'parsed'; readonly values: FlagValues<F>; readonly operands: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** A sentence for the person who typed it: which flag, what is wrong, what was expected. */
  | { readonly kind: 'misused'; readonly message: string };

type Misuse = { readonly kind: 'misused'; readonly message: string };
type OptionToken = {
  readonly kind: 'option';
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
};

/** Known to every command. */
const COMMON = ['help', 'version'];

/**
 * Reads the arguments after the command strictly: every flag must be known, have its value, and stand once unless it is
 * repeatable. `--flag=value` and `--flag value` are the same; after `--` all is operand. `--help` wins over what is wrong.
 */
export function parseFlags<F extends Flags>(flags: F, args: readonly string[]): ParsedFlags<F> {
  const tokens = tokenize(flags, args);
  const options = tokens.filter((token) => token.kind === 'option');
  if (options.some(({ rawName }) => rawName === '--help' || rawName === '-h')) return { kind: 'help' };
  const given = new Map<string, string[]>();
  for (const option of options) {
    const misuse = usageError(flags, option) ?? addValue(flags, given, option);
    if (misuse !== null) return misuse;
  }
  if (given.has('version')) return { kind: 'version' };
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const texts = given.get(name);
    const read = texts === undefined ? { kind: 'value' as const, value: flag.fallback } : flag.read(texts);
    if (read.kind === 'unreadable') return misused(`--${name} is "${texts?.join(', ')}", expected ${read.wanted}`);
    values[name] = read.value;
  }
  const operands = tokens.filter((token) => token.kind === 'positional').map(({ value }) => value);
  return { kind: 'parsed', values: values as FlagValues<F>, operands };
}

function tokenize(flags: Flags, args: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: boolean }> = {};
  for (const [name, { placeholder }] of Object.entries(flags)) {
    options[name] = { type: placeholder === null ? 'boolean' : 'string', multiple: true };
  }
  for (const name of COMMON) options[name] = { type: 'boolean', multiple: true };
  return parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}

function usageError(flags: Flags, { name, rawName, value, inlineValue }: OptionToken): Misuse | null {
  const positive = negated(flags, name);
  if (positive !== null) return value === undefined ? null : misused(`${rawName} takes no value`);
  if (COMMON.includes(name)) return value === undefined ? null : misused(`${rawName} takes no value`);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined || !rawName.startsWith('--')) return unknownFlag(flags, rawName);
  if (flag.placeholder === null) return null;
  // A flag name where a value should be is a forgotten value; one that really starts with a dash is written --flag=-value.
  if (value === undefined || (inlineValue !== true && value.startsWith('-') && value.length > 1)) {
    return misused(`${rawName} needs a value: ${rawName}=${flag.placeholder}`);
  }
  return null;
}

function unknownFlag(flags: Flags, rawName: string): Misuse {
  const meant = nearestWord(rawName, [...Object.keys(flags), ...COMMON]);
  return misused(`unknown flag ${rawName}${meant === null ? '' : `; did you mean --${meant}?`}`);
}

function addValue(flags: Flags, given: Map<string, string[]>, option: OptionToken): Misuse | null {
  const positive = negated(flags, option.name);
  const name = positive ?? option.name;
  const texts = given.get(name) ?? [];
  if (texts.length > 0 && flags[name]?.repeatable === false) return misused(`--${name} is given more than once`);
  texts.push(positive === null ? (option.value ?? '') : 'false');
  given.set(name, texts);
  return null;
}

/** The switch that `--no-NAME` turns off, null for any other name. */
function negated(flags: Flags, name: string): string | null {
  const positive = name.startsWith('no-') ? name.slice(3) : null;
  return positive !== null && Object.hasOwn(flags, positive) && flags[positive]?.placeholder === null ? positive : null;
}

function misused(message: string): Misuse {
  return { kind: 'misused', message };
}

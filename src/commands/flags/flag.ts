import { formatDuration, parseDuration } from '../../text/duration.ts';

/** What one flag takes, means and defaults to. Parsing, help and error messages all come from here. */
export type Flag<T> = {
  /** How the value is called in the help; null: a switch, which takes none. */
  readonly placeholder: string | null;
  readonly repeatable: boolean;
  /** The value when the flag is not given. */
  readonly fallback: T;
  /** The default as the help shows it; empty: there is none worth showing. */
  readonly defaultText: string;
  readonly help: string;
  /** What a shell may complete its value with; absent: nothing is known. */
  readonly completes?: 'files' | readonly string[];
  readonly read: (texts: readonly string[]) => FlagValue<T>;
};

/** `wanted` completes "expected ...". */
export type FlagValue<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly wanted: string };

/** A flag that takes any text. */
export function textFlag<T extends string | null>(fallback: T, placeholder: string, help: string): Flag<string | T> {
  return {
    placeholder,
    repeatable: false,
    fallback,
    defaultText: fallback ?? '',
    help,
    read: ([text = '']) =>
      text === '' ? { kind: 'unreadable', wanted: `a ${placeholder.toLowerCase()}` } : { kind: 'value', value: text },
  };
}

/** The path of a file. */
export function fileFlag(help: string): Flag<string | null> {
  return { ...textFlag(null, 'FILE', help), completes: 'files' };
}

/** A text that the rules of the configuration check. `defaultText` is what holds where it is not given. */
export function settingFlag(placeholder: string, help: string, defaultText: string = ''): Flag<string | null> {
  return { ...textFlag(null, placeholder, help), defaultText };
}

/** A flag that may be given several times; giving it once replaces the default. */
export function listFlag(fallback: readonly string[], placeholder: string, help: string): Flag<readonly string[]> {
  return {
    placeholder,
    repeatable: true,
    fallback,
    defaultText: fallback.join(', '),
    help: `${help} Repeatable.`,
    read: (texts) => ({ kind: 'value', value: texts }),
  };
}

/** A Prometheus duration, in milliseconds. */
export function durationFlag<T extends number | null>(fallback: T, help: string): Flag<number | T> {
  return {
    placeholder: 'DURATION',
    repeatable: false,
    fallback,
    defaultText: fallback === null ? '' : formatDuration(fallback),
    help,
    read: ([text = '']) => {
      const milliseconds = parseDuration(text);
      if (milliseconds === null) return { kind: 'unreadable', wanted: 'a duration like 500ms, 15s or 1h30m' };
      return { kind: 'value', value: milliseconds };
    },
  };
}

/** A whole number from `least` to `most`. */
export function numberFlag(
  { least, most, placeholder }: { readonly least: number; readonly most: number; readonly placeholder: string },
  help: string,
): Flag<number | null> {
  return {
    placeholder,
    repeatable: false,
    fallback: null,
    defaultText: '',
    help,
    read: ([text = '']) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
      if (value >= least && value <= most) return { kind: 'value', value };
      return { kind: 'unreadable', wanted: `a whole number from ${least} to ${most}` };
    },
  };
}

/** One of a few words; the first is the default. */
export function choiceFlag<T extends string>(fallback: T, choices: readonly T[], help: string): Flag<T> {
  return {
    placeholder: choices.join('|'),
    repeatable: false,
    fallback,
    defaultText: fallback,
    help,
    completes: choices,
    read: ([text = '']) => {
      const value = choices.find((choice) => choice === text);
      if (value === undefined) return { kind: 'unreadable', wanted: `one of ${choices.join(', ')}` };
      return { kind: 'value', value };
    },
  };
}

/** Some of a few words, separated by commas; none is the default. */
export function setFlag<T extends string>(choices: readonly T[], help: string): Flag<readonly T[]> {
  return {
    placeholder: choices.join(','),
    repeatable: false,
    fallback: [],
    defaultText: '',
    help,
    completes: choices,
    read: ([text = '']) => {
      const values = text.split(',').map((word) => choices.find((choice) => choice === word));
      if (values.every((value) => value !== undefined)) return { kind: 'value', value: [...new Set(values)] };
      return { kind: 'unreadable', wanted: `one or more of ${choices.join(', ')}, separated by commas` };
    },
  };
}

/** A flag that is on when it is given; `--no-NAME` and `--NAME=false` turn it off again. */
export function switchFlag(help: string): Flag<boolean> {
  return {
    placeholder: null,
    repeatable: false,
    fallback: false,
    defaultText: '',
    help,
    read: ([text = '']) => {
      if (text === 'true' || text === '') return { kind: 'value', value: true };
      if (text === 'false') return { kind: 'value', value: false };
      return { kind: 'unreadable', wanted: 'true or false, or no value' };
    },
  };
}

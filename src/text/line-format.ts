import { quoted } from './safe-text.ts';

/** Fields of one line, in the order they are written. Undefined ones are left out. */
export type LineFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** How a line of the log is written. */
export type LineFormat = 'logfmt' | 'json';

/** What needs no quotes in logfmt: no space, quote, equals sign, control or non-ASCII character. */
const PLAIN = /^[!#-<>-[\]-~]+$/;
const KEY = /[^A-Za-z0-9_.-]/g;

/**
 * One line without its newline. Whatever the values hold, it stays one line and its fields stay apart: logfmt values are
 * quoted as JSON strings where needed, and control characters are escaped in both formats.
 */
export function formatLine(format: LineFormat, fields: LineFields): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  switch (format) {
    case 'logfmt':
      return entries.map(([key, value]) => `${key.replace(KEY, '_')}=${logfmtValue(String(value))}`).join(' ');
    case 'json':
      return `{${entries.map(([key, value]) => `${quoted(key)}:${jsonValue(value)}`).join(',')}}`;
  }
}

function logfmtValue(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}

function jsonValue(value: string | number | boolean | undefined): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

import { quoted } from './safe-text.ts';

/** A value of a line. A map of texts is an object in JSON; in logfmt each of them is a field. */
export type LineValue = string | number | boolean | Readonly<Record<string, string>>;

/**
 * Fields of one line, in the order they are written. Undefined ones are left out. `labels`, the only map, is `label.NAME=`
 * for each label in logfmt.
 */
export type LineFields = Readonly<Record<string, LineValue | undefined>>;

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
      return entries.map(([key, value]) => logfmtField(key, value)).join(' ');
    case 'json':
      return jsonObject(entries);
  }
}

function logfmtField(key: string, value: LineValue | undefined): string {
  if (typeof value !== 'object') return `${key.replace(KEY, '_')}=${logfmtValue(String(value))}`;
  return Object.entries(value)
    .map(([name, text]) => logfmtField(`label.${name}`, text))
    .join(' ');
}

function logfmtValue(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}

function jsonValue(value: LineValue | undefined): string {
  if (typeof value === 'object') return jsonObject(Object.entries(value));
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function jsonObject(entries: readonly (readonly [string, LineValue | undefined])[]): string {
  return `{${entries.map(([key, value]) => `${quoted(key)}:${jsonValue(value)}`).join(',')}}`;
}

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
  switch (format) {
    case 'logfmt':
      return logfmtLine(fields);
    case 'json':
      return jsonObject(fields);
  }
}

// In a storm of ends a fifth of the work is lines: no lists of entries, one string that grows.

function logfmtLine(fields: LineFields): string {
  let line = '';
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined) continue;
    if (line !== '') line += ' ';
    line += typeof value === 'object' ? labelFields(value) : logfmtField(key, value);
  }
  return line;
}

function labelFields(labels: Readonly<Record<string, string>>): string {
  let fields = '';
  for (const name in labels) fields += `${fields === '' ? '' : ' '}${logfmtField(`label.${name}`, labels[name] ?? '')}`;
  return fields;
}

function logfmtField(key: string, value: string | number | boolean): string {
  const text = String(value);
  return `${key.replace(KEY, '_')}=${PLAIN.test(text) ? text : quoted(text)}`;
}

function jsonObject(fields: LineFields): string {
  let object = '{';
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined) continue;
    if (object !== '{') object += ',';
    object += `${quoted(key)}:${jsonValue(value)}`;
  }
  return `${object}}`;
}

function jsonValue(value: LineValue): string {
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? jsonObject(value) : JSON.stringify(value);
}

import { quoted, safeJson } from './safe-text.ts';

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
 * One line without its newline, of these fields and then of those: to put many into one object first makes as much garbage as
 * all else that is done about an end. Whatever the values hold, it stays one line and its fields stay apart: logfmt values are
 * quoted as JSON strings where needed, and control characters are escaped in both formats.
 */
export function formatLine(format: LineFormat, fields: LineFields, more: LineFields = {}): string {
  switch (format) {
    case 'logfmt':
      return logfmtFields(logfmtFields('', fields), more);
    case 'json':
      return joined(safeJson(fields), safeJson(more));
  }
}

// In a storm of ends a fifth of the work is lines, and in JSON the runtime writes a whole one: each part of a string that grows is
// an object of its own.

function logfmtFields(before: string, fields: LineFields): string {
  let line = before;
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

/** Two JSON objects as one. */
function joined(one: string, other: string): string {
  if (other === '{}') return one;
  return one === '{}' ? other : `${one.slice(0, -1)},${other.slice(1)}`;
}

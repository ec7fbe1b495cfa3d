import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLine, type LineFields } from '../../../src/text/line-format.ts';

const FIELDS: LineFields = { time: 'T', level: undefined, msg: 'two words', peers: 3, ok: false };

test('fields are written in their order, those without a value left out', () => {
  expect(formatLine('logfmt', FIELDS)).toBe('time=T msg="two words" peers=3 ok=false');
  expect(formatLine('json', FIELDS)).toBe('{"time":"T","msg":"two words","peers":3,"ok":false}');
});

test('a line without fields is still one', () => {
  expect(formatLine('logfmt', {})).toBe('');
  expect(formatLine('json', {})).toBe('{}');
});

test('further fields come behind the first, of which there may be none', () => {
  expect(formatLine('logfmt', { a: 1 }, { b: 2, c: undefined, d: 'x' })).toBe('a=1 b=2 d=x');
  expect(formatLine('json', { a: 1 }, { b: 2, c: undefined, d: { e: 'f' } })).toBe('{"a":1,"b":2,"d":{"e":"f"}}');
  expect(formatLine('json', { a: undefined }, { b: 2 })).toBe('{"b":2}');
  expect(formatLine('logfmt', {}, { b: 2 })).toBe('b=2');
});

describe('a logfmt value is quoted where it must be', () => {
  test.each(['a', '192.0.2.7:6379', '[::1]:1', '!#$%&(),;<>?@^_`{|}~', '-1.5'])('%s needs no quotes', (value) => {
    expect(formatLine('logfmt', { key: value })).toBe(`key=${value}`);
  });

  test.each([
    { value: '', written: '""' },
    { value: ' ', written: '" "' },
    { value: 'a b', written: '"a b"' },
    { value: ' a', written: '" a"' },
    { value: 'a ', written: '"a "' },
    { value: 'a=b', written: '"a=b"' },
    { value: 'a"', written: String.raw`"a\""` },
    { value: 'a\\', written: String.raw`"a\\"` },
    { value: 'a\nlevel=error', written: String.raw`"a\nlevel=error"` },
    { value: 'a\u007f', written: String.raw`"a\u007f"` },
    { value: 'büro', written: '"büro"' },
  ])('$written', ({ value, written }) => {
    expect(formatLine('logfmt', { key: value })).toBe(`key=${written}`);
  });
});

test('a key cannot end a logfmt field early: what is no letter, digit or one of _ . - becomes an underscore', () => {
  expect(formatLine('logfmt', { 'aZ09_.-': 1, 'a b="c"': 2, ü: 3 })).toBe('aZ09_.-=1 a_b__c_=2 _=3');
});

test('labels are an object in JSON and fields of their own in logfmt, names and values escaped in both', () => {
  const fields = { peer: 'p', labels: { team: 'pay ments', tier: '1', 'x"y\n': '\u202e"\\\n' }, reason: 'fin' };
  expect(formatLine('logfmt', fields)).toBe(
    String.raw`peer=p label.team="pay ments" label.tier=1 label.x_y_="\u202e\"\\\n" reason=fin`,
  );
  expect(formatLine('json', fields)).toBe(
    String.raw`{"peer":"p","labels":{"team":"pay ments","tier":"1","x\"y\n":"\u202e\"\\\n"},"reason":"fin"}`,
  );
});

test('json escapes what is not safe on a terminal, in keys too, and keeps the types of values', () => {
  const line = formatLine('json', { 'k\u202e': 'v\u0085"', number: 1.5, yes: true });
  expect(line).toBe(String.raw`{"k\u202e":"v\u0085\"","number":1.5,"yes":true}`);
});

test('whatever the values hold, both formats stay one line and the values can be read back', () => {
  const special = fc.constantFrom(' ', '"', '=', '\\', '\n', '\u001b', '\u2028', 'ü', 'a', 'b');
  const text = fc.string({ unit: special, maxLength: 8 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const json = formatLine('json', { a, b });
      expect(JSON.parse(json)).toEqual({ a, b });
      const logfmt = formatLine('logfmt', { a, b });
      const value = String.raw`("(?:[^"\\]|\\.)*"|[^\s"=]+)`;
      const parts = new RegExp(`^a=${value} b=${value}$`, 'u').exec(logfmt)?.slice(1) ?? [];
      expect(parts.map((part) => (part.startsWith('"') ? (JSON.parse(part) as string) : part))).toEqual([a, b]);
    }),
  );
});

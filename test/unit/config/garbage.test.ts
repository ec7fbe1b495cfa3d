import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load-config.ts';
import type { FileContent } from '../../../src/files/file-content.ts';

const nothingThere = (): FileContent => ({ kind: 'unreadable', why: 'ENOENT' });

/** What is strange about the verdict on a text; null: it was loaded, or refused with problems placed inside the text. */
function strangeAbout(text: string): string | null {
  const result = parseConfig(text, 'f.yml', nothingThere);
  if (result.kind === 'loaded') return null;
  if (result.problems.length === 0) return 'refused without a problem';
  const lines = text.split(/\r\n|\n|\r/).length;
  const astray = result.problems.find(
    ({ line = 0, column = 0, message }) => line < 1 || line > lines + 1 || column < 1 || message === '',
  );
  return astray === undefined ? null : `astray: ${JSON.stringify(astray)}`;
}

/** Any code points, half surrogates too. Cheaper than fc.string(), which prepares a table of code points first. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength: 40 })
  .map((codes) => String.fromCodePoint(...codes));

const KEYS = 'groups global name tls heartbeat send expect static_configs targets labels tracing'.split(' ');
const MARKS = '-_|:_|[|]|{|}|,|&a_|*a|<<|!|!!binary|>|"|\'|#|?_|---|...|%YAML 1.1|\\|\\xff|5s|1|null|~|off|__proto__';
const WORDS = [
  ...KEYS,
  ...MARKS.split('|').map((mark) => mark.replace('_', ' ')),
  '|',
  '\n',
  '\n  ',
  '\n    ',
  '\t',
  '\u0000',
  '\uD800',
  '\uFEFF',
];

test('any text gives problems or a configuration, never an exception', () => {
  const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((parts) => parts.join(''));
  const text = fc.oneof(anyText, words);
  fc.assert(
    fc.property(text, (written) => {
      expect(strangeAbout(written)).toBeNull();
    }),
    { numRuns: 1500 },
  );
});

test('any shape of data under the known keys gives problems or a configuration, never an exception', () => {
  const more = 'keepalive reconnect idle_timeout interval timeout send_file'.split(' ');
  const key = fc.constantFrom(...KEYS, ...more);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      tie('leaf'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
    leaf: fc.oneof(
      fc.constantFrom('1s', 'off', '', 'a:1', 'PING\\r\\n', null, true, 5),
      anyText,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  }));
  const text = tree.map((data) => JSON.stringify({ groups: [data], global: data, tracing: data }));
  fc.assert(
    fc.property(text, (written) => {
      expect(strangeAbout(written)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test('a file cut short or with one character changed gives problems or a configuration, never an exception', () => {
  const good = join(import.meta.dirname, 'good');
  const files = readdirSync(good).filter((name) => name.endsWith('.yml'));
  const text = fc.constantFrom(...files.map((name) => readFileSync(join(good, name), 'utf8')));
  const damage = fc.record({ text, at: fc.nat(), word: fc.constantFrom('', ...WORDS), cut: fc.boolean() });
  const damaged = damage.map((one) => {
    const place = one.at % one.text.length;
    return one.text.slice(0, place) + one.word + (one.cut ? '' : one.text.slice(place + 1));
  });
  fc.assert(
    fc.property(damaged, (written) => {
      expect(strangeAbout(written)).toBeNull();
    }),
    { numRuns: 300 },
  );
});

import { expect, test } from 'vitest';
import { namesIn, parseSendTemplate } from '../../../src/text/send-template.ts';

const bytes = (text: string) => ({ kind: 'bytes', bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const value = (name: string) => ({ kind: 'value', name });

test.each([
  ['NOOP\\r\\n', [bytes('NOOP\r\n')]],
  ['', []],
  ['USER ${username}\\r\\n', [bytes('USER '), value('username'), bytes('\r\n')]],
  ['${a}${b}', [value('a'), value('b')]],
  [
    'AUTH PLAIN ${base64:\\x00${username}\\x00${password}}\\r\\n',
    [
      bytes('AUTH PLAIN '),
      { kind: 'base64', parts: [bytes('\0'), value('username'), bytes('\0'), value('password')] },
      bytes('\r\n'),
    ],
  ],
  ['${quoted:${base64:x}}', [{ kind: 'quoted', parts: [{ kind: 'base64', parts: [bytes('x')] }] }]],
  ['a } b $ {', [bytes('a } b $ {')]],
  ['${base64:a\\x7db}', [{ kind: 'base64', parts: [bytes('a}b')] }]],
  ['\\x24{x}', [bytes('${x}')]],
])('%j is read', (text, parts) => {
  const read = parseSendTemplate(text);
  expect(read).toEqual({ kind: 'template', parts: parts.map((part) => expect.objectContaining(part)) });
});

test.each([
  ['a ${', 'begins nothing'],
  ['${}', 'begins nothing'],
  ['${1}', 'begins nothing'],
  ['${HOME:-x}', 'begins nothing'],
  ['${a', 'begins nothing'],
  ['${base64:a', 'without its }'],
  ['${hex:a}', 'known are ${NAME}, ${base64:...} and ${quoted:...}'],
  ['\\q', 'unknown escape'],
  ['${base64:\\q}', 'unknown escape'],
  ['${quoted:'.repeat(6) + '}'.repeat(6), 'more than 4 forms'],
])('%j is refused: %s', (text, message) => {
  expect(parseSendTemplate(text)).toEqual({ kind: 'invalid', message: expect.stringContaining(message) });
});

test('the names of a template are those at any depth, once each', () => {
  const read = parseSendTemplate('${a}${base64:${b}${quoted:${a}}}');
  expect(read.kind === 'template' && namesIn(read.parts)).toEqual(['a', 'b']);
});

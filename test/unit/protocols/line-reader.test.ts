import { expect, test } from 'vitest';
import { LineReader } from '../../../src/protocols/line-reader.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('what no line has taken is taken once, and the line that had begun is dropped with it', () => {
  const lines = new LineReader();
  lines.feed(bytes('+OK\r\nbeg'));
  expect(lines.next()).toEqual({ kind: 'line', text: '+OK' });
  expect(lines.next()).toEqual({ kind: 'more' });
  expect(lines.begun).toEqual(bytes('beg'));
  lines.feed(bytes('un\n'));
  expect(lines.takeRest()).toEqual(bytes('un\n'));
  expect(lines.begun).toHaveLength(0);
  expect(lines.takeRest()).toHaveLength(0);
  lines.feed(bytes('next\n'));
  expect(lines.next()).toEqual({ kind: 'line', text: 'next' });
});

test('a line that comes in two pieces is whole', () => {
  const reader = new LineReader();
  reader.feed(Buffer.from('ab'));
  expect(reader.next()).toEqual({ kind: 'more' });
  reader.feed(Buffer.from('cd\r\nef\n'));
  expect([reader.next(), reader.next()]).toEqual([
    { kind: 'line', text: 'abcd' },
    { kind: 'line', text: 'ef' },
  ]);
});

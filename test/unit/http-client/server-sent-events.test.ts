import { expect, test } from 'vitest';
import { ServerSentEvents } from '../../../src/http-client/server-sent-events.ts';

const TEXT =
  'retry: 1000\n\nid: 7\n\n: still here\nid: 8\n\ndata: {"a":1}\n\r\nid:9\r\nevent: burst\r\ndata: one\r\ndata:two\r\n\r\nevent: gap\ndata: x\n\ndata';
const MESSAGES = [
  { event: 'message', id: '7', data: null },
  { event: 'message', id: '8', data: null },
  { event: 'message', id: '8', data: '{"a":1}' },
  { event: 'burst', id: '9', data: 'one\ntwo' },
  { event: 'gap', id: '9', data: 'x' },
];

test.each([1, 2, 3, 7, 1000])('a stream in pieces of %d characters gives its messages', (length) => {
  const events = new ServerSentEvents();
  const pieces = Array.from({ length: Math.ceil(TEXT.length / length) }, (_, at) =>
    TEXT.slice(at * length, (at + 1) * length),
  );
  expect(pieces.flatMap((piece) => events.push(piece))).toEqual(MESSAGES);
});

test('a message without data and id is none, and an id with a null character is no id', () => {
  const events = new ServerSentEvents();
  expect(events.push('id: 1\ndata: a\n\nevent: x\n\nid: 2\0\ndata: b\n\n')).toEqual([
    { event: 'message', id: '1', data: 'a' },
    { event: 'message', id: '1', data: 'b' },
  ]);
});

test('a message that does not end is given up, in one line or in many', () => {
  expect(new ServerSentEvents().push('x'.repeat(1024 * 1024 + 1))).toBeNull();
  const events = new ServerSentEvents();
  const pushed = Array.from({ length: 2000 }, () => events.push(`data: ${'x'.repeat(600)}\n`));
  expect(pushed.at(-1)).toBeNull();
  expect(pushed[0]).toEqual([]);
});

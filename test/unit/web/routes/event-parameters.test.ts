import { describe, expect, test } from 'vitest';
import { parseEventParameters } from '../../../../src/web/routes/event-parameters.ts';

const parse = (query: string) => parseEventParameters(new URLSearchParams(query));

test.each([
  { query: '', expected: { limit: 100 } },
  { query: 'limit=1', expected: { limit: 1 } },
  { query: 'since_id=7237000000000001', expected: { sinceId: 7_237_000_000_000_001, limit: 100 } },
  { query: 'limit=1000', expected: { limit: 1000 } },
  {
    query: 'group=a&peer=h:1&class=idle_timeout&limit=5',
    expected: { group: 'a', peer: 'h:1', class: 'idle_timeout', limit: 5 },
  },
  { query: 'peer=%5B2001%3Adb8%3A%3A7%5D%3A6379', expected: { peer: '[2001:db8::7]:6379', limit: 100 } },
])('?$query asks for $expected', ({ query, expected }) => {
  expect(parse(query)).toEqual({ kind: 'query', query: expected });
});

describe('refused', () => {
  test.each([
    { query: 'limit=0', message: 'limit "0": expected a whole number from 1 to 1000' },
    { query: 'limit=1001', message: 'limit "1001": expected a whole number from 1 to 1000' },
    { query: 'since_id=-1', message: 'since_id "-1": expected the id of an event' },
    { query: 'since_id=', message: 'since_id "": expected the id of an event' },
    { query: 'since_id=12345678901234567', message: 'since_id "12345678901234567": expected the id of an event' },
    { query: 'limit=', message: 'limit "": expected a whole number from 1 to 1000' },
    { query: 'limit=1.5', message: 'limit "1.5": expected a whole number from 1 to 1000' },
    { query: 'limit=-1', message: 'limit "-1": expected a whole number from 1 to 1000' },
    { query: 'limit=1e2', message: 'limit "1e2": expected a whole number from 1 to 1000' },
    { query: 'limit=1&limit=2', message: 'parameter limit is given more than once' },
    { query: 'class=reset', message: 'class "reset": expected one of eof, error, idle_timeout' },
    { query: 'class=', message: 'class "": expected one of eof, error, idle_timeout' },
    { query: 'group=', message: 'group is empty: leave it out to get all groups' },
    { query: 'peer=', message: 'peer is empty: leave it out to get all peers' },
    { query: 'gruop=a', message: 'unknown parameter "gruop": expected group, peer, class, type, since_id, limit' },
    {
      query: '__proto__=a',
      message: 'unknown parameter "__proto__": expected group, peer, class, type, since_id, limit',
    },
  ])('?$query: $message', ({ query, message }) => {
    expect(parse(query)).toEqual({ kind: 'invalid', message });
  });

  test('a long value is shortened in the message', () => {
    const answer = parse(`class=${'x'.repeat(10_000)}`);
    expect(answer).toMatchObject({ kind: 'invalid', message: expect.stringMatching(/^.{60,120}$/) as unknown });
  });
});

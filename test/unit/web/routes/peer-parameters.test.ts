import { describe, expect, test } from 'vitest';
import { ALL_PEERS } from '../../../../src/sinks/status/peer-query.ts';
import { parsePeerParameters } from '../../../../src/web/routes/peer-parameters.ts';

const parse = (query: string) => parsePeerParameters(new URLSearchParams(query));

test.each([
  { query: '', asks: {} },
  { query: 'group=a&peer=h:1', asks: { group: 'a', peer: 'h:1' } },
  { query: 'state=retired&class=idle_timeout', asks: { state: 'retired', class: 'idle_timeout' } },
  { query: 'offset=0&limit=1', asks: { offset: 0, limit: 1 } },
  { query: 'offset=15000&limit=100', asks: { offset: 15_000, limit: 100 } },
  {
    query: 'label.team=a%20b&label.__proto__=c',
    asks: {
      labels: [
        ['team', 'a b'],
        ['__proto__', 'c'],
      ],
    },
  },
])('?$query asks for $asks', ({ query, asks }) => {
  expect(parse(query)).toEqual({ kind: 'query', query: { ...ALL_PEERS, ...asks } });
});

describe('refused', () => {
  const known = 'expected group, peer, state, class, offset, limit, label.NAME';
  test.each([
    { query: 'gruop=a', message: `unknown parameter "gruop": ${known}` },
    { query: 'label.=a', message: `unknown parameter "label.": ${known}` },
    { query: 'team=a', message: `unknown parameter "team": ${known}` },
    { query: 'group=a&group=b', message: 'parameter "group" is given more than once' },
    { query: 'label.team=a&label.team=b', message: 'parameter "label.team" is given more than once' },
    { query: 'group=', message: '"group" is empty: leave it out to get all' },
    { query: 'class=reset', message: 'class "reset": expected one of eof, error, idle_timeout' },
    { query: 'limit=0', message: 'limit "0": expected a whole number from 1' },
    { query: 'limit=1e3', message: 'limit "1e3": expected a whole number from 1' },
    { query: 'offset=-1', message: 'offset "-1": expected a whole number' },
  ])('?$query: $message', ({ query, message }) => {
    expect(parse(query)).toEqual({ kind: 'invalid', message });
  });

  test('a state that does not exist, with those that do', () => {
    expect(parse('state=up')).toMatchObject({
      message: expect.stringMatching(/^state "up": expected one of backoff, /),
    });
  });

  test('a long value is shortened in the message', () => {
    expect(parse(`class=${'x'.repeat(10_000)}`)).toMatchObject({ message: expect.stringMatching(/^.{60,120}$/) });
  });
});

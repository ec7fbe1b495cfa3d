import { describe, expect, test } from 'vitest';
import { clientRows, type ClientRow } from './clients/client-rows.ts';
import { judgeClient, type ClientRecord } from './clients/judge-clients.ts';

const row = (id: string): ClientRow => clientRows('pgx-pool').find((one) => one.id === id)!;

const end = { class: 'error', reason: 'reset', errno: 'ECONNRESET', pid: 7, executable: 'redis-cli' };
const reset: ClientRecord = {
  pid: 7,
  exitCode: 1,
  said: 'Error: Connection reset by peer\n',
  ends: [end],
  byReason: new Map([['error/reset', 1]]),
  byClass: 1,
  connects: 1,
  held: 0,
};
const fin = { class: 'eof', reason: 'fin', pid: 7, executable: 'psql' };
const leak: ClientRecord = {
  ...reset,
  exitCode: 0,
  said: '1\n',
  ends: [fin],
  byReason: new Map([['eof/fin', 1]]),
};

describe('the judge of real clients finds no fault', () => {
  test.each([
    { when: 'all say the same', id: 'redis-cli-reset', record: reset },
    { when: 'a leak is an eof that nobody saw', id: 'psql-leak', record: leak },
    {
      when: 'some of a pool close at a message, before the server does',
      id: 'go-pgx-pool-server-stops',
      record: {
        ...reset,
        said: 'pgx: FATAL: terminating connection due to administrator command',
        ends: [fin, { ...fin, class: 'local', reason: 'closed' }, fin].map((one) => ({
          ...one,
          executable: 'pgx-pool',
        })),
        byReason: new Map([
          ['eof/fin', 2],
          ['local/closed', 1],
        ]),
        byClass: 3,
        connects: 3,
      },
    },
    {
      when: 'the client hides what it got',
      id: 'psql-reset',
      record: {
        ...reset,
        exitCode: 2,
        said: 'server closed the connection unexpectedly',
        ends: [{ ...end, executable: 'psql' }],
      },
    },
  ])('where $when', ({ id, record }) => expect(judgeClient(row(id), record)).toEqual([]));
});

describe('the judge of real clients finds fault', () => {
  test.each([
    { when: 'an end is missing', change: { ends: [] } },
    { when: 'it ends twice', change: { ends: [end, end] } },
    { when: 'the class is another one', change: { ends: [{ ...end, class: 'local' }] } },
    { when: 'the reason is another one', change: { ends: [{ ...end, reason: 'aborted' }] } },
    { when: 'the errno is another one', change: { ends: [{ ...end, errno: 'EPIPE' }] } },
    { when: 'it was the end of another process', change: { ends: [{ ...end, pid: 8 }] } },
    { when: 'the process has another name', change: { ends: [{ ...end, executable: 'psql' }] } },
    { when: 'another reason was counted', change: { byReason: new Map([['eof/fin', 1]]) } },
    { when: 'a second reason was counted', change: { byReason: new Map([...reset.byReason, ['eof/fin', 1]]) } },
    { when: 'the classes count another number', change: { byClass: 2 } },
    { when: 'a connect was not counted', change: { connects: 0 } },
    { when: 'it counts as held', change: { held: 1 } },
    { when: 'there is no such series', change: { connects: Number.NaN } },
    { when: 'the client says nothing', change: { said: '' } },
    { when: 'the client has other words', change: { said: 'Connection reset by peer' } },
    { when: 'the client names the errno twice', change: { said: `${reset.said}Connection reset by peer\n` } },
    { when: 'the client got another errno', change: { said: 'Error: Connection reset by peer, recv timeout' } },
    { when: 'the client left in another way', change: { exitCode: 0 } },
    { when: 'the client was killed', change: { exitCode: null } },
  ])('where $when', ({ change }) =>
    expect(judgeClient(row('redis-cli-reset'), { ...reset, ...change })).not.toEqual([]),
  );

  test.each([
    { when: 'of a leak the client saw something', change: { said: 'Connection reset by peer' } },
    { when: 'the client of a leak failed', change: { exitCode: 2 } },
  ])('where $when', ({ change }) => expect(judgeClient(row('psql-leak'), { ...leak, ...change })).not.toEqual([]));
});

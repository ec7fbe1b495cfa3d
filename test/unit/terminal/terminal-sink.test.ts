import { describe, expect, test } from 'vitest';
import { CONNECT_FAILURE_REASONS } from '../../../src/domain/connect-failure.ts';
import { DISCONNECT_REASONS } from '../../../src/domain/disconnect.ts';
import type { ConnectFailed, Disconnected } from '../../../src/domain/events/connection-events.ts';
import { TerminalSink } from '../../../src/terminal/terminal-sink.ts';
import { connectionStep } from '../../../src/terminal/terminal-steps.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { publishTo } from '../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../../support/sample-finrst-events.ts';

function terminal({ colours = false, brief = false } = {}) {
  const lines: string[] = [];
  const clock = createFakeClock();
  const view = new TerminalSink({
    write: (line) => lines.push(line),
    colours,
    brief,
    clock,
    nameOf: ({ peer }) => peer,
    names: [connectedEvent.peer.peer],
  });
  /** Without the time of day, which is that of the machine's zone. */
  const shown = () => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, ''));
  const summarize = (watchedMs: number) => view.summarize(watchedMs);
  return { publish: publishTo(view.sink), summarize, clock, lines, shown };
}

const NAME = 'redis-0.payments:6379  ';

test('a connection is told with where the time went', () => {
  const { publish, shown } = terminal();
  publish({ ...connectedEvent, tlsVersion: 'TLSv1.3', failuresBefore: 1, downtimeMs: 61_000 });
  expect(shown()).toEqual([
    `${NAME}connected to 192.0.2.7:6379 in 12.0 ms (dns 2.00 ms, tcp 4.00 ms, tls 5.50 ms), TLSv1.3, after 1 failed attempt, was down for 1 m 1 s`,
  ]);
});

test('an end is told in words, with what it usually means', () => {
  const { publish, shown } = terminal();
  publish({ ...disconnectedEvent, retryInMs: 700 });
  expect(shown()[0]).toBe(
    `${NAME}ended after 1 m 0 s: error/reset: the peer, or a box that speaks for it, reset the connection (ECONNRESET); ` +
      'idle 1.5 s, received 70 B, sent 140 B, next try in 700 ms',
  );
  expect(shown()[1]).toMatch(/^ {37}usually /);
});

test('a failed attempt says when the next one comes; its advice is given once', () => {
  const { publish, shown } = terminal();
  const failed: ConnectFailed = { ...connectFailedEvent, phase: 'tcp', reason: 'timeout', errno: 'ETIMEDOUT' };
  publish(failed);
  publish({ ...failed, failuresInARow: 2 });
  expect(shown()).toHaveLength(3);
  expect(shown()[2]).toBe(
    `${NAME}connect failed: tcp/timeout after 7.00 ms: no answer in time (ETIMEDOUT); next try in 1.0 s`,
  );
});

test('a name that is slow to resolve is told after a second, a quick one never', () => {
  const { publish, clock, shown } = terminal();
  const entered = { type: 'stateEntered', at: 0, peer: connectedEvent.peer, from: null } as const;
  publish({ ...entered, state: 'resolving' });
  clock.advance(999);
  publish({ ...entered, state: 'connecting' });
  clock.advance(999);
  expect(shown()).toEqual([]);
  clock.advance(1);
  expect(shown()).toEqual([`${NAME}still connecting: no answer to the SYN so far`]);
});

test('heartbeats are told the 1st, 2nd, 4th time, and from the start again on a new connection', () => {
  const { publish, shown } = terminal();
  const beat = { type: 'heartbeatAnswered', at: 0, peer: connectedEvent.peer, rttMs: 0.42 } as const;
  for (let count = 0; count < 5; count += 1) publish(beat);
  publish(connectedEvent);
  publish(beat);
  expect(shown().filter((line) => line.includes('heartbeat'))).toEqual(
    [1, 2, 4, 1].map((count) => `${NAME}heartbeat ${count} answered in 0.42 ms`),
  );
});

test('escape sequences from outside are shown, not obeyed', () => {
  const { publish, lines } = terminal();
  const peer = { ...connectedEvent.peer, group: 'g', peer: 'evil\u001b[2J\u202e:1' };
  publish({ ...connectFailedEvent, peer, detail: 'bell\u0007\r\nforged' });
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
});

test('colours are there where they are wanted, and only there', () => {
  const plain = terminal();
  const coloured = terminal({ colours: true });
  for (const { publish } of [plain, coloured]) publish(disconnectedEvent);
  expect(plain.lines.join('')).not.toContain('\u001b');
  expect(coloured.lines.join('')).toContain('\u001b[31m');
});

test('the brief view holds ends and failures alone, without advice', () => {
  const { publish, shown } = terminal({ brief: true });
  publish(connectedEvent);
  publish(disconnectedEvent);
  publish({ ...localClosedEvent, reason: 'shutdown' });
  publish(localClosedEvent);
  expect(shown().map((line) => line.slice(NAME.length, NAME.length + 12))).toEqual(['ended after ', 'closed by us']);
});

test('the summary counts each peer, its ends and its share of the time', () => {
  const { publish, summarize, lines } = terminal();
  publish({ ...connectFailedEvent });
  publish(connectedEvent);
  publish({ ...disconnectedEvent, durationMs: 30_000 });
  publish(connectedEvent);
  publish({ ...localClosedEvent, reason: 'shutdown', durationMs: 40_000 });
  lines.length = 0;
  summarize(100_000);
  expect(lines).toEqual([
    '',
    'Watched for 1 m 40 s.',
    '',
    'PEER                   UP      CONNECTIONS  FAILED  SHORTEST  LONGEST  ENDED BY       FAILED BY',
    'redis-0.payments:6379  70.0 %  2            1       30.0 s    40.0 s   error/reset 1  tcp/refused 1',
  ]);
});

test('a peer that was down for a moment was not up 100 %', () => {
  const { publish, summarize, lines } = terminal();
  publish(connectedEvent);
  publish({ ...localClosedEvent, durationMs: 99_999 });
  summarize(100_000);
  expect(lines.at(-1)).toContain(' 99.9 %');
});

describe('there are words for', () => {
  const ends = Object.entries(DISCONNECT_REASONS).flatMap(([name, reasons]) => reasons.map((reason) => [name, reason]));
  test.each(ends)('%s/%s', (name, reason) => {
    const event = { ...disconnectedEvent, class: name, reason } as Disconnected;
    expect(connectionStep(event).text).toMatch(new RegExp(`: ${name}/${reason}: [a-z]`, 'i'));
  });

  test.each([
    ['peer', 'the peer acknowledges what we send and does not read it'],
    ['path', 'the path does not carry what we send: it is not acknowledged'],
  ] as const)('a write that did not drain for the %s', (stalledBy, words) => {
    const event = { ...disconnectedEvent, class: 'idle_timeout', reason: 'write_stalled', stalledBy } as const;
    expect(connectionStep(event).text).toContain(`: idle_timeout/write_stalled: ${words} (`);
  });

  const failures = Object.entries(CONNECT_FAILURE_REASONS).flatMap(([phase, reasons]) =>
    reasons.map((reason) => [phase, reason]),
  );
  test.each(failures)('%s/%s', (phase, reason) => {
    const event = { ...connectFailedEvent, phase, reason } as ConnectFailed;
    expect(connectionStep(event).text).toMatch(new RegExp(`: ${phase}/${reason} after 7.00 ms: [a-z]`, 'i'));
  });
});

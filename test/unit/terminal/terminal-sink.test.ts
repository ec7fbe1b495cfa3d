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

type Options = { colours?: boolean; brief?: boolean; columns?: number | null; names?: readonly string[] };

function terminal({
  colours = false,
  brief = false,
  columns = null,
  names = [connectedEvent.peer.peer],
}: Options = {}) {
  const lines: string[] = [];
  const clock = createFakeClock();
  const view = new TerminalSink({
    write: (line) => lines.push(line),
    colours,
    columns: () => columns,
    brief,
    clock,
    nameOf: ({ peer }) => peer,
    names,
  });
  /** Without the time of day, which is that of the machine's zone. */
  const shown = () => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, ''));
  const summarize = (watchedMs: number) => view.summarize(watchedMs);
  const table = (rows: readonly (readonly string[])[]) => view.table(rows);
  return { publish: publishTo(view.sink), summarize, table, clock, lines, shown };
}

const NAME = 'redis-0.payments:6379  ';

test('a connection is told with where the time went', () => {
  const { publish, shown } = terminal();
  publish({
    ...connectedEvent,
    tls: { version: 'TLSv1.3', isResumed: false, isVerified: true },
    failuresBefore: 1,
    downtimeMs: 61_000,
  });
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

test('a failed attempt says when the next one comes, and what it usually means', () => {
  const { publish, shown } = terminal();
  publish({ ...connectFailedEvent, phase: 'tcp', reason: 'timeout', errno: 'ETIMEDOUT' });
  expect(shown()).toEqual([
    `${NAME}connect failed: tcp/timeout after 7.00 ms: no answer in time (ETIMEDOUT); next try in 1.0 s`,
    `${' '.repeat(14 + NAME.length)}host down, a wrong address, or a firewall that drops silently`,
  ]);
});

const { errno: _, ...failedEvent } = connectFailedEvent;
const refusedLogin = { ...failedEvent, phase: 'protocol', reason: 'rejected' } as const;

test('what the peer said is in the line, with what it means', () => {
  const { publish, shown } = terminal();
  const end = {
    ...disconnectedEvent,
    class: 'eof',
    reason: 'fin',
    goodbye: 'idle_limit',
    goodbyeCode: '57P05',
  } as const;
  publish(end);
  publish({ ...refusedLogin, goodbye: 'not_ready' });
  const [ended, , failed] = shown();
  expect(ended).toContain(
    'order (ECONNRESET); it said idle_limit (57P05): we were silent, or logging in, for too long; idle',
  );
  expect(failed).toBe(
    `${NAME}connect failed: protocol/rejected after 7.00 ms: the peer refused the login; ` +
      'it said not_ready: it starts, recovers or stops: not now; next try in 1.0 s',
  );
  expect(shown()).toHaveLength(3);
});

test('refusals of different words are folded each for itself', () => {
  const { publish, shown } = terminal();
  publish({ ...refusedLogin, goodbye: 'not_ready' });
  publish({ ...refusedLogin, goodbye: 'auth_failed' });
  publish({ ...refusedLogin, goodbye: 'auth_failed' });
  expect(shown()[1]).toContain('it said auth_failed: ');
  expect(shown()[2]).toContain('connect failed: protocol/rejected, auth_failed, 2 times in ');
});

test('failures that repeat are folded: the first in full, then counts, and the rest when the outage is over', () => {
  const { publish, shown } = terminal();
  const failed = (second: number) => publish({ ...connectFailedEvent, at: connectFailedEvent.at + second * 1000 });
  for (let second = 0; second < 7; second += 1) failed(second);
  publish({ ...connectedEvent, at: connectedEvent.at + 11_000, failuresBefore: 7 });
  failed(20);
  const all = `${NAME}connect failed: tcp/refused`;
  expect(shown().map((line) => line.slice(0, 200))).toEqual([
    `${all} after 7.00 ms: nothing listens on the port, or a box in between refused for it (ECONNREFUSED); next try in 1.0 s`,
    `${all} (ECONNREFUSED), 2 times in 1.0 s; next try in 1.0 s`,
    `${all} (ECONNREFUSED), 4 times in 3.0 s; next try in 1.0 s`,
    `${all} (ECONNREFUSED), 7 times in 6.0 s, the last 5.0 s ago`,
    `${NAME}connected to 192.0.2.7:6379 in 12.0 ms (dns 2.00 ms, tcp 4.00 ms, tls 5.50 ms), after 7 failed attempts`,
    `${all} after 7.00 ms: nothing listens on the port, or a box in between refused for it (ECONNREFUSED); next try in 1.0 s`,
  ]);
});

test('an outage of one or two failures has nothing more to say when it is over', () => {
  const { publish, shown } = terminal();
  for (const failures of [1, 2]) {
    for (let count = 0; count < failures; count += 1) publish(connectFailedEvent);
    publish(connectedEvent);
  }
  expect(shown().map((line) => line.slice(NAME.length, NAME.length + 9))).toEqual([
    'connect f',
    'connected',
    'connect f',
    'connect f',
    'connected',
  ]);
});

test('advice is given once, and again where it is another', () => {
  const { publish, shown } = terminal();
  const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
  for (const event of [disconnectedEvent, disconnectedEvent, fin, disconnectedEvent, fin]) publish(event);
  expect(
    shown()
      .filter((line) => line.startsWith(' '))
      .map((line) => line.trim().slice(0, 17)),
  ).toEqual(['usually a process', 'usually an idle t']);
});

test('what was folded and not printed is printed before the summary', () => {
  const { publish, summarize, clock, shown } = terminal();
  const at = clock.now();
  for (const second of [0, 1, 2]) publish({ ...connectFailedEvent, at: at + second * 1000 });
  clock.advance(9000);
  summarize(9000);
  expect(shown()[2]).toBe(`${NAME}connect failed: tcp/refused (ECONNREFUSED), 3 times in 2.0 s, the last 7.0 s ago`);
  expect(shown()[3]).toBe('');
});

test('kinds of failures that alternate are folded each for itself, and none hides the first of another', () => {
  const { publish, shown } = terminal();
  const timeout: ConnectFailed = { ...connectFailedEvent, phase: 'tcp', reason: 'timeout', errno: 'ETIMEDOUT' };
  for (let round = 0; round < 3; round += 1) {
    publish(connectFailedEvent);
    publish(timeout);
  }
  const failures = shown().filter((line) => line.includes('connect failed'));
  expect(failures.map((line) => /tcp\/\w+.*?(?: after|times)/.exec(line)?.[0])).toEqual([
    'tcp/refused after',
    'tcp/timeout after',
    'tcp/refused (ECONNREFUSED), 2 times',
    'tcp/timeout (ETIMEDOUT), 2 times',
  ]);
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

describe.each([60, 80, 200])('at %i columns', (columns) => {
  const evil = { ...connectedEvent.peer, id: 2, peer: `evil\u001b[2J\u202e${'x'.repeat(30)}:1` };
  const all = () => {
    const view = terminal({ columns, names: [connectedEvent.peer.peer, evil.peer] });
    view.publish({
      ...connectedEvent,
      tls: { version: 'TLSv1.3', isResumed: false, isVerified: true },
      failuresBefore: 12,
      downtimeMs: 61_000,
    });
    view.publish({ ...disconnectedEvent, retryInMs: 430 });
    view.publish({ ...connectFailedEvent, peer: evil, detail: 'bell\u0007\r\nforged \u001b]0;title', retryInMs: 430 });
    view.table([
      ['GROUP', 'WHAT THE PEER DOES', 'WHAT FINRST SAYS'],
      ['stops-reading', 'accepts, and never reads what it is sent', 'idle_timeout/write_stalled'],
    ]);
    view.summarize(100_000);
    return view.lines;
  };

  test('no line is wider, no word is broken, and nothing of a peer is obeyed', () => {
    const lines = all();
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
    // A name that is longer than a line would be broken by the terminal alone: it can still be copied.
    const wide = lines.filter((line) => line.length > columns && line.trim().includes(' '));
    expect(wide).toEqual([]);
    const words = (texts: readonly string[]) => new Set(texts.join(' ').split(/\s+/));
    const view = terminal({ columns: null, names: [connectedEvent.peer.peer, evil.peer] });
    view.publish({ ...disconnectedEvent, retryInMs: 430 });
    for (const word of words(view.shown())) expect(words(lines)).toContain(word);
    expect(lines.join('\n')).toContain('430 ms');
  });
});

test('what does not fit beside time and name goes on below itself', () => {
  const { publish, lines } = terminal({ columns: 80, names: ['h:1'] });
  publish({ ...disconnectedEvent, peer: { ...disconnectedEvent.peer, peer: 'h:1' } });
  expect(lines.length).toBeGreaterThan(3);
  expect(lines[0]).toMatch(/^\S+ {2}h:1 {2}ended after/);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {19}\S/);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
});

test('where the name leaves no room the text stands below it', () => {
  const { publish, shown } = terminal({ columns: 60 });
  publish({ ...disconnectedEvent, retryInMs: 430 });
  expect(shown()).toEqual([
    NAME.trimEnd(),
    '    ended after 1 m 0 s: error/reset: the peer, or a box',
    '    that speaks for it, reset the connection (ECONNRESET);',
    '    idle 1.5 s, received 70 B, sent 140 B, next try in',
    '    430 ms',
    '    usually a process that died or was stopped with unread',
    '    data, a firewall or balancer that forgot the connection',
  ]);
});

test('where a word is wider than the room beside the name the text stands below it', () => {
  const { publish, lines } = terminal({ columns: 80 });
  const errno = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
  publish({ ...disconnectedEvent, errno });
  expect(lines.some((line) => line.startsWith('    ') && line.includes(`(${errno});`))).toBe(true);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a short line stays one line at any width, and a terminal that was resized is asked again', () => {
  let columns = 60;
  const lines: string[] = [];
  const view = new TerminalSink({
    write: (line) => lines.push(line),
    colours: false,
    columns: () => columns,
    brief: false,
    clock: createFakeClock(),
    nameOf: ({ peer }) => peer,
    names: [connectedEvent.peer.peer],
  });
  const publish = publishTo(view.sink);
  publish({ type: 'heartbeatAnswered', at: 0, peer: connectedEvent.peer, rttMs: 0.42 });
  expect(lines).toHaveLength(2);
  columns = 70;
  publish({ ...connectedEvent });
  publish({ type: 'heartbeatAnswered', at: 0, peer: connectedEvent.peer, rttMs: 0.42 });
  expect(lines.at(-1)).toMatch(/heartbeat 1 answered in 0\.42 ms$/);
  expect(lines.at(-1)).toContain(connectedEvent.peer.peer);
});

test('colours end with each line, so that none runs into the next', () => {
  const { publish, lines } = terminal({ colours: true, columns: 60 });
  publish(disconnectedEvent);
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    expect(line.endsWith('\u001b[39m') || line.endsWith('\u001b[22m')).toBe(true);
  }
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

test('the summary of a narrow terminal names each figure, and none is lost', () => {
  const { publish, summarize, lines } = terminal({ columns: 60 });
  publish(connectedEvent);
  publish({ ...disconnectedEvent, durationMs: 30_000 });
  lines.length = 0;
  summarize(100_000);
  expect(lines).toEqual([
    '',
    'Watched for 1 m 40 s.',
    '',
    'redis-0.payments:6379',
    '  up: 30.0 %; connections: 1; failed: 0; shortest: 30.0 s;',
    '  longest: 30.0 s; ended by: error/reset 1; failed by: -',
  ]);
});

test('the summary ends with what the figures of a peer allow to conclude, and says nothing of others', () => {
  const { publish, summarize, lines } = terminal({ columns: 60 });
  const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin' } as const;
  const other = { ...fin, peer: { ...fin.peer, id: 2, peer: 'other:1' } };
  for (const lengthMs of [60_010, 60_020, 60_030, 60_040, 60_050]) {
    const at = fin.at + lengthMs * (lengthMs % 1000);
    publish({ ...fin, at, durationMs: lengthMs, quietMs: lengthMs, payloadQuietMs: lengthMs });
    const quiet = 70 * (lengthMs % 1000);
    publish({ ...other, at, durationMs: (lengthMs % 1000) * 900, quietMs: quiet, payloadQuietMs: quiet });
  }
  lines.length = 0;
  summarize(200_000);
  const [first = '', ...more] = lines.slice(lines.lastIndexOf('') + 1);
  for (const line of more) expect(line).toMatch(/^ {2}\S/);
  const conclusion = [first, ...more.map((line) => line.trim())].join(' ');
  expect(conclusion).toMatch(
    /^redis-0\.payments:6379: each time after 1 m 0 s of silence, its whole life: a timer, not an accident: an idle limit/,
  );
  expect(conclusion).toContain('60 s is known of PostgreSQL before login (authentication_timeout)');
  expect(lines.every((line) => line.length <= 60)).toBe(true);
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

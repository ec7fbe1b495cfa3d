import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../../../src/clock/system-clock.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { type Journal, type JournalOptions, openJournal } from '../../../../src/sinks/journal/open-journal.ts';
import type { Warned } from '../../../../src/domain/events/process-events.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../../support/sample-finrst-events.ts';

const at = connectedEvent.at;
const started: FinrstEvent = {
  type: 'started',
  at,
  version: '1.2.3',
  nodeVersion: 'v24.0.0',
  peers: 1,
  kernelEvidence: true,
  listening: [],
};
const stopping: FinrstEvent = { type: 'stopping', at, signal: 'SIGTERM' };
const stopped: FinrstEvent = { type: 'stopped', at, exitCode: 0 };

async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'finrst-journal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'events.jsonl');
}

async function opened(file: string, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const result = await openJournal({ file, clock: systemClock, publish: () => {}, ...options });
  if (result.kind === 'unusable') throw new Error(result.problem);
  return result.journal;
}

/** A run that writes these events. Closing is how tests wait for the disk; a crash leaves the same bytes. */
async function run(file: string, events: readonly FinrstEvent[]): Promise<Journal> {
  const journal = await opened(file);
  events.forEach(publishTo(journal.sink));
  await journal.close(5000);
  return journal;
}

async function lines(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('each event that is history is one JSON line', async () => {
  const file = await scratchFile();
  const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), recorded: true };
  const noise: FinrstEvent[] = [
    { type: 'stateEntered', at, peer: connectedEvent.peer, from: null, state: 'resolving' },
    { type: 'traffic', at, peer: connectedEvent.peer, receivedBytes: 1, sentBytes: 1 },
    { type: 'scraped', at, outcome: 'ok' },
  ];
  await run(file, [started, connectFailedEvent, ...noise, { ...connectedEvent, trace }, disconnectedEvent, stopped]);
  const written = await lines(file);
  expect(written.map(({ type }) => type)).toEqual([
    'started',
    'connect_failed',
    'connected',
    'disconnected',
    'stopped',
  ]);
  expect(written[2]).toMatchObject({
    time: '2026-01-02T03:04:05.678Z',
    group: 'payments-redis',
    peer: 'redis-0.payments:6379',
    connection_id: 'connection-1',
    address: '192.0.2.7:6379',
    trace_id: trace.traceId,
    span_id: trace.spanId,
  });
  expect(written[3]).toMatchObject({
    class: 'error',
    reason: 'reset',
    errno: 'ECONNRESET',
    duration_s: 60.00025,
    idle_s: 1.5,
  });
});

describe('what the next start learns', () => {
  test('the first run has no one before it', async () => {
    expect(await opened(await scratchFile())).toMatchObject({ lastRunClean: null, lostConnections: [] });
  });

  test('a run that stopped in order left nothing behind', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent, stopping, { ...localClosedEvent, reason: 'shutdown' }, stopped]);
    expect(await opened(file)).toMatchObject({ lastRunClean: true, lostConnections: [] });
  });

  test('a run that was killed took its connections with it', async () => {
    const file = await scratchFile();
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), recorded: true };
    const peer = { ...connectedEvent.peer, labels: { team: 'pay "ments"', severity: '' } };
    const other = { ...connectedEvent, connectionId: 'connection-2' };
    await run(file, [
      started,
      { ...connectedEvent, peer, trace },
      other,
      { ...disconnectedEvent, connectionId: 'connection-2' },
    ]);
    const lastSign = new Date(disconnectedEvent.at + 3_600_000);
    await utimes(file, lastSign, lastSign);
    const { lastRunClean, lostConnections } = await opened(file);
    expect(lastRunClean).toBe(false);
    expect(lostConnections).toEqual([
      {
        group: 'payments-redis',
        peer: 'redis-0.payments:6379',
        labels: { team: 'pay "ments"' },
        connectionId: 'connection-1',
        remote: connectedEvent.remote,
        local: connectedEvent.local,
        establishedAt: connectedEvent.at,
        lastSeenAt: lastSign.getTime(),
        reason: 'process_died',
        connect: { traceId: trace.traceId, spanId: trace.spanId },
      },
    ]);
  });

  test('labels that people wrote into the file are taken only where they can be labels, and no more than we write', async () => {
    const file = await scratchFile();
    const good = Array.from({ length: 12 }, (_, i): [string, string] => [`l${i}`, `${i}`]);
    const bad = { 'no name': 'x', __a: 'x', group: 'x', number: 1, list: ['x'], long: 'x'.repeat(513) };
    const labels = { ...bad, ...Object.fromEntries(good) };
    await run(file, [started]);
    const line = { time: '2026-01-02T03:04:06.000Z', type: 'connected', connection_id: 'c', labels };
    await appendFile(
      file,
      `${JSON.stringify(line)}\n${JSON.stringify({ ...line, connection_id: 'd', labels: 'x' })}\n`,
    );
    expect((await opened(file)).lostConnections.map((lost) => lost.labels)).toEqual([
      Object.fromEntries(good.slice(0, 10)),
      {},
    ]);
  });

  test('a file whose time lies ahead, as after a clock was set back, gives no sign of life from the future', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent]);
    const ahead = new Date(connectedEvent.at + 3_600_000);
    await utimes(file, ahead, ahead);
    const clock = { ...systemClock, now: () => connectedEvent.at + 1000 };
    const { lostConnections } = await opened(file, { clock });
    expect(lostConnections).toMatchObject([{ lastSeenAt: connectedEvent.at + 1000 }]);
  });

  test('a run that was killed while it stopped had chosen the ends', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent, stopping]);
    expect((await opened(file)).lostConnections).toMatchObject([{ reason: 'shutdown' }]);
  });

  test('a run that failed in order was not clean', async () => {
    const file = await scratchFile();
    await run(file, [started, { ...stopped, exitCode: 1 }]);
    expect(await opened(file)).toMatchObject({ lastRunClean: false, lostConnections: [] });
  });

  test('connections of an earlier run are reported once', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent]);
    await run(file, []); // could not open its port, say
    expect(await opened(file)).toMatchObject({ lastRunClean: false, lostConnections: [] });
  });

  test('a torn last line and lines of others are skipped, and the next line is whole', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent]);
    await writeFile(file, 'not json\n42\n{"time":"2026-01-02T03:05:00.000Z","type":"disconn', { flag: 'a' });
    const journal = await opened(file);
    expect(journal.lostConnections).toHaveLength(1);
    publishTo(journal.sink)(stopped);
    await journal.close(5000);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/"type":"disconn\n\n?\{.*last_run_read.*\}\n\{.*"stopped".*\}\n$/);
  });
});

describe('nothing is claimed that is not known', () => {
  const lost = (count: number) => `{"time":"2026-01-02T03:05:00.000Z","type":"lines_lost","lost":${count}}\n`;

  test('a connection without an end is none that died where the run stopped in order', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent, stopping, stopped]);
    expect(await opened(file)).toMatchObject({ lastRunClean: true, lostConnections: [], lastRunLostLines: 0 });
  });

  test('where lines are missing no connection is said to have died', async () => {
    const file = await scratchFile();
    await run(file, [started, connectedEvent]);
    await writeFile(file, lost(3) + lost(4), { flag: 'a' });
    expect(await opened(file)).toMatchObject({ lastRunClean: false, lostConnections: [], lastRunLostLines: 7 });
  });

  test('lines that are missing of an earlier run say nothing about the last one', async () => {
    const file = await scratchFile();
    await writeFile(file, lost(3));
    await run(file, [started, connectedEvent]);
    expect(await opened(file)).toMatchObject({ lastRunClean: false, lastRunLostLines: 0 });
    const { lostConnections } = await opened(file);
    expect(lostConnections).toEqual([]); // the first of the two starts has reported it
  });
});

test('megabytes of zeros, which a power cut can leave, are skipped', async () => {
  const file = await scratchFile();
  await run(file, [started, connectedEvent]);
  await writeFile(file, Buffer.alloc(8 * 1024 * 1024), { flag: 'a' });
  expect(await opened(file)).toMatchObject({
    lastRunClean: false,
    lostConnections: [{ connectionId: 'connection-1' }],
  });
});

test('a file that was deleted is made anew with what is held, and that is reported', async () => {
  const file = await scratchFile();
  const clock = createFakeClock();
  const warned: Warned[] = [];
  const journal = await opened(file, { clock, publish: (event) => void warned.push(event) });
  publishTo(journal.sink)(connectedEvent);
  await expect.poll(() => readFile(file, 'utf8')).toContain('connection-1');
  await rm(file);
  clock.advance(5000);
  await expect
    .poll(() => warned.map(({ message }) => message))
    .toEqual(['the journal file was deleted; a new one is in its place']);
  publishTo(journal.sink)({ ...connectedEvent, connectionId: 'connection-2' });
  await journal.close(5000);
  expect((await lines(file)).map(({ type, connection_id }) => [type, connection_id])).toEqual([
    ['still_open', 'connection-1'],
    ['connected', 'connection-2'],
  ]);
});

test('a file that is there is touched every 5 s, and left as it is', async () => {
  const file = await scratchFile();
  const clock = createFakeClock();
  const journal = await opened(file, { clock });
  const before = await stat(file);
  clock.advance(5000);
  await expect.poll(async () => (await stat(file)).mtimeMs).toBe(clock.now());
  expect((await stat(file)).ino).toBe(before.ino);
  await journal.close(0);
  expect(clock.pending).toBe(0);
});

test('a pipe is no journal, and does not hold the start up', async () => {
  const file = await scratchFile();
  execFileSync('mkfifo', [file]);
  expect(await openJournal({ file, clock: systemClock, publish: () => {} })).toEqual({
    kind: 'unusable',
    problem: `the journal ${file} cannot be used: it is a pipe or a socket`,
  });
});

/** Writes lines until the file is put aside so many times, waiting for the disk in between as life does. */
async function putAside(journal: Journal, file: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    const before = await stat(file);
    for (let line = 0; line < 20; line += 1) publishTo(journal.sink)(connectFailedEvent);
    await expect.poll(async () => (await stat(file)).size).toBeGreaterThan(2000);
    publishTo(journal.sink)(connectFailedEvent);
    await expect.poll(async () => (await stat(file)).ino).not.toBe(before.ino);
  }
}

describe('a journal that grows', () => {
  test('is put aside by size, and no more files than asked for are kept', async () => {
    const file = await scratchFile();
    const journal = await opened(file, { maxBytes: 2000, keep: 2 });
    await putAside(journal, file, 4);
    await journal.close(5000);
    expect(await readdir(join(file, '..'))).toEqual(['events.jsonl', 'events.jsonl.1', 'events.jsonl.2']);
    for (const name of [file, `${file}.1`, `${file}.2`]) expect((await stat(name)).size).toBeLessThan(8000);
  });

  test('knows after a crash what was established before it was put aside', async () => {
    const file = await scratchFile();
    const journal = await opened(file, { maxBytes: 2000, keep: 1 });
    publishTo(journal.sink)(started);
    publishTo(journal.sink)(connectedEvent);
    publishTo(journal.sink)({ ...connectedEvent, connectionId: 'ended' });
    publishTo(journal.sink)({ ...disconnectedEvent, connectionId: 'ended' });
    await putAside(journal, file, 2);
    await journal.close(5000);
    expect(await readFile(file, 'utf8')).not.toContain('"started"');
    const { lostConnections } = await opened(file);
    expect(lostConnections).toMatchObject([{ connectionId: 'connection-1', establishedAt: connectedEvent.at }]);
  });
});

test('a folder that is not there is told before anything starts', async () => {
  const file = join(await scratchFile(), 'nowhere', 'events.jsonl');
  const result = await openJournal({ file, clock: systemClock, publish: () => {} });
  expect(result).toMatchObject({ kind: 'unusable', problem: expect.stringContaining(file) });
});

test('a start gets the lines of the run before, with the ids of their events, and what is no line of ours as null', async () => {
  const file = await scratchFile();
  await run(file, [started, { ...connectedEvent, eventId: 7 }, { ...disconnectedEvent, eventId: 8 }]);
  await appendFile(file, `\n{"type":"connected","pad":"${'x'.repeat(40_000)}"}\n[1]\nno json\n{"torn":`);
  const seen: (readonly [unknown, unknown] | null)[] = [];
  const journal = await opened(file, {
    onLine: (line) => void seen.push(line && [line['type'], line['id']]),
  });
  await journal.close(5000);
  expect(seen).toEqual([
    ['started', undefined],
    ['connected', '7'],
    ['disconnected', '8'],
    null,
    [undefined, undefined], // a list is an object without keys of ours
    null,
    null,
  ]);
});

test('of connections of other processes the errors are written, thinned, and nothing that they do in order', async () => {
  const file = await scratchFile();
  const errors = Array.from({ length: 9 }, (_, index) => ({ ...observedErrorEvent, errorsInARow: index + 1 }));
  await run(file, [started, observedConnectedEvent, observedFinEvent, ...errors, stopping, stopped]);
  const written = (await lines(file)).filter(({ type }) => String(type).startsWith('observed'));
  expect(written.map(({ errors: count = 1 }) => count)).toEqual([1, 2, 4, 8]);
  expect(written[0]).toMatchObject({ type: 'observed_ended', reason: 'reset', pid: 4711, executable: 'java' });
  const journal = await opened(file);
  expect(journal.lastRunClean).toBe(true);
  expect(journal.lostConnections).toEqual([]);
  await journal.close(1000);
});

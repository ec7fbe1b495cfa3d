import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import type { Heartbeat } from '../../src/settings/heartbeat.ts';
import type { SendExpect } from '../support/send-expect-heartbeat.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { settled } from '../support/fake-clock.ts';
import { answeredHeartbeat, answersOnce } from '../support/first-answers.ts';
import { heldConnection, type HeldScenario, pass, polite, until } from '../support/scenario.ts';

/** Chance is 0.5 here, so from send to send it is 9 s: nine tenths of the interval. */
const beat = (overrides: Partial<SendExpect> = {}): { heartbeat: Heartbeat } => ({
  heartbeat: answeredHeartbeat(overrides),
});

/** The peer sends this, and we have read it. */
async function answer({ held, clock, remote, ended }: HeldScenario, bytes: string): Promise<void> {
  const before = held.all('traffic').length;
  await remote.write(bytes);
  // The report comes once a second; a byte that arrived makes the timer run.
  for (let seconds = 0; held.all('traffic').length === before && !ended.settled; seconds++) {
    expect(seconds, 'seconds without the report').toBeLessThan(10);
    await pass(clock, 1000);
  }
}

describe('idle_timeout', () => {
  test('thirty quiet seconds end in no_data', async () => {
    const { clock, held, ended } = await heldConnection({ idleTimeoutMs: 30_000 });
    await pass(clock, 29_980);
    expect(ended.settled).toBe(false);
    await pass(clock, 40);
    expect(await ended.event).toMatchObject({
      class: 'idle_timeout',
      reason: 'no_data',
      initiator: 'self',
      receivedBytes: 0,
    });
    expect(held.all('disconnected')[0]?.idleMs).toBeCloseTo(30_000, -2);
  });

  test('a byte restarts the wait; our own writes do not', async () => {
    const scenario = await heldConnection({ idleTimeoutMs: 30_000, ...beat({ answer: null }) });
    const { clock, ended } = scenario;
    await pass(clock, 20_000);
    await answer(scenario, 'x');
    await pass(clock, 25_000);
    expect(ended.settled).toBe(false);
    await pass(clock, 10_000);
    const end = await ended.event;
    expect(end).toMatchObject({ class: 'idle_timeout', reason: 'no_data', receivedBytes: 1 });
    expect(end.sentBytes).toBeGreaterThan(0);
    expect(end.quietMs).toBeLessThan(end.idleMs);
  });

  test('bytes that lie in the kernel when the wait expires are read before the peer is blamed', async () => {
    const { clock, remote, ended } = await heldConnection({ idleTimeoutMs: 30_000 });
    await remote.write('in time');
    clock.stall(30_000); // our loop was held up, and the bytes were not read yet
    await settled();
    expect(ended.settled).toBe(false);
  });

  test('a FIN that lies in the kernel when the wait expires is eof', async () => {
    const { clock, remote, ended } = await heldConnection({ idleTimeoutMs: 30_000 });
    await remote.end();
    clock.stall(30_000);
    expect(await ended.event).toMatchObject({ class: 'eof', reason: 'fin' });
  });

  test('zero never ends a connection', async () => {
    const { clock, ended } = await heldConnection({ idleTimeoutMs: 0 });
    clock.stall(30 * 86_400_000);
    await settled();
    expect(ended.settled).toBe(false);
  });
});

/** A connection whose peer answered the first heartbeat; the next one has just been written. */
async function beatenAgain(
  overrides: Partial<PeerSettings> = {},
  behave: (socket: Socket) => void = answersOnce,
): Promise<HeldScenario> {
  const scenario = await heldConnection({ ...beat(), ...overrides }, { behave });
  await pass(scenario.clock, 9_000);
  return scenario;
}

describe('heartbeat', () => {
  test('is sent from send to send, an answer in pieces counts, and its round trip is reported', async () => {
    const { clock, held, remote, ended } = await heldConnection(beat(), { behave: answersOnce });
    const heard: string[] = [];
    remote.socket.on('data', (bytes) => heard.push(String(bytes)));
    await pass(clock, 8_980);
    expect(heard).toEqual([]);
    await pass(clock, 20);
    await until(clock, () => heard.length === 1);
    expect(heard).toEqual(['PING\r\n']);
    for (const piece of ['junk+P', 'ON', 'G\r\n']) {
      await remote.write(piece);
      await settled();
      await settled();
    }
    await held.seen('heartbeatAnswered', 2);
    await pass(clock, 9_000);
    expect(ended.settled).toBe(false);
  });

  test('silence after the send is no_reply', async () => {
    const { clock, ended } = await beatenAgain();
    await pass(clock, 4_980);
    expect(ended.settled).toBe(false);
    await pass(clock, 40);
    expect(await ended.event).toMatchObject({ class: 'idle_timeout', reason: 'no_reply' });
  });

  test('bytes that are no answer are a broken protocol', async () => {
    const scenario = await beatenAgain();
    const { clock, ended } = scenario;
    await answer(scenario, '-ERR unknown command\r\n');
    await pass(clock, 5_020);
    expect(await ended.event).toMatchObject({ class: 'error', reason: 'protocol', initiator: 'remote' });
  });

  test('bytes that cross a heartbeat which the peer never took whole are no answer to it: no_reply (needs Linux)', async ({
    skip,
  }) => {
    if (process.platform !== 'linux') skip();
    const size = 32 * 1024 * 1024;
    let heard = 0;
    const readsOneHeartbeat = (socket: Socket): void => {
      socket.on('data', (bytes) => {
        heard += bytes.length;
        if (heard < size) return;
        socket.pause();
        socket.write('+PONG\r\n');
      });
    };
    const scenario = await beatenAgain(beat({ send: Buffer.alloc(size) }), readsOneHeartbeat);
    const { clock, ended } = scenario;
    await answer(scenario, 'pushed by a peer that does not read');
    await pass(clock, 5_020);
    const end = await ended.event;
    expect(end).toMatchObject({ class: 'idle_timeout', reason: 'no_reply', receivedBytes: 35 });
    expect(end.tcp?.outstandingBytes).toBeGreaterThan(0);
  });

  test('a reply deadline and an idle wait that end together are no_reply', async () => {
    const { clock, ended } = await beatenAgain({ idleTimeoutMs: 15_000 });
    await pass(clock, 5_020);
    expect(await ended.event).toMatchObject({ class: 'idle_timeout', reason: 'no_reply' });
  });

  test('an answer that lies in the kernel when the deadline passes is an answer', async () => {
    const { clock, remote, ended } = await beatenAgain();
    await remote.write('+PONG\r\n');
    clock.stall(5_000);
    await settled();
    expect(ended.settled).toBe(false);
  });

  test('a round trip across a stall of our own is not reported', async () => {
    const { clock, held, remote } = await beatenAgain();
    await remote.write('+PONG\r\n');
    clock.stall(4_000);
    await settled();
    expect(held.all('heartbeatAnswered'), 'that of the first answer').toHaveLength(1);
    expect(held.all('loopStalled').map(({ durationMs }) => Math.round(durationMs / 100))).toContain(40);
  });
});

describe('write_timeout', () => {
  const sends = (bytes: number): object => beat({ send: Buffer.alloc(bytes), intervalMs: 10, answer: null });

  test('bytes that do not drain for so long are write_stalled, and not before', async () => {
    const { clock, held, ended } = await heldConnection(
      { writeTimeoutMs: 30_000, ...sends(64 * 1024) },
      { behave: (socket) => socket.pause() },
    );
    let lastSentAt = 0;
    while (!ended.settled) {
      const before = held.all('traffic').length;
      await pass(clock, 1000);
      if (held.all('traffic').length > before) lastSentAt = clock.monotonic();
      if (clock.monotonic() > 600_000) throw new Error('never stalled');
    }
    expect(held.all('disconnected')[0]).toMatchObject({
      class: 'idle_timeout',
      reason: 'write_stalled',
      initiator: 'self',
    });
    // A report of traffic comes up to a second after the bytes.
    expect(clock.monotonic() - lastSentAt).toBeGreaterThan(28_000);
  });

  test('a peer that reads slowly but steadily is never stalled; once it reads no more it is', async () => {
    const open = vi.spyOn(ObservedSocket.prototype, 'open');
    onTestFinished(() => open.mockRestore());
    const { clock, held, remote, ended } = await heldConnection(
      { writeTimeoutMs: 30_000, ...sends(32 * 1024 * 1024) },
      { behave: (socket) => socket.pause() },
    );
    const [socket] = open.mock.contexts as ObservedSocket[];
    const queued = (): number => socket?.queuedBytes ?? 0;
    for (let reads = 0; reads < 6; reads++) {
      const before = queued();
      expect(before, 'bytes that the kernel did not take').toBeGreaterThan(0);
      remote.socket.resume();
      while (queued() === before) await settled();
      remote.socket.pause();
      await pass(clock, 20_000);
      expect(ended.settled).toBe(false);
    }
    for (let left = queued(); left > 0 && !ended.settled; left = queued()) {
      await pass(clock, 30_000);
    }
    expect(held.all('disconnected')).toMatchObject([{ reason: 'write_stalled' }]);
  });
});

test('max_connection_age closes in order and connects again', async () => {
  const { clock, held, ended } = await heldConnection({ maxConnectionAgeMs: 60_000 }, { behave: polite });
  await pass(clock, 60_020);
  expect(await ended.event).toMatchObject({ type: 'localClosed', reason: 'max_age' });
  await until(clock, () => held.all('connected').length === 2, 20);
  expect(held.all('disconnected')).toEqual([]);
});

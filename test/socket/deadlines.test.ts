import { once } from 'node:events';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import type { Heartbeat } from '../../src/settings/heartbeat.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';

let peer: LoopbackPeer;
let held: HeldFleet;
let clock: FakeClock;
afterEach(async () => {
  const stopped = held.stop();
  for (const socket of peer.sockets) socket.destroy();
  await stopped;
  await peer.close();
  expect(clock.pending, 'timers left after the stop').toBe(0);
});

/** A connection over loopback whose time a test moves. The stall monitor's clock stands still with it: no stall is seen. */
async function heldConnection(settings: object): Promise<void> {
  clock = createFakeClock();
  held = await holdPeers(
    [peerSettings(peer.port, { reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 }, ...settings })],
    {
      clock,
      random: () => 0.5,
    },
  );
  while (held.all('connected').length === 0) {
    clock.advance(0);
    await settled();
  }
}

const beat = (overrides: Partial<Heartbeat> = {}): { heartbeat: Heartbeat } => ({
  heartbeat: {
    send: Buffer.from('PING\r\n'),
    intervalMs: 10_000,
    answer: { expect: Buffer.from('+PONG'), timeoutMs: 5000 },
    ...overrides,
  },
});

/** Moves time in steps small enough for the event loop's own monitor not to see a stall where there is none. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 20) clock.advance(Math.min(20, left));
}

async function answerTo(bytes: string): Promise<void> {
  const socket = await peer.accepted();
  const before = held.all('traffic').length;
  socket.write(bytes);
  while (held.all('traffic').length === before) {
    await settled();
    pass(1);
    if (held.all('disconnected').length > 0) return;
    // The report comes once a second; a byte that arrived makes the timer run.
    pass(1000);
  }
}

describe('idle_timeout', () => {
  test('thirty quiet seconds end in no_data', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 30_000 });
    pass(29_980);
    await settled();
    expect(held.all('disconnected')).toEqual([]);
    pass(40);
    expect(await held.seen('disconnected')).toMatchObject({
      class: 'idle_timeout',
      reason: 'no_data',
      initiator: 'self',
      receivedBytes: 0,
    });
    expect(held.all('disconnected')[0]?.idleMs).toBeCloseTo(30_000, -2);
  });

  test('a byte restarts the wait; our own writes do not', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 30_000, ...beat({ answer: null }) });
    pass(20_000);
    await answerTo('x');
    pass(25_000);
    await settled();
    expect(held.all('disconnected')).toEqual([]);
    pass(10_000);
    const end = await held.seen('disconnected');
    expect(end).toMatchObject({ class: 'idle_timeout', reason: 'no_data', receivedBytes: 1 });
    expect(end.sentBytes).toBeGreaterThan(0);
    expect(end.quietMs).toBeLessThan(end.idleMs);
  });

  test('bytes that lie in the kernel when the wait expires are read before the peer is blamed', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 30_000 });
    const socket = await peer.accepted();
    socket.write('in time');
    await new Promise((resolve) => socket.write('', resolve));
    clock.stall(30_000); // our loop was held up, and the bytes were not read yet
    await settled();
    expect(held.all('disconnected')).toEqual([]);
  });

  test('a FIN that lies in the kernel when the wait expires is eof', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 30_000 });
    const socket = await peer.accepted();
    socket.end();
    await once(socket, 'finish');
    clock.stall(30_000);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', reason: 'fin' });
  });

  test('zero never ends a connection', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 0 });
    clock.stall(30 * 86_400_000);
    await settled();
    expect([...held.all('disconnected'), ...held.all('localClosed')]).toEqual([]);
  });
});

describe('heartbeat', () => {
  test('the first is sent at once, an answer in pieces counts, and its round trip is told', async () => {
    peer = await startPeer(() => {});
    await heldConnection(beat());
    const socket = await peer.accepted();
    expect(String(socket.read() ?? (await once(socket, 'data'))[0])).toBe('PING\r\n');
    for (const piece of ['junk+P', 'ON', 'G\r\n']) {
      socket.write(piece);
      await settled();
      await settled();
    }
    await held.seen('heartbeatAnswered');
    pass(9_000);
    await settled();
    expect(held.all('disconnected')).toEqual([]);
  });

  test('silence after the send is no_reply', async () => {
    peer = await startPeer();
    await heldConnection(beat());
    pass(5_020);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'idle_timeout', reason: 'no_reply' });
  });

  test('bytes that are no answer are a broken protocol', async () => {
    peer = await startPeer();
    await heldConnection(beat());
    await answerTo('-ERR unknown command\r\n');
    pass(5_020);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'error', reason: 'protocol', initiator: 'remote' });
  });

  test('a reply deadline and an idle wait that end together are no_reply', async () => {
    peer = await startPeer();
    await heldConnection({ idleTimeoutMs: 5000, ...beat() });
    pass(5_020);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'idle_timeout', reason: 'no_reply' });
  });

  test('an answer that lies in the kernel when the deadline passes is an answer', async () => {
    peer = await startPeer();
    await heldConnection(beat());
    (await peer.accepted()).write('+PONG\r\n');
    await new Promise((resolve) => peer.sockets[0]?.write('', resolve));
    clock.stall(5_000);
    await settled();
    expect(held.all('disconnected')).toEqual([]);
  });

  test('a round trip across a stall of our own is not told', async () => {
    peer = await startPeer();
    await heldConnection(beat());
    (await peer.accepted()).write('+PONG\r\n');
    await new Promise((resolve) => peer.sockets[0]?.write('', resolve));
    clock.stall(4_000);
    await settled();
    expect(held.all('heartbeatAnswered')).toEqual([]);
    expect(held.all('loopStalled').map(({ durationMs }) => Math.round(durationMs / 100))).toContain(40);
  });
});

describe('write_timeout', () => {
  const sends = (bytes: number): object => beat({ send: Buffer.alloc(bytes), intervalMs: 10, answer: null });

  test('bytes that do not drain for so long are write_stalled, and not before', async () => {
    peer = await startPeer((socket) => socket.pause());
    await heldConnection({ writeTimeoutMs: 30_000, ...sends(64 * 1024) });
    let lastSentAt = 0;
    while (held.all('disconnected').length === 0) {
      const before = held.all('traffic').length;
      pass(1000);
      await settled();
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
    peer = await startPeer((socket) => socket.pause());
    await heldConnection({ writeTimeoutMs: 30_000, ...sends(32 * 1024 * 1024) });
    const [socket] = open.mock.contexts as ObservedSocket[];
    const queued = (): number => socket?.queuedBytes ?? 0;
    const remote = await peer.accepted();
    for (let reads = 0; reads < 6; reads++) {
      const before = queued();
      expect(before, 'bytes that the kernel did not take').toBeGreaterThan(0);
      remote.resume();
      while (queued() === before) await settled();
      remote.pause();
      pass(20_000);
      await settled();
      expect(held.all('disconnected')).toEqual([]);
    }
    for (let left = queued(); left > 0 && held.all('disconnected').length === 0; left = queued()) {
      pass(30_000);
      await settled();
    }
    expect(held.all('disconnected')).toMatchObject([{ reason: 'write_stalled' }]);
  });
});

test('max_connection_age closes in order and connects again', async () => {
  peer = await startPeer((socket) => {
    socket.resume();
    socket.on('end', () => socket.end());
  });
  await heldConnection({ maxConnectionAgeMs: 60_000 });
  pass(60_020);
  expect(await held.seen('localClosed')).toMatchObject({ reason: 'max_age' });
  while (held.all('connected').length < 2) {
    pass(20);
    await settled();
  }
  expect(held.all('disconnected')).toEqual([]);
});

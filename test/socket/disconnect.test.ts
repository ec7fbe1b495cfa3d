import { describe, expect, onTestFinished, test } from 'vitest';
import type { Socket } from 'node:net';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { expectOneEndEach, heldConnection, stateOf, until } from '../support/scenario.ts';

const endings: { when: string; peer: (socket: Socket) => void; seen: object }[] = [
  { when: 'the peer closes in order', peer: (s) => s.end(), seen: { class: 'eof', reason: 'fin', receivedBytes: 0 } },
  {
    when: 'the peer says something and closes',
    peer: (s) => s.end('x'.repeat(100)),
    seen: { class: 'eof', reason: 'fin', receivedBytes: 100 },
  },
  {
    when: 'the peer resets',
    peer: (s) => s.resetAndDestroy(),
    seen: { class: 'error', reason: 'reset', errno: 'ECONNRESET' },
  },
  {
    when: 'the peer resets behind data',
    peer: (s) => {
      s.write('x'.repeat(100));
      s.resetAndDestroy();
    },
    seen: { class: 'error', reason: 'reset', errno: 'ECONNRESET' },
  },
  {
    when: 'the peer closes, then resets',
    peer: (s) => s.end(() => s.resetAndDestroy()),
    seen: { class: 'eof', reason: 'fin' },
  },
];

describe.each([
  ['the kernel can be asked', {}],
  ['the kernel cannot be asked', { kernel: portableKernel }],
] as const)('where %s', (_, options) => {
  test.each(endings)('$when: $seen.class/$seen.reason, once', async ({ peer, seen }) => {
    const behave = (socket: Socket): void => {
      socket.resume();
      setImmediate(peer, socket);
    };
    const { held, ended } = await heldConnection({}, { behave, ...options });
    expect(await ended.event).toMatchObject(seen);
    await held.stop();
    expectOneEndEach(held);
    expect(held.all('connected')).toHaveLength(1);
  });
});

test('data and a reset at once are a reset, 1,000 times of 1,000', async () => {
  const peer = await startPeer((socket) => {
    socket.write('x'.repeat(100));
    socket.resetAndDestroy();
  });
  onTestFinished(() => peer.close());
  const settings = peerSettings(peer.port, { reconnect: { initialMs: 1, maxMs: 1 } });
  const held = await holdPeers(Array.from({ length: 10 }, (_, i) => ({ ...settings, group: `g${i}` })));
  onTestFinished(() => held.stopNow());
  await held.seen('disconnected', 1000);
  const reasons = Map.groupBy(held.all('disconnected'), (event) => `${event.class}/${event.reason}`);
  expect([...reasons.keys()]).toEqual(['error/reset']);
  expect(held.all('connectFailed')).toEqual([]);
}, 30_000);

test('a half-close by the peer ends the connection once', async () => {
  const { held, remote, ended } = await heldConnection();
  await remote.end();
  expect(await ended.event).toMatchObject({ class: 'eof', reason: 'fin', initiator: 'remote' });
  await held.stop();
  expectOneEndEach(held);
});

test('the wait before the next attempt, and the time without a connection, count from when the end was noted', async () => {
  const clock = createFakeClock();
  const peer = await startPeer();
  let isServedLate = false;
  const held = await holdPeers([peerSettings(peer.port, { reconnect: { initialMs: 2000, maxMs: 2000 } })], {
    clock,
    random() {
      // It is asked for the wait while the end is served, 700 ms after it was noted.
      if (isServedLate) clock.stall(700);
      isServedLate = false;
      return 0.5;
    },
  });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  await until(clock, () => held.all('connected').length === 1);
  const begunAt = clock.monotonic();
  isServedLate = true;
  (await peer.accepted()).end();
  await held.seen('disconnected');
  expect(clock.monotonic() - begunAt).toBe(700);
  await settled(); // the slice was over: the descriptor is closed in the next one
  clock.advance(299);
  expect(stateOf(held)).toBe('backoff');
  clock.advance(1);
  await until(clock, () => held.all('connected').length === 2);
  expect(held.all('connected')[1]).toMatchObject({ downtimeMs: 1000 });
});

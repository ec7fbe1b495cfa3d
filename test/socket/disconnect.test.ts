import { afterEach, describe, expect, test } from 'vitest';
import type { Socket } from 'node:net';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';

let peer: LoopbackPeer;
let held: HeldFleet;
afterEach(async () => {
  await held.stop();
  await peer.close();
});

/** No reconnect during a test: exactly one connection is looked at. */
const once = { reconnect: { initialMs: 60_000, maxMs: 60_000 } };
const never = { random: () => 0.99 };

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
  ['the kernel can be asked', undefined],
  ['the kernel cannot be asked', portableKernel],
] as const)('where %s', (_, kernel) => {
  test.each(endings)('$when: $seen.class/$seen.reason, once', async ({ peer: behave, seen }) => {
    peer = await startPeer((socket) => {
      socket.resume();
      setImmediate(behave, socket);
    });
    held = await holdPeers([peerSettings(peer.port, once)], { ...never, ...(kernel === undefined ? {} : { kernel }) });
    expect(await held.seen('disconnected')).toMatchObject(seen);
    await held.stop();
    expect(held.all('connected')).toHaveLength(1);
    expect([...held.all('disconnected'), ...held.all('localClosed')]).toHaveLength(1);
  });
});

test('data and a reset at once are a reset, 1,000 times of 1,000', async () => {
  peer = await startPeer((socket) => {
    socket.write('x'.repeat(100));
    socket.resetAndDestroy();
  });
  const settings = peerSettings(peer.port, { reconnect: { initialMs: 1, maxMs: 1 } });
  held = await holdPeers(Array.from({ length: 10 }, (_, i) => ({ ...settings, group: `g${i}` })));
  await held.seen('disconnected', 1000);
  const reasons = Map.groupBy(held.all('disconnected'), (event) => `${event.class}/${event.reason}`);
  expect([...reasons.keys()]).toEqual(['error/reset']);
  expect(held.all('connectFailed')).toEqual([]);
}, 30_000);

test('a half-close by the peer ends the connection once, with our bytes still delivered', async () => {
  peer = await startPeer();
  held = await holdPeers([peerSettings(peer.port, once)], never);
  await held.seen('connected');
  (await peer.accepted()).end();
  expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', reason: 'fin', initiator: 'remote' });
});

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { until } from '../support/scenario.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

/**
 * A peer on a thread of its own: it goes on while the loop of the test is blocked. It ends each connection as it is
 * told to, and wakes the test when the kernel has all of it.
 */
const PEER = `
const { createServer } = require('node:net');
const { parentPort, workerData: { bytes, end, done } } = require('node:worker_threads');
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const wake = () => {
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  };
  socket.on('error', () => {});
  socket.on('close', wake);
  socket.once('data', () => {
    const reset = () => socket.resetAndDestroy();
    if (end === 'reset') bytes > 0 ? socket.write(Buffer.alloc(bytes), reset) : reset();
    else socket.end(Buffer.alloc(bytes), end === 'fin, reset' ? reset : wake);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Only a peer that does nothing at all makes a test wait so long. */
const GIVE_UP_MS = 10_000;

let held: HeldFleet;
let worker: Worker;
afterEach(async () => {
  await held.stopNow();
  await worker.terminate();
});

const ENDS = [
  { when: '300 kB, then a reset', bytes: 300_000, end: 'reset', seen: { class: 'error', reason: 'reset' } },
  { when: '100 bytes, then a reset', bytes: 100, end: 'reset', seen: { class: 'error', reason: 'reset' } },
  { when: 'a reset alone', bytes: 0, end: 'reset', seen: { class: 'error', reason: 'reset' } },
  { when: 'a FIN, then a reset', bytes: 0, end: 'fin, reset', seen: { class: 'eof', reason: 'fin' } },
  { when: '100 bytes, then a FIN', bytes: 100, end: 'fin', seen: { class: 'eof', reason: 'fin' } },
] as const;

/** Holds a connection that the peer ends while our loop is blocked; returns when the kernel has all of it. */
async function endedWhileBlocked(peer: object, settings: Partial<PeerSettings>, clock?: FakeClock): Promise<void> {
  const done = new Int32Array(new SharedArrayBuffer(4));
  worker = new Worker(PEER, { eval: true, workerData: { ...peer, done } });
  const [port] = (await once(worker, 'message')) as [number];
  const reconnect = { initialMs: 60_000, maxMs: 60_000 };
  const heartbeat = sendExpectHeartbeat({ send: Buffer.from('go'), intervalMs: 60_000, answer: null });
  held = await holdPeers([peerSettings(port, { heartbeat, reconnect, ...settings })], {
    random: () => 0.99,
    ...(clock === undefined ? {} : { clock }),
  });
  if (clock === undefined) await held.seen('connected');
  else await until(clock, () => held.all('connected').length > 0, 20);
  expect(Atomics.wait(done, 0, 0, GIVE_UP_MS)).not.toBe('timed-out');
}

test.each(ENDS)('$when, all while our event loop was blocked: $seen.class/$seen.reason, once', async (end) => {
  await endedWhileBlocked({ bytes: end.bytes, end: end.end }, {});
  expect(await held.seen('disconnected')).toMatchObject(end.seen);
  await held.stop();
  expect([...held.all('disconnected'), ...held.all('localClosed')]).toHaveLength(1);
});

test.each(ENDS)('$when, and meanwhile its age was over: $seen.class/$seen.reason, for that came first', async (end) => {
  const clock = createFakeClock();
  await endedWhileBlocked({ bytes: end.bytes, end: end.end }, { maxConnectionAgeMs: 1000 }, clock);
  clock.stall(2000);
  await until(clock, () => held.all('disconnected').length + held.all('localClosed').length > 0, 0);
  expect(held.all('localClosed')).toEqual([]);
  expect(await held.seen('disconnected')).toMatchObject(end.seen);
});

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';

/**
 * A peer on a thread of its own: it goes on while the loop of the test is blocked. It ends each connection as it is
 * told to, and wakes the test when the kernel has all of it.
 */
const PEER = `
const { createServer } = require('node:net');
const { parentPort, workerData: { bytes, fin, done } } = require('node:worker_threads');
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('close', () => {
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  });
  socket.once('data', () => {
    const reset = () => socket.resetAndDestroy();
    if (fin) socket.end(reset);
    else if (bytes > 0) socket.write(Buffer.alloc(bytes), reset);
    else reset();
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Only a peer that does nothing at all makes a test wait so long. */
const GIVE_UP_MS = 10_000;

let held: HeldFleet;
let worker: Worker;
afterEach(async () => {
  await held.stop();
  await worker.terminate();
});

test.each([
  { when: '300 kB, then a reset', bytes: 300_000, fin: false, seen: { class: 'error', reason: 'reset' } },
  { when: '100 bytes, then a reset', bytes: 100, fin: false, seen: { class: 'error', reason: 'reset' } },
  { when: 'a reset alone', bytes: 0, fin: false, seen: { class: 'error', reason: 'reset' } },
  { when: 'a FIN, then a reset', bytes: 0, fin: true, seen: { class: 'eof', reason: 'fin' } },
])('$when, all while our event loop was blocked: $seen.class/$seen.reason, once', async ({ bytes, fin, seen }) => {
  const done = new Int32Array(new SharedArrayBuffer(4));
  worker = new Worker(PEER, { eval: true, workerData: { bytes, fin, done } });
  const [port] = (await once(worker, 'message')) as [number];
  const heartbeat = { send: Buffer.from('go'), intervalMs: 60_000, answer: null };
  const settings = peerSettings(port, { heartbeat, reconnect: { initialMs: 60_000, maxMs: 60_000 } });
  held = await holdPeers([settings], { random: () => 0.99 });
  await held.seen('connected');
  expect(Atomics.wait(done, 0, 0, GIVE_UP_MS)).not.toBe('timed-out');
  expect(await held.seen('disconnected')).toMatchObject(seen);
  await held.stop();
  expect([...held.all('disconnected'), ...held.all('localClosed')]).toHaveLength(1);
});

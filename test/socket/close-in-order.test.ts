import { expect, onTestFinished, test } from 'vitest';
import { closeInOrder } from '../../src/connections/link/close-in-order.ts';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { ReadTurns } from '../../src/connections/link/read-turns.ts';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';
import { startPeer } from '../support/loopback-peer.ts';

test('a drain that is cut to nothing releases the descriptor at once, behind the FIN', async () => {
  const saw: string[] = [];
  const peer = await startPeer((socket) => {
    socket.on('end', () => saw.push('FIN')).on('error', ({ message }) => saw.push(message));
    socket.resume();
  });
  onTestFinished(() => peer.close());
  const clock = createFakeClock();
  const shared = {
    kernel: portableKernel,
    readBuffer: new Uint8Array(1024),
    readTurns: new ReadTurns(clock),
    ends: new PacedWork(clock),
  };
  const socket = new ObservedSocket(shared, { received: () => {}, ended: () => {} });
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    socket.open({ address: '127.0.0.1', port: peer.port, sourceAddress: null }, resolve);
  });
  closeInOrder(socket, { clock, drainMs: 2000, end: () => socket.end() }, () => done.push('first'));
  while (saw.length === 0) await settled();
  closeInOrder(socket, { clock, drainMs: 0, end: () => socket.end() }, () => done.push('second'));
  expect(socket.fd, 'the descriptor, before anything else can happen').toBe(-1);
  while (done.length < 2) await settled();
  expect(done).toEqual(['first', 'second']);
  expect(saw).toEqual(['FIN']);
  expect(clock.pending).toBe(0);
});

/** A connected socket, and what its end does when the ends of others have used up the slice. */
async function connectedSocket() {
  const peer = await startPeer((socket) => void socket.resume());
  onTestFinished(() => peer.close());
  const clock = createFakeClock();
  const phases: (() => void)[] = [];
  const ends = new PacedWork({
    monotonic: () => clock.monotonic(),
    afterPoll(callback) {
      phases.push(callback);
      return { cancel: () => undefined };
    },
  });
  const ended = Promise.withResolvers<string>();
  const socket = new ObservedSocket(
    { kernel: portableKernel, readBuffer: new Uint8Array(1024), readTurns: new ReadTurns(clock), ends },
    { received: () => {}, ended: ({ kind }) => ended.resolve(kind) },
  );
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => {
    socket.open({ address: '127.0.0.1', port: peer.port, sourceAddress: null }, resolve);
  });
  return { clock, ends, phases, socket, remote: await peer.accepted(), ended: ended.promise };
}

test("where the peer's FIN is here already the descriptor is released at once, and no timer is set", async () => {
  const { clock, socket, remote, ended } = await connectedSocket();
  remote.end();
  expect(await ended).toBe('end');
  closeInOrder(socket, { clock, drainMs: 2000, end: () => socket.end() }, () => {});
  expect(socket.fd).toBe(-1);
  expect(clock.pending).toBe(0);
});

test('an error is reported at once; its descriptor is closed when it is its turn', async () => {
  const { clock, ends, phases, socket, remote, ended } = await connectedSocket();
  ends.run(() => clock.stall(10));
  remote.resetAndDestroy();
  expect(await ended).toBe('errno');
  await settled();
  expect(socket.fd).toBeGreaterThan(-1);
  for (const next of phases.splice(0)) next();
  expect(socket.fd).toBe(-1);
});

test('bytes that arrive between a failed write and the closing of its descriptor harm nothing', async () => {
  const { clock, ends, phases, socket, remote, ended } = await connectedSocket();
  ends.run(() => clock.stall(10));
  socket.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })); // as the runtime does when a write fails
  expect(await ended).toBe('errno');
  const closed = new Promise((resolve) => void socket.once('close', resolve));
  await new Promise<void>((resolve) => void remote.write('x'.repeat(100), () => resolve()));
  await settled();
  expect(socket.fd).toBeGreaterThan(-1);
  for (const next of phases.splice(0)) next();
  await closed;
  expect(socket.fd).toBe(-1);
});

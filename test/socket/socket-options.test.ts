import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { ReadTurns } from '../../src/connections/link/read-turns.ts';
import type { Kernel } from '../../src/os/sockets/kernel.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { startPeer } from '../support/loopback-peer.ts';

async function openSocket(port: number, kernel: Kernel): Promise<ObservedSocket> {
  const connected = Promise.withResolvers<void>();
  const shared = {
    kernel,
    readBuffer: new Uint8Array(1024),
    readTurns: new ReadTurns(systemClock),
    ends: new PacedWork(systemClock),
  };
  const socket = new ObservedSocket(shared, { received: () => {}, ended: () => {} });
  socket.open({ address: '127.0.0.1', port, sourceAddress: null }, connected.resolve);
  await connected.promise;
  return socket;
}

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;

test.skipIf(process.platform !== 'linux')(
  'a heartbeat does not wait for an acknowledgement: TCP_NODELAY (needs Linux)',
  async () => {
    const { default: koffi } = await import('koffi');
    const getsockopt = koffi
      .load('libc.so.6')
      .func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)');
    const peer = await startPeer();
    const socket = await openSocket(peer.port, portableKernel);
    const value = Buffer.alloc(4);
    expect(getsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, value, new Uint32Array([4]))).toBe(0);
    expect(value.readInt32LE(0)).toBe(1);
    socket.destroy();
    await peer.close();
  },
);

test.skipIf(process.platform !== 'linux')(
  'how long a socket was silent is asked of its own descriptor, and of nobody once it is destroyed (needs Linux)',
  async () => {
    const { kernel } = await openKernel(process.platform);
    const peer = await startPeer();
    const socket = await openSocket(peer.port, kernel);
    const { fd, silence } = socket;
    const before = socket.sample();
    if (before === null) throw new Error('no TCP_INFO of a connected socket');
    expect(silence.since(before)).toBeGreaterThanOrEqual(0);
    expect(silence.since({ ...before, totalRetransmits: 1 })).toBeNull();
    socket.destroy();
    expect(silence.since(before)).toBeNull();
    await once(socket, 'close');
    // The next one gets the same descriptor, and the kernel would answer.
    const next = await openSocket(peer.port, kernel);
    expect(next.fd).toBe(fd);
    expect(kernel.tcpInfo(fd)).not.toBeNull();
    expect(silence.since(before)).toBeNull();
    next.destroy();
    await peer.close();
  },
);

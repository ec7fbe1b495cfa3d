import { expect, test } from 'vitest';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { ReadTurns } from '../../src/connections/link/read-turns.ts';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { startPeer } from '../support/loopback-peer.ts';

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
    const connected = Promise.withResolvers<void>();
    const socket = new ObservedSocket(
      {
        kernel: portableKernel,
        readBuffer: new Uint8Array(1024),
        readTurns: new ReadTurns(systemClock),
        ends: new PacedWork(systemClock),
      },
      {
        received: () => {},
        ended: () => {},
      },
    );
    socket.open({ address: '127.0.0.1', port: peer.port, sourceAddress: null }, connected.resolve);
    await connected.promise;
    const value = Buffer.alloc(4);
    expect(getsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, value, new Uint32Array([4]))).toBe(0);
    expect(value.readInt32LE(0)).toBe(1);
    socket.destroy();
    await peer.close();
  },
);

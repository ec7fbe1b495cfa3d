import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Kernel } from '../../../../src/os/sockets/kernel.ts';

// linux/tcp.h, netinet/in.h, asm-generic/socket.h; read back here apart from the code that sets them.
const SOL_SOCKET = 1;
const IPPROTO_TCP = 6;
const SO_KEEPALIVE = [SOL_SOCKET, 9] as const;
const TCP_KEEPIDLE = [IPPROTO_TCP, 4] as const;
const TCP_KEEPINTVL = [IPPROTO_TCP, 5] as const;
const TCP_KEEPCNT = [IPPROTO_TCP, 6] as const;
const TCP_USER_TIMEOUT = [IPPROTO_TCP, 18] as const;

describe.skipIf(process.platform !== 'linux')('a TCP socket over loopback (needs Linux)', () => {
  let kernel: Kernel;
  let option: (name: readonly [level: number, name: number]) => number;
  let server: Server;
  let accepted: Socket;
  let socket: Socket;
  let fd: number;

  beforeEach(async () => {
    const { createLinuxKernel } = await import('../../../../src/os/sockets/linux-kernel.ts');
    const { loadLibc } = await import('../../../../src/os/libc.ts');
    const getsockopt = loadLibc().func(
      'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)',
    );
    option = ([level, name]) => {
      const value = Buffer.alloc(4);
      expect(getsockopt(fd, level, name, value, new Uint32Array([4]))).toBe(0);
      return value.readInt32LE(0);
    };
    kernel = createLinuxKernel();
    server = createServer((each) => void (accepted = each.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    ({ fd } = (socket as unknown as { _handle: { fd: number } })._handle);
  });

  afterEach(() => {
    socket.destroy();
    accepted.destroy();
    server.close();
  });

  test('keepalive and user timeout are what the kernel then has', () => {
    const keepalive = { idleSeconds: 61, intervalSeconds: 11, count: 4 };
    expect(kernel.configure(fd, { keepalive, userTimeoutMs: 12_345 })).toBe(true);
    expect([SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT].map(option)).toEqual([
      1, 61, 11, 4, 12_345,
    ]);
  });

  test('without keepalive no probe is sent, and the user timeout is set all the same', () => {
    socket.setKeepAlive(true, 1000);
    expect(option(SO_KEEPALIVE)).toBe(1);
    expect(kernel.configure(fd, { keepalive: null, userTimeoutMs: 2000 })).toBe(true);
    expect([SO_KEEPALIVE, TCP_USER_TIMEOUT].map(option)).toEqual([0, 2000]);
  });

  test('a user timeout of 0 leaves the default of the kernel', () => {
    expect(kernel.configure(fd, { keepalive: null, userTimeoutMs: 0 })).toBe(true);
    expect(option(TCP_USER_TIMEOUT)).toBe(0);
  });

  test('a setting that the kernel refuses is not reported as set', () => {
    const keepalive = { idleSeconds: 61, intervalSeconds: 11, count: 4 };
    expect(kernel.configure(fd, { keepalive: { ...keepalive, idleSeconds: 40_000 }, userTimeoutMs: 0 })).toBe(false);
    expect(kernel.configure(fd, { keepalive: { ...keepalive, intervalSeconds: 0 }, userTimeoutMs: 0 })).toBe(false);
    expect(kernel.configure(fd, { keepalive: { ...keepalive, count: 200 }, userTimeoutMs: 0 })).toBe(false);
    expect(kernel.configure(fd, { keepalive, userTimeoutMs: -1 })).toBe(false);
    expect(kernel.configure(fd, { keepalive: null, userTimeoutMs: -1 })).toBe(false);
  });

  test('no error is pending, then the reset is, by its name and once', async () => {
    expect(kernel.pendingError(fd)).toBe(null);
    socket.pause();
    // Without a read of ours the error stays with the kernel.
    (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
    accepted.resetAndDestroy();
    await once(accepted, 'close');
    expect(kernel.pendingError(fd)).toBe('ECONNRESET');
    expect(kernel.pendingError(fd), 'reading it cleared it').toBe(null);
  });

  test('TCP_INFO has the state and the round trip', async () => {
    socket.write('x'.repeat(1000));
    await once(accepted, 'data');
    const info = kernel.tcpInfo(fd);
    expect(info).toMatchObject({ state: 1, totalRetrans: 0, retransmits: 0 });
    expect(info?.rttMicros).toBeGreaterThan(0);
    expect(info?.minRttMicros).toBeLessThanOrEqual(info?.rttMicros ?? 0);
  });

  describe('bytes outstanding', () => {
    const LARGE = 32 * 1024 * 1024;
    /** Bytes that the kernel took of this write. */
    const taken = (): number =>
      LARGE - (socket as unknown as { _handle: { writeQueueSize: number } })._handle.writeQueueSize;
    /** The peer's side has its window closed. */
    const closeTheWindow = async (): Promise<void> => {
      accepted.pause();
      socket.write(Buffer.alloc(LARGE));
      for (let before = -1; before !== taken();) {
        before = taken();
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      }
    };

    test('are none once the peer has acknowledged them, whether it read them or not', async () => {
      accepted.pause();
      await new Promise((resolve) => socket.write('x'.repeat(1000), resolve));
      expect(kernel.outstandingBytes(fd)).toBe(0);
    });

    test('behind a closed window are those never sent, too, and the death of the socket leaves them', async () => {
      await closeTheWindow();
      const outstanding = kernel.outstandingBytes(fd) ?? 0;
      expect(outstanding).toBeGreaterThan(100_000);
      expect(outstanding).toBeLessThanOrEqual(taken());
      (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
      socket.pause();
      accepted.resetAndDestroy();
      await once(accepted, 'close');
      expect(kernel.tcpInfo(fd)?.state, 'TCP_CLOSE').toBe(7);
      expect(kernel.outstandingBytes(fd)).toBe(outstanding);
    });
  });

  test('what is no TCP socket has no answers', () => {
    const none = 0x7fff_ffff;
    expect([kernel.tcpInfo(none), kernel.pendingError(none), kernel.outstandingBytes(none)]).toEqual([
      null,
      undefined,
      null,
    ]);
    expect(kernel.configure(0x7fff_ffff, { keepalive: null, userTimeoutMs: 0 })).toBe(false);
  });
});

import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { createLinuxKernel } from '../../src/os/sockets/linux-kernel.ts';
import type { Keepalive } from '../../src/settings/peer-settings.ts';
import { heldConnection } from '../support/scenario.ts';

const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

const minute: Keepalive = { idleSeconds: 60, intervalSeconds: 10, count: 3 };

/** A connection whose options are read back from its socket. The peer's FIN looks like unanswered probes. Chance is 0.5. */
async function heldWith(keepalive: Keepalive | null) {
  const kernel = createLinuxKernel();
  const descriptors: number[] = [];
  const scenario = await heldConnection(
    { keepalive },
    {
      kernel: {
        ...kernel,
        configure: (fd, options) => descriptors.push(fd) > 0 && kernel.configure(fd, options),
        pendingError: () => 'ETIMEDOUT',
      },
    },
  );
  const getsockopt = koffi
    .load('libc.so.6')
    .func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)');
  const option = (level: number, name: number): number => {
    const value = Buffer.alloc(4);
    expect(getsockopt(descriptors[0] ?? -1, level, name, value, new Uint32Array([4]))).toBe(0);
    return value.readInt32LE(0);
  };
  return { ...scenario, option };
}

describe.skipIf(process.platform !== 'linux')('the keepalive in force (needs Linux)', () => {
  test('has an idle time that was drawn, on the socket and in the figures of the end', async () => {
    const { clock, remote, ended, option } = await heldWith(minute);
    expect(option(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    expect(option(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(54);
    clock.advance(100_000);
    await remote.end();
    expect(await ended.event).toMatchObject({ reason: 'keepalive_timeout', quietMs: 54_000 });
  });

  test('has the configured idle time below 5 s', async () => {
    const { option } = await heldWith({ ...minute, idleSeconds: 4 });
    expect(option(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(4);
  });

  test('is none where it is off', async () => {
    const { remote, ended, option } = await heldWith(null);
    expect(option(SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    await remote.end();
    expect(await ended.event).toMatchObject({ reason: 'retransmit_timeout' });
  });
});

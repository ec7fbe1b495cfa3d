import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/os/sockets/kernel.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';
import { heldConnection, pass, until } from '../support/scenario.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

/** The kernel of this machine, which says this of outstanding bytes and of the last packet. Its own stamps know no fake clock. */
async function kernelThatSays(says: { outstanding: number; silenceMs: number }): Promise<Kernel> {
  const { kernel } = await openKernel('linux');
  return {
    ...kernel,
    outstandingBytes: () => says.outstanding,
    tcpInfo(fd) {
      const info = kernel.tcpInfo(fd);
      const unackedSegments = Math.sign(says.outstanding);
      return info && { ...info, state: 1, unackedSegments, sinceDataMs: says.silenceMs, sinceAckMs: says.silenceMs };
    },
  };
}

describe.skipIf(process.platform !== 'linux')('idle and quiet (needs Linux)', () => {
  test('a goodbye, then FIN: both are the silence before the goodbye', async () => {
    const { clock, remote, ended } = await heldConnection();
    await pass(clock, 1000);
    await remote.write('an answer nobody asked for');
    await pass(clock, 60_000);
    await remote.write('GOAWAY ENHANCE_YOUR_CALM');
    await pass(clock, 40);
    await remote.end();
    const end = await ended.event;
    expect(end).toMatchObject({ class: 'eof', reason: 'fin', receivedBytes: 50 });
    expect(end.idleMs).toBeGreaterThan(59_900);
    expect(end.idleMs).toBeLessThan(60_200);
    expect(end.quietMs).toBe(end.idleMs);
  });

  test('an awaited answer, then FIN right behind it: idle is since the answer', async () => {
    const heartbeat = sendExpectHeartbeat({
      send: Buffer.from('PING'),
      intervalMs: 10_000,
      answer: { expect: Buffer.from('PONG'), timeoutMs: 5000 },
    });
    const { clock, remote, held, ended } = await heldConnection(
      { heartbeat },
      { behave: (socket) => void socket.on('data', () => socket.write('PONG')) },
    );
    await until(clock, () => held.all('heartbeatAnswered').length >= 1);
    const answered = held.all('heartbeatAnswered').length;
    await until(clock, () => held.all('heartbeatAnswered').length > answered, 20);
    await remote.end();
    expect((await ended.event).idleMs).toBeLessThan(100);
  });

  test('a reset that our heartbeat provoked: quiet is the silence before that heartbeat', async () => {
    const says = { outstanding: 0, silenceMs: 0 };
    const { clock, remote, ended, held } = await heldConnection(
      { heartbeat: sendExpectHeartbeat({ send: Buffer.from('x\n'), intervalMs: 6000, answer: null }) },
      { kernel: await kernelThatSays(says) },
    );
    await pass(clock, 5300);
    says.silenceMs = 5200;
    await pass(clock, 100);
    says.outstanding = 2;
    says.silenceMs = 5240;
    await pass(clock, 40);
    remote.socket.resetAndDestroy();
    const end = await ended.event;
    expect(end).toMatchObject({ class: 'error', reason: 'reset' });
    expect(end.quietMs).toBe(5200);
    expect(held.all('disconnected')).toHaveLength(1);
  });

  test('a reset that nothing provoked: quiet is since the last packet that came in', async () => {
    const says = { outstanding: 0, silenceMs: 45_000 };
    const { clock, remote, ended } = await heldConnection({}, { kernel: await kernelThatSays(says) });
    await pass(clock, 50_000);
    remote.socket.resetAndDestroy();
    expect(await ended.event).toMatchObject({ reason: 'reset', quietMs: 45_000 });
  });

  test('bytes right before our own close are no last words', async () => {
    const { clock, remote, held, ended } = await heldConnection({ maxConnectionAgeMs: 60_000 });
    await pass(clock, 59_970);
    await remote.write('still talking');
    await until(clock, () => held.all('localClosed').length === 1, 5);
    expect((await ended.event).idleMs).toBeLessThan(100);
  });
});

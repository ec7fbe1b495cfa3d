import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Keepalive } from '../../src/settings/peer-settings.ts';
import type { TlsSettings } from '../../src/settings/tls-settings.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

/** More than the buffers of both kernels take. */
const heartbeat = sendExpectHeartbeat({ send: Buffer.alloc(16 * 1024 * 1024), intervalMs: 60_000, answer: null });
const keepalive: Keepalive = { idleSeconds: 1, intervalSeconds: 1, count: 2 };

/** A peer that never reads, plain or TLS, and its sockets. */
async function deafPeer(tls: TlsSettings | null): Promise<{ port: number; sockets: Socket[]; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const behave = (socket: Socket): void => void sockets.push(socket.pause());
  if (tls === null) return { ...(await startPeer(behave)), sockets };
  return { ...(await startTlsPeer({ behave: (secured, raw) => (secured.pause(), behave(raw)) })), sockets };
}

/** include/net/tcp_states.h */
const [TCP_ESTABLISHED, TCP_CLOSE] = [1, 7];

const once = { reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 } };

const cases: readonly { what: string; tls: TlsSettings | null; keepalive: Keepalive | null }[] = [
  { what: 'plain, keepalive off', tls: null, keepalive: null },
  { what: 'plain, keepalive on', tls: null, keepalive },
  { what: 'TLS, keepalive off', tls: tlsSettings({ serverName: 'localhost' }), keepalive: null },
  { what: 'TLS, keepalive on', tls: tlsSettings({ serverName: 'localhost' }), keepalive },
];

/**
 * TCP_USER_TIMEOUT ends a connection whose peer does not read, although the peer's kernel answers each probe of the closed
 * window. None of the bytes that wait were ever sent, so no retransmit is counted.
 */
test.skipIf(process.platform !== 'linux').each(cases)(
  'a peer that never reads, until user_timeout ends it, is retransmit_timeout: $what (needs Linux)',
  async ({ tls, ...settings }) => {
    const peer = await deafPeer(tls);
    const user = { userTimeoutMs: 500, ...once };
    const held = await holdPeers([peerSettings(peer.port, { ...user, tls, heartbeat, ...settings })], {
      random: () => 0.5,
    });
    onTestFinished(async () => {
      await held.stopNow();
      await peer.close();
    });
    const end = await held.seen('disconnected');
    expect(end).toMatchObject({ class: 'error', reason: 'retransmit_timeout', errno: 'ETIMEDOUT' });
    expect(end.tcp?.outstandingBytes).toBeGreaterThan(100_000);
  },
);

test.skipIf(process.platform !== 'linux').each([
  { what: 'plain', tls: null },
  { what: 'TLS', tls: tlsSettings({ serverName: 'localhost' }) },
])('write_stalled is closed with RST, behind the bytes that do not drain: $what (needs Linux)', async ({ tls }) => {
  const peer = await deafPeer(tls);
  const settings = { writeTimeoutMs: 100, heartbeat, tls, ...once };
  const held = await holdPeers([peerSettings(peer.port, settings)], { random: () => 0.5 });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  expect(await held.seen('disconnected')).toMatchObject({
    class: 'idle_timeout',
    reason: 'write_stalled',
    stalledBy: 'peer',
  });
  const { kernel } = await openKernel(process.platform);
  const { fd } = (peer.sockets[0] as unknown as { _handle: { fd: number } })._handle;
  // By the state of the peer's own socket: before libuv 1.52 its runtime would call a reset behind data an end.
  for (let turns = 0; kernel.tcpInfo(fd)?.state === TCP_ESTABLISHED; turns++) {
    expect(turns, 'turns until the peer saw the end').toBeLessThan(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(kernel.tcpInfo(fd)?.state, 'after a FIN it would be 8, CLOSE_WAIT').toBe(TCP_CLOSE);
});

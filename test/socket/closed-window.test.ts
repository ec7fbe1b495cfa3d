import { expect, onTestFinished, test } from 'vitest';
import type { Keepalive } from '../../src/settings/peer-settings.ts';
import type { TlsSettings } from '../../src/settings/tls-settings.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';

/** More than the buffers of both kernels take. */
const heartbeat = { send: Buffer.alloc(16 * 1024 * 1024), intervalMs: 60_000, answer: null };
const keepalive: Keepalive = { idleSeconds: 1, intervalSeconds: 1, count: 2 };

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
    const peer =
      tls === null
        ? await startPeer((socket) => socket.pause())
        : await startTlsPeer({ behave: (secured, raw) => void (secured.pause(), raw.pause()) });
    const user = { userTimeoutMs: 500, reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 } };
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

import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock, Timer } from '../../src/clock/clock.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { endsOf, polite } from '../support/scenario.ts';
import { startTlsPeer, tlsSettings, type TlsPeerOptions } from '../support/tls-peer.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** The machine's clock, with the number of timers that are set. */
function countingClock(): Clock & { readonly pending: () => number } {
  const pending = new Set<Timer>();
  const counted = (set: (callback: () => void) => Timer, callback: () => void): Timer => {
    const inner = set(() => {
      pending.delete(timer);
      callback();
    });
    const timer = {
      cancel: () => {
        pending.delete(timer);
        inner.cancel();
      },
    };
    pending.add(timer);
    return timer;
  };
  return {
    now: systemClock.now,
    monotonic: systemClock.monotonic,
    after: (ms, callback) => counted((run) => systemClock.after(ms, run), callback),
    afterPoll: (callback) => counted((run) => systemClock.afterPoll(run), callback),
    pending: () => pending.size,
  };
}

/** Sockets of this process: peers' and ours alike. */
function openSockets(): number {
  return readdirSync('/proc/self/fd', { withFileTypes: true }).length;
}

type Kind = {
  readonly what: string;
  /** Opens the peer, and says what is special about holding it. */
  readonly peer: () => Promise<Partial<PeerSettings> & { readonly port: number }>;
  readonly counts: 'disconnected' | 'connectFailed' | 'localClosed';
  readonly cycles: number;
};

async function plain(behave?: (socket: Socket) => void): Promise<{ port: number }> {
  const peer = await startPeer(behave);
  opened.push(peer);
  return { port: peer.port };
}

async function secured(options: TlsPeerOptions): Promise<{ port: number; tls: NonNullable<PeerSettings['tls']> }> {
  const peer = await startTlsPeer(options);
  opened.push(peer);
  return { port: peer.port, tls: tlsSettings() };
}

async function nobody(): Promise<{ port: number }> {
  const peer = await startPeer();
  await peer.close();
  return { port: peer.port };
}


const KINDS: readonly Kind[] = [
  { what: 'FIN', peer: () => plain((s) => s.end()), counts: 'disconnected', cycles: 2000 },
  {
    what: 'data and RST',
    peer: () => plain((s) => s.write('x') && s.resetAndDestroy()),
    counts: 'disconnected',
    cycles: 2000,
  },
  { what: 'refusals', peer: nobody, counts: 'connectFailed', cycles: 2000 },
  {
    what: 'ages that end',
    peer: async () => ({ ...(await plain(polite)), maxConnectionAgeMs: 1 }),
    counts: 'localClosed',
    cycles: 2000,
  },
  {
    what: 'idle waits that end',
    peer: async () => ({ ...(await plain(polite)), idleTimeoutMs: 1 }),
    counts: 'disconnected',
    cycles: 2000,
  },
  {
    what: 'missed heartbeats',
    peer: async () => ({
      ...(await plain(polite)),
      heartbeat: { send: Buffer.from('x'), intervalMs: 20, answer: { expect: Buffer.from('y'), timeoutMs: 5 } },
    }),
    counts: 'disconnected',
    cycles: 1000,
  },
  {
    what: 'close_notify',
    peer: () => secured({ behave: (s) => s.end() }),
    counts: 'disconnected',
    cycles: 500,
  },
  {
    what: 'TLS connections that are reset',
    peer: () => secured({ behave: (_, raw) => raw.resetAndDestroy() }),
    counts: 'disconnected',
    cycles: 500,
  },
  {
    what: 'handshakes that are reset',
    peer: async () => ({ ...(await plain((s) => s.resetAndDestroy())), tls: tlsSettings() }),
    counts: 'connectFailed',
    cycles: 1000,
  },
  {
    what: 'certificates that are refused',
    peer: () => secured({ certificate: 'expired' }),
    counts: 'connectFailed',
    cycles: 500,
  },
  {
    what: 'peers that speak no TLS',
    peer: async () => ({ ...(await plain((s) => s.resume().end('220 hello\r\n'))), tls: tlsSettings() }),
    counts: 'connectFailed',
    cycles: 1000,
  },
];

describe.each(KINDS)('$cycles times $what', ({ peer, counts, cycles }) => {
  test('leave no descriptor, no timer and no part of the budget behind', async () => {
    const { port, ...special } = await peer();
    const before = openSockets();
    const clock = countingClock();
    const peers = Array.from({ length: 20 }, (_, i) =>
      peerSettings(port, { group: `g${i}`, reconnect: { initialMs: 1, maxMs: 1 }, sampleIntervalMs: 1000, ...special }),
    );
    // As many descriptors as peers: one that is not given back is missed at the next attempt of its peer.
    const held: HeldFleet = await holdPeers(peers, {
      clock,
      limits: { maxConnectsPerSecond: 100_000, maxConnections: peers.length },
    });
    await held.seen(counts, cycles);
    await held.stop();
    expect(clock.pending(), 'timers').toBe(0);
    expect(held.all('connectFailed').filter(({ reason }) => reason === 'fd_limit')).toEqual([]);
    expect(held.all('warned')).toEqual([]);
    const ends = endsOf(held);
    expect(new Set(ends).size).toBe(ends.length);
    expect(ends.length).toBe(held.all('connected').length);
    // The peer's side closes in its own time.
    const deadline = performance.now() + 3000;
    while (openSockets() > before && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(openSockets(), 'descriptors').toBeLessThanOrEqual(before);
  }, 60_000);
});

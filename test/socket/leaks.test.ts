import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FinrstEventType } from '../../src/domain/events/finrst-event.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { liveObjects } from '../support/live-objects.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { expectOneEndEach, polite, until } from '../support/scenario.ts';
import { startTlsPeer, tlsSettings, type TlsPeerOptions } from '../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

const PEERS = 5;
/** Node.js, V8 and the test runner make their own lasting objects during the first cycles. */
const ROUNDS_BEFORE = 4;
const ROUNDS = 10;
const CYCLES = PEERS * ROUNDS;
/** Of one object per cycle; what V8 and the test runner do meanwhile is ten or so objects. */
const OBJECTS_ALLOWED = CYCLES / 2;

/** Counts the sockets that a listener has open, and keeps none of those that closed. */
type OpenSockets = () => Promise<number>;
type Target = Partial<PeerSettings> & { readonly port: number; readonly open: OpenSockets };

const openSocketsOf =
  (server: Server): OpenSockets =>
  () =>
    new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );

async function plain(behave: (socket: Socket) => void): Promise<Target> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}); // resets are part of this test
    behave(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, open: openSocketsOf(server) };
}

async function secured(options: TlsPeerOptions): Promise<Target> {
  const peer = await startTlsPeer(options);
  onTestFinished(() => peer.close());
  return { port: peer.port, open: openSocketsOf(peer.server), tls: tlsSettings() };
}

async function refusing(): Promise<Target> {
  const peer = await startPeer();
  await peer.close();
  return { port: peer.port, open: () => Promise.resolve(0) };
}

type Kind = {
  readonly what: string;
  /** Opens the peer, and gives the settings that are special about holding it. */
  readonly open: () => Promise<Target>;
  readonly ends: 'disconnected' | 'connectFailed' | 'localClosed';
  /** A deadline of ours ends it: time has to pass. */
  readonly byDeadline?: boolean;
};

const KINDS: readonly Kind[] = [
  { what: 'FIN', open: () => plain((s) => s.end()), ends: 'disconnected' },
  { what: 'data and RST', open: () => plain((s) => s.write('x') && s.resetAndDestroy()), ends: 'disconnected' },
  { what: 'refused connects', open: refusing, ends: 'connectFailed' },
  {
    what: 'ages that end',
    open: async () => ({ ...(await plain(polite)), maxConnectionAgeMs: 100 }),
    ends: 'localClosed',
    byDeadline: true,
  },
  {
    what: 'idle waits that end',
    open: async () => ({ ...(await plain(polite)), idleTimeoutMs: 100 }),
    ends: 'disconnected',
    byDeadline: true,
  },
  {
    what: 'missed heartbeats',
    open: async () => ({
      ...(await plain((s) => polite(s.once('data', () => s.write('y'))))),
      heartbeat: sendExpectHeartbeat({
        send: Buffer.from('x'),
        intervalMs: 200,
        answer: { expect: Buffer.from('y'), timeoutMs: 50 },
      }),
    }),
    ends: 'disconnected',
    byDeadline: true,
  },
  {
    what: 'first answers that do not come',
    open: async () => ({
      ...(await plain(polite)),
      heartbeat: sendExpectHeartbeat({
        send: Buffer.from('x'),
        intervalMs: 200,
        answer: { expect: Buffer.from('y'), timeoutMs: 50 },
      }),
    }),
    ends: 'connectFailed',
    byDeadline: true,
  },
  { what: 'close_notify', open: () => secured({ behave: (s) => s.end() }), ends: 'disconnected' },
  {
    what: 'resets of TLS connections',
    open: () => secured({ behave: (_, raw) => raw.resetAndDestroy() }),
    ends: 'disconnected',
  },
  {
    what: 'resets within the handshake',
    open: async () => ({ ...(await plain((s) => s.resetAndDestroy())), tls: tlsSettings() }),
    ends: 'connectFailed',
  },
  {
    what: 'certificates that are refused',
    open: () => secured({ certificate: 'expired' }),
    ends: 'connectFailed',
  },
  {
    what: 'peers that do not speak TLS',
    open: async () => ({ ...(await plain((s) => s.resume().end('220 hello\r\n'))), tls: tlsSettings() }),
    ends: 'connectFailed',
  },
];

/** Everything that a cycle could leave behind. */
type Leftovers = {
  readonly descriptors: number;
  readonly timers: number;
  readonly handles: readonly string[];
  readonly objects: number;
};

type Cycling = {
  readonly cycle: () => Promise<void>;
  readonly leftovers: () => Promise<Leftovers>;
  readonly stop: () => Promise<void>;
};

/** Peers that connect and end in step: each once per cycle, and between two cycles no socket is open. */
async function holdInStep({ open, ends, byDeadline = false }: Kind): Promise<Cycling> {
  const { port, open: openAtPeer, ...special } = await open();
  const clock = createFakeClock();
  const peers = Array.from({ length: PEERS }, (_, i) =>
    peerSettings(port, {
      group: `g${i}`,
      reconnect: { initialMs: 2000, maxMs: 2000 },
      connectTimeoutMs: 3_600_000,
      sampleIntervalMs: 10,
      ...special,
    }),
  );
  // As many descriptors as peers: one that is not given back is missed at the next attempt of its peer.
  const limits = { maxConnectsPerSecond: 1_000_000, maxConnections: PEERS };
  const held = await holdPeers(peers, { clock, random: () => 0.5, limits });
  const count = (type: FinrstEventType): number => held.all(type).length;
  const entered = (name: string): number => held.all('stateEntered').filter(({ state }) => state === name).length;
  return {
    async cycle() {
      held.forget();
      // Connects yield to what still follows from the ends of the cycle before.
      for (; entered('resolving') < PEERS; await settled()) clock.advance(20);
      const stepMs = byDeadline ? 20 : 0;
      // Time stands still, so that the deadlines of all fall due together and nobody is a cycle ahead.
      await until(
        clock,
        () => count('connected') + count('connectFailed') === PEERS,
        ends === 'connectFailed' ? stepMs : 0,
      );
      await until(clock, () => count(ends) === PEERS, stepMs);
      await until(clock, () => entered('backoff') === PEERS);
      while ((await openAtPeer()) > 0) await settled();
      expectOneEndEach(held);
      expect(held.all('connectFailed').filter(({ reason }) => reason === 'fd_limit')).toEqual([]);
      expect(held.all('warned')).toEqual([]);
    },
    async leftovers() {
      held.forget();
      await settled();
      return {
        descriptors: readdirSync('/proc/self/fd').length,
        timers: clock.pending,
        handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout'), // those are the test runner's
        objects: liveObjects(),
      };
    },
    async stop() {
      await held.stop();
      expect(clock.pending, 'timers after the stop').toBe(0);
    },
  };
}

describe.each(KINDS)(`${CYCLES} times $what`, (kind) => {
  test('leave no object, no descriptor, no timer and no part of the budget behind', async () => {
    const { cycle, leftovers, stop } = await holdInStep(kind);
    for (let round = 0; round < ROUNDS_BEFORE; round++) await cycle();
    const { objects: objectsBefore, ...before } = await leftovers();
    for (let round = 0; round < ROUNDS; round++) await cycle();
    const { objects: objectsAfter, ...after } = await leftovers();
    expect(after).toEqual(before);
    expect(objectsAfter - objectsBefore, `objects left by ${CYCLES} cycles`).toBeLessThan(OBJECTS_ALLOWED);
    await stop();
  });
});

import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { Heartbeat } from '../../src/settings/heartbeat.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { groupsOf, type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, until } from '../support/scenario.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** What a peer does to one connection, at some moment. */
const FAULTS: readonly ((socket: Socket, { random, clock }: World) => void)[] = [
  (s) => s.end(),
  (s) => s.end('x'.repeat(500)),
  (s) => s.resetAndDestroy(),
  (s) => s.write('data') && s.resetAndDestroy(),
  (s) => s.end(() => s.resetAndDestroy()),
  (s) => s.destroy(),
  (s) => s.pause(), // sends nothing more, and reads nothing
  (s) => void s.write('\u0017\u0003\u0003 noise'),
  (s, { random, clock }) => void clock.after(random() * 30, () => s.destroy()),
];

/** Chance and time: of the peers and of the fleet alike, so that nothing depends on how fast the machine is. */
type World = { readonly random: () => number; readonly clock: FakeClock };
type Port = { readonly port: number; readonly tls: boolean };

async function openPorts(world: World): Promise<readonly Port[]> {
  const { random, clock } = world;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const misbehave = (socket: Socket): void => {
    socket.on('end', () => random() < 0.8 && socket.end());
    clock.after(random() * 40, () => !socket.destroyed && pick(FAULTS)(socket, world));
  };
  const ports: Port[] = [];
  for (let i = 0; i < 4; i++) {
    const peer = await startPeer((socket) => {
      socket.on('data', () => random() < 0.7 && socket.writable && socket.write('+PONG'));
      misbehave(socket);
    });
    const tls = await startTlsPeer({
      version: i % 2 === 0 ? 'TLSv1.2' : 'TLSv1.3',
      behave: (secured, raw) => (random() < 0.4 ? secured.end('bye') : misbehave(raw)),
    });
    opened.push(peer, tls);
    ports.push({ port: peer.port, tls: false }, { port: tls.port, tls: true });
  }
  return ports;
}

/** Ports on which nothing listens. */
async function closedPorts(): Promise<readonly Port[]> {
  const peer = await startPeer();
  await peer.close();
  return [
    { port: peer.port, tls: false },
    { port: peer.port, tls: true },
  ];
}

function anyHeartbeat(random: () => number): Heartbeat | null {
  const dice = random();
  if (dice < 0.5) return null;
  // The largest there is, more often than the kernel takes it from a peer that does not read.
  if (dice < 0.6) return sendExpectHeartbeat({ send: Buffer.alloc(64 * 1024), intervalMs: 10, answer: null });
  return sendExpectHeartbeat({
    send: Buffer.from('PING'),
    intervalMs: 20,
    answer: { expect: Buffer.from('PONG'), timeoutMs: 15 },
  });
}

function anyPeers(random: () => number, ports: readonly Port[]): PeerSettings[] {
  const sometimes = (ms: number): number => (random() < 0.3 ? Math.ceil(random() * ms) : 0);
  return ports.flatMap(({ port, tls }, i) =>
    Array.from({ length: 6 }, (_, n) => n)
      .filter(() => random() < 0.8)
      .map((n) =>
        peerSettings(port, {
          group: `g${i}`,
          peer: `peer-${n}`,
          reconnect: { initialMs: 1, maxMs: 5 },
          connectTimeoutMs: 200,
          idleTimeoutMs: sometimes(60),
          writeTimeoutMs: sometimes(60),
          maxConnectionAgeMs: sometimes(60),
          sampleIntervalMs: sometimes(20),
          keepalive: random() < 0.9 ? { idleSeconds: 60, intervalSeconds: 10, count: 3 } : null,
          labels: { n: String(Math.floor(random() * 2)) },
          heartbeat: anyHeartbeat(random),
          tls: tls ? tlsSettings({ expectCloseNotify: random() < 0.5 }) : null,
        }),
      ),
  );
}

const RELOADS = 12;
const CONNECTIONS_BETWEEN_RELOADS = 20;

test.each([1, 2, 3])(
  'whatever peers and reloads do, every connection ends exactly once and the sums agree (seed %i)',
  async (seed) => {
    const world: World = { random: seededRandom(seed), clock: createFakeClock() };
    const { random, clock } = world;
    const listening = await openPorts(world);
    const ports = [...listening, ...(await closedPorts())];
    const held = await holdPeers(anyPeers(random, ports), {
      clock,
      random,
      limits: { maxConnectsPerSecond: 2000, maxConnections: 40 },
    });
    for (let reload = 1; reload <= RELOADS; reload++) {
      const enough = reload * CONNECTIONS_BETWEEN_RELOADS;
      await until(clock, () => held.all('connected').length >= enough, 1);
      await held.fleet.apply(groupsOf(anyPeers(random, ports)));
      expectSumsToAgree(held);
    }
    await stopWithin(1000, held, clock);
    expectSumsToAgree(held);
    const before = held.events.length;
    await pass(clock, 10_000);
    expect(held.events.length, 'no event after the stop').toBe(before);
    const reasons = new Set(held.all('disconnected').map((end) => `${end.class}/${end.reason}`));
    for (const known of ['eof/fin', 'eof/close_notify', 'error/reset', 'idle_timeout/no_data'])
      expect(reasons).toContain(known);
    expect(reasons).not.toContain('error/other');
    for (const { port } of listening) await stillListens(port);
  },
  60_000,
);

async function stopWithin(ms: number, held: HeldFleet, clock: FakeClock): Promise<void> {
  const deadline = clock.monotonic() + ms + 20; // some turns of the event loop, for sockets that close
  let stopped = false;
  void held.fleet.stop(ms).then(() => (stopped = true));
  await until(clock, () => stopped, 1);
  expect(clock.monotonic()).toBeLessThanOrEqual(deadline);
}

/** connections = disconnects + local closes + peers established, per group; one end per connection id, of a connection that was. */
function expectSumsToAgree(held: HeldFleet): void {
  const sums = new Map<string, number>();
  const add = (group: string, by: number): void => void sums.set(group, (sums.get(group) ?? 0) + by);
  const states = new Map<number, { readonly group: string; readonly name: string }>();
  const alive = new Set<string>();
  const removed = new Set<number>();
  for (const event of held.events) {
    if (event.type === 'connected') {
      expect(alive.has(event.connectionId)).toBe(false);
      alive.add(event.connectionId);
      add(event.peer.group, 1);
    } else if (event.type === 'disconnected' || event.type === 'localClosed') {
      expect(alive.delete(event.connectionId), `${event.type} of ${event.connectionId}`).toBe(true);
      expect(event.durationMs).toBeGreaterThanOrEqual(event.idleMs);
      // Bytes may come in while ours stay outstanding; the silence before those may be longer then.
      if (event.tcp?.outstandingBytes === 0) expect(event.idleMs).toBeGreaterThanOrEqual(event.quietMs);
      add(event.peer.group, -1);
    } else if (event.type === 'stateEntered') {
      expect(event.from).toBe(states.get(event.peer.id)?.name ?? null);
      states.set(event.peer.id, { group: event.peer.group, name: event.state });
    } else if (event.type === 'peerRemoved') removed.add(event.peer.id);
    if ('peer' in event && removed.has(event.peer.id)) expectHarmlessAfterRemoval(event);
  }
  const established = Map.groupBy(
    [...states.values()].filter(({ name }) => name === 'established'),
    ({ group }) => group,
  );
  for (const [group, sum] of sums) expect(sum, group).toBe(established.get(group)?.length ?? 0);
}

function expectHarmlessAfterRemoval(event: FinrstEvent): void {
  expect(['peerRemoved', 'stateEntered']).toContain(event.type);
}

async function stillListens(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.destroy();
}

import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { answering } from '../support/answering.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { groupsOf, type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { linesOf, metricsAfter } from '../support/metrics-reader.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { peersThatFit } from '../support/peers-that-fit.ts';
import { pass, polite, stubborn, until } from '../support/scenario.ts';
import { tlsSettings } from '../support/tls-peer.ts';

const peers: LoopbackPeer[] = [];
let held: HeldFleet;
afterEach(async () => {
  await held.stopNow();
  for (const peer of peers.splice(0)) await peer.close();
});

async function peerThat(behave?: (socket: Socket) => void, host?: string): Promise<LoopbackPeer> {
  const peer = await startPeer(behave, host);
  peers.push(peer);
  return peer;
}

describe('a reload', () => {
  test('leaves unchanged peers their socket, and closes in order what is removed or needs a new socket', async () => {
    const [stays, leaves, relabelled, reconnects, comes] = await Promise.all(
      [1, 2, 3, 4, 5].map(() => peerThat(polite)),
    );
    if (!stays || !leaves || !relabelled || !reconnects || !comes) throw new Error('five peers');
    const before = [stays, leaves, relabelled, reconnects].map(({ port }) => peerSettings(port));
    held = await holdPeers(before);
    await held.seen('connected', 4);
    const diff = await held.fleet.apply(
      groupsOf([
        peerSettings(stays.port),
        peerSettings(relabelled.port, { labels: { team: 'payments' }, idleTimeoutMs: 60_000 }),
        peerSettings(reconnects.port, { keepalive: null }),
        peerSettings(comes.port),
      ]),
    );
    expect(diff).toEqual({ added: 1, changed: 2, removed: 1, unchanged: 1 });
    await held.seen('connected', 6);
    const closes = held.all('localClosed').map(({ peer, reason }) => `${peer.peer} ${reason}`);
    expect(closes.toSorted()).toEqual(
      [`127.0.0.1:${leaves.port} removed`, `127.0.0.1:${reconnects.port} reconfigured`].toSorted(),
    );
    expect([stays, leaves, relabelled, reconnects, comes].map(({ sockets }) => sockets.length)).toEqual([
      1, 1, 1, 2, 1,
    ]);
    expect(held.all('disconnected')).toEqual([]);
    expect(held.all('peerRemoved').map(({ peer }) => peer.peer)).toEqual([`127.0.0.1:${leaves.port}`]);
    const ids = held
      .all('connected')
      .filter(({ peer }) => peer.peer === `127.0.0.1:${reconnects.port}`)
      .map(({ peer }) => peer.id);
    expect(new Set(ids).size, 'a peer that reconnects keeps its counters').toBe(1);
  });

  test('that changes a target label keeps the connection, and what happens from then on has the new one', async () => {
    const remote = await peerThat(polite);
    const labelled = (targetLabels: readonly string[], labels: Readonly<Record<string, string>>) =>
      groupsOf([peerSettings(remote.port, { targetLabels, labels })]);
    held = await holdPeers(
      labelled(['team'], { team: 'a', own: '1' }).flatMap(({ peers }) => peers.map(({ settings }) => settings)),
    );
    const first = await held.seen('connected');
    expect(first.peer.labels).toEqual({ team: 'a' });

    await held.fleet.apply(labelled(['team'], { team: 'a', own: '2' }));
    expect(held.all('peerChanged')[0]?.peer, 'another label changes nothing about the peer').toBe(first.peer);
    await held.fleet.apply(labelled(['team'], { team: 'b' }));
    await held.fleet.apply(labelled(['team', 'tier'], { team: 'b' }));
    expect(held.all('peerChanged').map(({ peer }) => [peer.id, peer.labels])).toEqual([
      [0, { team: 'a' }],
      [0, { team: 'b' }],
      [0, { team: 'b', tier: '' }],
    ]);
    expect(remote.sockets).toHaveLength(1);
    remote.sockets[0]?.write('x');
    expect((await held.seen('traffic')).peer.labels).toEqual({ team: 'b', tier: '' });
    remote.sockets[0]?.resetAndDestroy();
    const end = await held.seen('disconnected');
    expect(end).toMatchObject({ connectionId: first.connectionId, peer: { id: 0, labels: { team: 'b', tier: '' } } });
    expect((await held.seen('connected', 2)).peer.labels).toEqual({ team: 'b', tier: '' });
  });

  test('that closes the connection reports its end under the new labels, too', async () => {
    const remote = await peerThat(polite);
    const of = (team: string) => peerSettings(remote.port, { targetLabels: ['team'], labels: { team } });
    held = await holdPeers([of('a')]);
    await held.seen('connected');
    await held.fleet.apply(groupsOf([{ ...of('b'), keepalive: null }]));
    expect((await held.seen('localClosed')).peer.labels).toEqual({ team: 'b' });
  });

  test('gives peers with equal labels one object', async () => {
    const remote = await peerThat(polite);
    const of = (peer: string) => peerSettings(remote.port, { peer, targetLabels: ['team'], labels: { team: 'a' } });
    held = await holdPeers([of('one:1'), of('other:1')]);
    const [one, other] = held.all('peerAdded');
    expect(other?.peer.labels).toBe(one?.peer.labels);
  });

  test('a peer that comes back waits until its predecessor has drained', async () => {
    const stubborn = await peerThat((socket) => socket.resume()); // never sends its own FIN
    held = await holdPeers([peerSettings(stubborn.port)]);
    await held.seen('connected');
    await held.fleet.apply([]);
    await held.fleet.apply(groupsOf([peerSettings(stubborn.port)]));
    const first = await stubborn.accepted();
    await new Promise((resolve) => first.on('end', resolve));
    expect(held.all('connected')).toHaveLength(1);
    first.end();
    await held.seen('connected', 2);
    expect(held.all('localClosed')).toMatchObject([{ reason: 'removed' }]);
  });
});

test('every peer is known, and every group, before anybody connects', async () => {
  const peer = await peerThat();
  held = await holdPeers([peerSettings(peer.port), peerSettings(peer.port, { group: 'secure', tls: tlsSettings() })]);
  await held.seen('stateEntered');
  const order = held.events.map(({ type }) => type);
  expect(order.lastIndexOf('peerAdded')).toBeLessThan(order.indexOf('stateEntered'));
  expect(held.all('groupAdded')).toMatchObject([
    { group: 'test', tls: false },
    { group: 'secure', tls: true },
  ]);
});

test('a stop shows every peer of very many a FIN first, and waits for nothing where all answer', async () => {
  const saw: string[] = [];
  const peer = await peerThat((socket) => {
    socket.resume();
    socket.write('a banner nobody asked for');
    socket.on('end', () => {
      saw.push('FIN');
      socket.end('and some last words');
    });
    socket.on('error', () => saw.push('error'));
  });
  const many = peersThatFit(1000, 2); // both ends are sockets of this process
  const clock = createFakeClock();
  held = await holdPeers(
    Array.from({ length: many }, (_, i) => peerSettings(peer.port, { group: `g${i}` })),
    { clock },
  );
  await until(clock, () => held.all('connected').length === many, 1);
  // Time stands still: no drain of ours can end, and the stop ends all the same.
  await held.stop();
  expect(held.all('localClosed')).toHaveLength(many);
  expect(new Set(saw)).toEqual(new Set(['FIN']));
  expect(saw).toHaveLength(many);
}, 30_000);

test('a peer that never sends its FIN delays the stop by the drain, no longer', async () => {
  const peer = await peerThat(stubborn);
  const clock = createFakeClock();
  held = await holdPeers([peerSettings(peer.port)], { clock });
  await until(clock, () => held.all('connected').length === 1);
  let stopped = false;
  void held.fleet.stop(300).then(() => (stopped = true));
  await pass(clock, 299);
  expect(stopped).toBe(false);
  clock.advance(1);
  await until(clock, () => stopped);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

test('10,000 ends with faults known in advance: each counted once, with the right reason', async () => {
  const faults = {
    'eof/fin': await peerThat((socket) => socket.end()),
    'eof/fin with data': await peerThat((socket) => socket.end('bye')),
    'error/reset': await peerThat((socket) => socket.resetAndDestroy()),
    'error/reset behind data': await peerThat((socket) => {
      socket.write('x'.repeat(200));
      socket.resetAndDestroy();
    }),
    'eof/fin then reset': await peerThat((socket) => socket.end(() => socket.resetAndDestroy())),
  };
  const quick = { reconnect: { initialMs: 1, maxMs: 1 } };
  held = await holdPeers(
    Object.entries(faults).flatMap(([group, { port }]) =>
      Array.from({ length: 20 }, (_, i) => peerSettings(port, { ...quick, group, peer: `${i}` })),
    ),
    { limits: { maxConnectsPerSecond: 100_000, maxConnections: 0 } },
  );
  await held.seen('disconnected', 10_000);
  await held.stop();
  const wrong = held.all('disconnected').filter((end) => !end.peer.group.startsWith(`${end.class}/${end.reason}`));
  expect(wrong).toEqual([]);
  expect(held.all('connectFailed')).toEqual([]);
  const ends = [...held.all('disconnected'), ...held.all('localClosed')].map(({ connectionId }) => connectionId);
  expect(new Set(ends).size).toBe(ends.length);
  expect(ends.length).toBe(held.all('connected').length);
  // And the counters say so: of each group exactly its own reason, as often as it was told.
  const lines = await linesOf(metricsAfter(held.events), 'finrst_disconnects_by_reason_total');
  const counted = lines.filter((line) => !line.endsWith(' 0')).toSorted();
  const told = Map.groupBy(held.all('disconnected'), ({ peer }) => peer.group);
  const expected = [...told].map(([group, all]) => {
    const [name, reason] = group.split(' ')[0]?.split('/') ?? [];
    return `finrst_disconnects_by_reason_total{group="${group}",class="${name}",reason="${reason}"} ${all.length}`;
  });
  expect(counted).toEqual(expected.toSorted());
  expect(counted).toHaveLength(Object.keys(faults).length);
}, 60_000);

describe('what our own machine lacks', () => {
  test('past the descriptor budget an attempt fails as fd_limit, is said once, and others stay', async () => {
    const peer = await peerThat(polite);
    held = await holdPeers(
      Array.from({ length: 8 }, (_, i) =>
        peerSettings(peer.port, { group: `g${i}`, reconnect: { initialMs: 20, maxMs: 20 } }),
      ),
      { limits: { maxConnectsPerSecond: 1000, maxConnections: 5 }, random: () => 0.9 },
    );
    await held.seen('connectFailed', 9);
    expect(new Set(held.all('connectFailed').map(({ phase, reason }) => `${phase}/${reason}`))).toEqual(
      new Set(['tcp/fd_limit']),
    );
    expect(held.all('connected')).toHaveLength(5);
    expect(held.all('warned')).toHaveLength(1);
    expect(held.all('connectFailed')[0]?.detail).toMatch(/max_connections/);
  });

  test('with as many descriptors as peers, a socket that drains makes room for the attempt that follows', async () => {
    const peer = await peerThat(stubborn); // never sends its own FIN: each drain would take 2 s
    const clock = createFakeClock();
    held = await holdPeers(
      [peerSettings(peer.port, { idleTimeoutMs: 1000, reconnect: { initialMs: 200, maxMs: 200 } })],
      {
        clock,
        random: () => 0.5,
        limits: { maxConnectsPerSecond: 1000, maxConnections: 1 },
      },
    );
    await until(clock, () => held.all('connected').length === 5, 20);
    expect(held.all('connectFailed')).toEqual([]);
    expect(held.all('warned')).toEqual([]);
    const open = () => peer.sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded);
    await until(clock, () => open().length === 1);
  });

  test('a source address that is not ours is address_unavailable', async () => {
    const peer = await peerThat();
    held = await holdPeers([peerSettings(peer.port, { sourceAddress: '192.0.2.1' })]);
    expect(await held.seen('connectFailed')).toMatchObject({ phase: 'tcp', reason: 'address_unavailable' });
  });
});

describe('names', () => {
  const named = (port: number, overrides = {}): ReturnType<typeof peerSettings> =>
    peerSettings(port, { peer: `db.example:${port}`, host: 'db.example', ...overrides });

  test.each([
    ['ENOTFOUND', 'not_found'],
    ['EAI_AGAIN', 'temporary'],
    ['EAI_FAIL', 'other'],
  ])('%s is dns/%s, and is asked again at every attempt', async (code, reason) => {
    let asked = 0;
    held = await holdPeers([named(1, { reconnect: { initialMs: 1, maxMs: 1 } })], {
      lookup: (_host, _family, callback) => {
        asked++;
        setImmediate(callback, { kind: 'failed', code });
      },
    });
    await held.seen('connectFailed', 3);
    expect(held.all('connectFailed')[2]).toMatchObject({ phase: 'dns', reason, failuresInARow: 3 });
    expect(asked).toBeGreaterThanOrEqual(3);
  });

  test('an answer that does not come within connect_timeout is dns/timeout', async () => {
    held = await holdPeers([named(1, { connectTimeoutMs: 50 })], { lookup: () => {} });
    expect(await held.seen('connectFailed')).toMatchObject({ phase: 'dns', reason: 'timeout' });
  });

  test('addresses are tried in turn, and the attempt fails with the last one', async () => {
    const peer = await peerThat();
    const free = await startPeer();
    await free.close();
    held = await holdPeers([named(peer.port)], {
      lookup: answering('::1', '127.0.0.1'),
    });
    const connected = await held.seen('connected');
    expect(connected.tried).toMatchObject([
      { address: '::1', errno: hasIpv6() ? 'ECONNREFUSED' : 'EADDRNOTAVAIL' },
      { address: '127.0.0.1' },
    ]);
    expect(connected.remote).toEqual({ address: '127.0.0.1', port: peer.port });
  });

  test('all addresses refused is one failure', async () => {
    const free = await startPeer();
    await free.close();
    held = await holdPeers([named(free.port, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
      random: () => 0.9,
      lookup: answering('127.0.0.1', '127.0.0.2'),
    });
    const failed = await held.seen('connectFailed');
    expect(failed).toMatchObject({ phase: 'tcp', reason: 'refused', errno: 'ECONNREFUSED', failuresInARow: 1 });
    expect(failed.tried.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2']);
  });

  test('the resolver of this machine is asked: localhost connects', async () => {
    const peer = await peerThat();
    held = await holdPeers([peerSettings(peer.port, { peer: `localhost:${peer.port}`, host: 'localhost' })]);
    expect((await held.seen('connected')).remote.address).toMatch(/^(127\.0\.0\.1|::1)$/);
  });
});

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}

test('a flood is counted and dropped: memory stays where it was', async () => {
  const chunk = Buffer.alloc(256 * 1024);
  const chunks = 400;
  const before = process.memoryUsage().external;
  let most = before;
  const flood = await peerThat((socket) => {
    let sent = 0;
    const pour = (): void => {
      most = Math.max(most, process.memoryUsage().external);
      while (sent < chunks && !socket.destroyed) {
        sent++;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on('drain', pour);
    pour();
  });
  held = await holdPeers([peerSettings(flood.port, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    random: () => 0.5,
  });
  const { receivedBytes } = await held.seen('disconnected');
  expect(receivedBytes).toBe(chunks * chunk.length);
  expect(most - before).toBeLessThan(32 * 1024 * 1024);
}, 30_000);

import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import type { NameLookup } from '../../src/connections/dial/name-lookup.ts';
import { answering } from '../support/answering.ts';
import { createFakeClock, settled } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, until } from '../support/scenario.ts';

let held: HeldFleet;
const peers: LoopbackPeer[] = [];
afterEach(async () => {
  await held.stopNow();
  for (const peer of peers.splice(0)) await peer.close();
});

async function listening(): Promise<LoopbackPeer> {
  const peer = await startPeer();
  peers.push(peer);
  return peer;
}

const named = (port: number, overrides = {}): ReturnType<typeof peerSettings> =>
  peerSettings(port, { peer: `db.example:${port}`, host: 'db.example', ...overrides });

describe('the descriptor budget counts sockets that are open, not addresses that were tried', () => {
  test('with room for one socket, the second address is tried after the first was refused', async () => {
    const peer = await listening();
    held = await holdPeers([named(peer.port)], {
      lookup: answering('127.0.0.2', '127.0.0.3', '127.0.0.1'),
      limits: { maxConnectsPerSecond: 1000, maxConnections: 1 },
    });
    await Promise.race([held.seen('connected'), held.seen('connectFailed')]);
    expect(held.all('connectFailed')).toEqual([]);
    expect(held.all('connected')[0]?.tried).toMatchObject([
      { address: '127.0.0.2', reason: 'refused', errno: 'ECONNREFUSED' },
      { address: '127.0.0.3', reason: 'refused', errno: 'ECONNREFUSED' },
      { address: '127.0.0.1' },
    ]);
    expect(held.all('warned')).toEqual([]);
  });
});

test.each([
  { host: '127.0.0.1', isLiteral: true },
  { host: '::1', isLiteral: true },
  { host: 'localhost', isLiteral: false },
])('events about $host say whether it is an address: $isLiteral', async ({ host, isLiteral }) => {
  held = await holdPeers([named(1, { host, reconnect: { initialMs: 60_000, maxMs: 60_000 } })], { random: () => 0.9 });
  expect((await held.seen('connectFailed')).peer).toMatchObject({ host, port: 1, isLiteral });
});

test('the event of an attempt has the addresses that its name resolved to, each once', async () => {
  const lookup: NameLookup = (_host, _family, callback) => {
    callback({ kind: 'found', addresses: ['127.0.0.1', '::1', '127.0.0.1'] });
    return undefined;
  };
  held = await holdPeers([named(1, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    lookup,
    random: () => 0.9,
  });
  expect((await held.seen('connectFailed')).resolved).toEqual(['127.0.0.1', '::1']);
});

describe('connect_timeout while our own event loop stalls again and again', () => {
  test('what is given back is in all one connect_timeout: a peer that keeps us busy cannot put the end off for ever', async () => {
    const clock = createFakeClock();
    held = await holdPeers([named(1, { connectTimeoutMs: 1000 })], { clock, lookup: () => {}, random: () => 0.9 });
    clock.advance(0);
    const begun = clock.monotonic();
    while (held.all('connectFailed').length === 0) {
      expect(clock.monotonic() - begun, 'it was put off for ever').toBeLessThan(10_000);
      clock.stall(400);
      await settled();
      await pass(clock, 100);
    }
    expect(held.all('connectFailed')[0]).toMatchObject({ phase: 'dns', reason: 'timeout' });
    // Of each stall all but what the monitor's tick of 20 ms may hide; the last one may begin right before the end.
    expect(clock.monotonic() - begun).toBeGreaterThanOrEqual(1900);
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(2520);
  });

  test('one long stall gives back what it took, no more', async () => {
    const clock = createFakeClock();
    held = await holdPeers([named(1, { connectTimeoutMs: 1000 })], { clock, lookup: () => {}, random: () => 0.9 });
    clock.advance(0);
    clock.stall(10_000);
    await settled();
    let ranMs = 0;
    for (; held.all('connectFailed').length === 0; ranMs += 20) {
      clock.advance(20);
      await settled();
    }
    expect(ranMs).toBeGreaterThanOrEqual(960);
    expect(ranMs).toBeLessThanOrEqual(1040);
  });
});

describe("a look-up that is our own trouble is not called the resolver's", () => {
  const lasting = { connectTimeoutMs: 5000, reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 } };
  const waiting = (waitedMs: () => number, hasBegun: boolean) => () => ({
    waitedMs,
    hasBegun: () => hasBegun,
    cancel: () => {},
  });

  test.each([
    {
      when: 'it was not begun in time',
      lookup: waiting(() => 5000, false),
      failure: {
        reason: 'other',
        detail: expect.stringMatching(/^the look-up was not begun within connect_timeout: /),
      },
    },
    {
      when: 'it waited for its turn for most of the time',
      lookup: waiting(() => 4500, true),
      failure: {
        reason: 'other',
        detail: expect.stringMatching(/^the look-up waited 4s500ms of connect_timeout for its turn: /),
      },
    },
    { when: 'the resolver had most of the time', lookup: waiting(() => 500, true), failure: { reason: 'timeout' } },
  ])('when $when: dns/$failure.reason', async ({ lookup, failure }) => {
    const clock = createFakeClock();
    held = await holdPeers([named(1, lasting)], { clock, lookup, random: () => 0.9 });
    await until(clock, () => held.all('connectFailed').length === 1, 20);
    expect(held.all('connectFailed')[0]).toMatchObject({ phase: 'dns', ...failure });
    expect('detail' in (held.all('connectFailed')[0] ?? {})).toBe('detail' in failure);
  });

  test('no descriptor for it: tcp/fd_limit', async () => {
    held = await holdPeers([named(1, lasting)], {
      random: () => 0.9,
      lookup: (_host, _family, callback) => {
        setImmediate(callback, { kind: 'failed', code: 'EMFILE' });
        return undefined;
      },
    });
    const failed = await held.seen('connectFailed');
    expect(failed).toMatchObject({ phase: 'tcp', reason: 'fd_limit', errno: 'EMFILE', tried: [] });
    expect(failed.detail).toContain('raise the limit of open files');
    expect(failed.timings).not.toHaveProperty('dnsMs');
  });

  test('an attempt that is over waits for no answer any more', async () => {
    const clock = createFakeClock();
    let cancelled = 0;
    const lookup = () => ({ waitedMs: () => 0, hasBegun: () => true, cancel: () => void cancelled++ });
    held = await holdPeers([named(1, lasting)], { clock, lookup, random: () => 0.9 });
    await until(clock, () => held.all('connectFailed').length === 1, 20);
    expect(cancelled).toBe(1);
  });
});

test('an address that the resolver names twice is tried once', async () => {
  const peer = await listening();
  const { port } = peer;
  await peer.close();
  peers.pop();
  held = await holdPeers([named(port, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    random: () => 0.9,
    lookup: answering('127.0.0.1', '127.0.0.2', '127.0.0.1'),
  });
  const failed = await held.seen('connectFailed');
  expect(failed.tried.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2']);
});

test('a name without any address is dns/not_found', async () => {
  held = await holdPeers([named(1, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    random: () => 0.9,
    lookup: answering(),
  });
  expect(await held.seen('connectFailed')).toMatchObject({ phase: 'dns', reason: 'not_found', tried: [] });
});

test.each([
  { what: 'no address at all', address: 'not-an-address' },
  { what: 'an interface that is not here', address: 'fe80::1%nonesuch0' },
])('what a resolver says that is $what is a connect failure, not a crash', async ({ address }) => {
  const clock = createFakeClock();
  held = await holdPeers([named(9, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    clock,
    random: () => 0.9,
    lookup: answering(address),
  });
  await until(clock, () => held.all('connectFailed').length === 1, 20);
  expect(held.all('connectFailed')).toMatchObject([{ phase: 'tcp' }]);
});

describe('the family that is looked up', () => {
  test.each([
    { sourceAddress: '192.0.2.1', ipFamily: 'any', asked: 'ipv4' },
    { sourceAddress: '2001:db8::1', ipFamily: 'any', asked: 'ipv6' },
    { sourceAddress: null, ipFamily: 'any', asked: 'any' },
    { sourceAddress: null, ipFamily: 'ipv6', asked: 'ipv6' },
  ] as const)(
    'from $sourceAddress with ip_family $ipFamily: $asked, since no other could be reached',
    async ({ sourceAddress, ipFamily, asked }) => {
      const families: string[] = [];
      held = await holdPeers([named(1, { sourceAddress, ipFamily, reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
        random: () => 0.9,
        lookup: (_host, family, callback) => {
          families.push(family);
          setImmediate(callback, { kind: 'failed', code: 'ENOTFOUND' });
        },
      });
      await held.seen('connectFailed');
      expect(families).toEqual([asked]);
    },
  );
});

test('a socket that was connected to itself is a refusal: nothing listens there (RFC 9293 3.5)', async () => {
  const peer = await listening();
  const { port } = peer;
  await peer.close();
  peers.pop();
  // The kernel picks the source port by chance, and this one once in some 28,000 attempts: here it is picked for it.
  const open = vi.spyOn(ObservedSocket.prototype, 'open').mockImplementation(function (
    this: ObservedSocket,
    { address, port: to },
    connected,
  ) {
    this.connect({ host: address, port: to, localAddress: address, localPort: to }, connected);
  });
  onTestFinished(() => open.mockRestore());
  held = await holdPeers([peerSettings(port, { reconnect: { initialMs: 60_000, maxMs: 60_000 } })], {
    random: () => 0.9,
  });
  expect(await Promise.race([held.seen('connectFailed'), held.seen('connected')])).toMatchObject({
    type: 'connectFailed',
    phase: 'tcp',
    reason: 'refused',
    errno: 'ECONNREFUSED',
    detail: 'nothing listens there: the socket had connected to itself',
    tried: [{ address: '127.0.0.1', reason: 'refused' }],
  });
});

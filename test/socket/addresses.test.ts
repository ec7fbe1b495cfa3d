import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { answering } from '../support/answering.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { type HeldFleet, type HeldFleetOptions, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, until } from '../support/scenario.ts';
import { type SilentListener, startSilentListener } from '../support/silent-listener.ts';

let held: HeldFleet;
afterEach(() => held.stopNow());

const LIVE = '127.0.0.1';

/** A port where `LIVE` listens. */
async function livePort(): Promise<number> {
  const peer = await startPeer();
  onTestFinished(() => peer.close());
  return peer.port;
}

async function silentAt(address: string, port: number): Promise<SilentListener> {
  const listener = await startSilentListener(address, port);
  onTestFinished(() => listener.close());
  return listener;
}

/** Holds one name with these addresses; a further attempt comes only after half an hour. */
async function dial(
  clock: FakeClock,
  port: number,
  addresses: readonly string[],
  options: HeldFleetOptions & { readonly connectTimeoutMs?: number } = {},
): Promise<HeldFleet> {
  const { connectTimeoutMs = 5000, ...rest } = options;
  const reconnect = { initialMs: 3_600_000, maxMs: 3_600_000 };
  const settings = peerSettings(port, { peer: `db.example:${port}`, host: 'db.example', connectTimeoutMs, reconnect });
  held = await holdPeers([settings], { clock, random: () => 0.5, lookup: answering(...addresses), ...rest });
  await until(clock, () => held.all('stateEntered').some(({ state }) => state === 'connecting'));
  return held;
}

const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

const triedBy = (events: readonly { readonly tried: readonly object[] }[]) => events[0]?.tried;

describe('addresses are tried staggered', () => {
  test('a silent address is left alone after 1 s, not given up: the next one is tried beside it and wins', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    await silentAt('127.0.0.2', port);
    const before = openSockets();
    await dial(clock, port, ['127.0.0.2', LIVE], { connectTimeoutMs: 60_000 });
    await pass(clock, 980);
    expect(held.all('connected'), 'before the share is over').toEqual([]);
    await until(clock, () => held.all('connected').length === 1, 20);
    expect(triedBy(held.all('connected'))).toMatchObject([
      { address: '127.0.0.2', abandoned: true },
      { address: LIVE },
    ]);
    expect(held.all('connected')[0]?.tried[1]?.startedMs).toBeLessThan(1100);
    expect(held.all('connectFailed')).toEqual([]);
    await until(clock, () => openSockets() <= before + 2);
    expect(openSockets(), "the one that lost is closed at once: ours and the peer's side are left").toBe(before + 2);
  });

  test('the one that answers late wins all the same: it was never destroyed', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    const late = await silentAt('127.0.0.2', port);
    await silentAt('127.0.0.3', port);
    await dial(clock, port, ['127.0.0.2', '127.0.0.3']);
    await pass(clock, 1500); // its share is over, and the second has begun
    late.answer(); // the kernel sends the first SYN again, 1 s of real time after the first
    const connected = await held.seen('connected');
    expect(connected.remote.address).toBe('127.0.0.2');
    const losers = connected.tried.slice(0, -1);
    expect(losers).toMatchObject([{ address: '127.0.0.3', abandoned: true }]);
    expect(losers[0]).not.toHaveProperty('errno');
  });

  test('with many addresses each has an equal share of the time left', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    const silent = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    await Promise.all(silent.map((address) => silentAt(address, port)));
    await dial(clock, port, [...silent, LIVE], { connectTimeoutMs: 2000 });
    await until(clock, () => held.all('connected').length === 1, 5);
    const started = held.all('connected')[0]?.tried.map(({ startedMs }) => startedMs) ?? [];
    const steps = started.slice(1).map((at, n) => at - (started[n] ?? 0));
    for (const step of steps) {
      expect(step).toBeGreaterThanOrEqual(500);
      expect(step, 'a share of 500 ms, and a turn of the connect rate').toBeLessThan(560);
    }
  });

  test('any still pending at the deadline: one failure, tcp/timeout, although others were refused', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    await silentAt('127.0.0.2', port);
    await dial(clock, port, ['127.0.0.2', '127.0.0.9'], { connectTimeoutMs: 3000 });
    await pass(clock, 2900);
    expect(held.all('connectFailed')).toEqual([]);
    await until(clock, () => held.all('connectFailed').length === 1, 20);
    expect(held.all('connectFailed')[0]).toMatchObject({
      phase: 'tcp',
      reason: 'timeout',
      failuresInARow: 1,
      tried: [
        { address: '127.0.0.9', errno: 'ECONNREFUSED' },
        { address: '127.0.0.2', errno: 'ETIMEDOUT', reason: 'timeout' },
      ],
    });
    expect(held.all('connectFailed')[0]?.timings.totalMs).toBeLessThan(3060);
  });
});

describe('what a further address needs', () => {
  test('no descriptor left: it is skipped, without a warning, and the first goes on', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    await silentAt('127.0.0.2', port);
    await dial(clock, port, ['127.0.0.2', LIVE], { limits: { maxConnectsPerSecond: 1000, maxConnections: 1 } });
    await until(clock, () => held.all('connectFailed').length === 1, 20);
    expect(held.all('connectFailed')[0]).toMatchObject({ reason: 'timeout', tried: [{ address: '127.0.0.2' }] });
    expect(held.all('warned')).toEqual([]);
  });

  test('no turn of the connect rate in time: it is skipped, and the failure is that of the first', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    const limits = { maxConnectsPerSecond: 0.1, maxConnections: 0 };
    await dial(clock, port, ['127.0.0.9', LIVE], { limits });
    await until(clock, () => held.all('connectFailed').length === 1, 20);
    expect(held.all('connectFailed')[0]).toMatchObject({
      phase: 'tcp',
      reason: 'refused',
      errno: 'ECONNREFUSED',
      tried: [{ address: '127.0.0.9' }],
    });
  });

  test('its turn goes before new attempts, so that a name whose first address is dead connects in a mass start', async () => {
    const clock = createFakeClock();
    const port = await livePort();
    const others = Array.from({ length: 300 }, (_, n) =>
      peerSettings(port, { group: `other-${n}`, host: '127.0.0.1' }),
    );
    const settings = peerSettings(port, { peer: `db.example:${port}`, host: 'db.example', connectTimeoutMs: 1000 });
    held = await holdPeers([settings, ...others], {
      clock,
      random: () => 0.5,
      limits: { maxConnectsPerSecond: 10, maxConnections: 0 },
      lookup: (host, _family, callback) =>
        void setImmediate(callback, {
          kind: 'found',
          addresses: host === 'db.example' ? ['127.0.0.9', LIVE] : [host],
        }),
    });
    const isUp = () => held.all('connected').some(({ peer }) => peer.host === 'db.example');
    await until(clock, () => isUp() || held.all('connectFailed').length > 0, 20);
    expect(held.all('connectFailed')).toEqual([]);
    expect(held.all('connected').length).toBeLessThan(20);
  });
});

test('a stop while several addresses are pending leaves no timer and no descriptor behind', async () => {
  const clock = createFakeClock();
  const port = await livePort();
  await silentAt('127.0.0.2', port);
  await silentAt('127.0.0.3', port);
  await dial(clock, port, ['127.0.0.2', '127.0.0.3', LIVE]);
  await pass(clock, 1200);
  await held.stopNow();
  expect(clock.pending).toBe(0);
  expect([...held.all('connected'), ...held.all('connectFailed')]).toEqual([]);
});

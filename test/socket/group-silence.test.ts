import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { PeerGroup } from '../../src/settings/peer-group.ts';
import type { SilenceSettings } from '../../src/settings/silence-settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { groupsOf, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, until } from '../support/scenario.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const HEARTBEAT = sendExpectHeartbeat({
  send: bytes('PING'),
  intervalMs: 5000,
  answer: { expect: bytes('PONG'), timeoutMs: 2000 },
});
const SILENCE: SilenceSettings = { upToMs: 40_000, everyMs: 120_000, configuredMs: 5000 };

/** A group of peers that answer, and forget a connection that was silent for as long as this. */
async function measuredGroup({ limitsMs = [20_000], silence = SILENCE, maxConnections = 0 } = {}) {
  const clock = createFakeClock();
  const peers = await Promise.all(
    limitsMs.map((limitMs) =>
      startPeer((socket: Socket) => {
        let lastAt = clock.monotonic();
        socket.on('data', () => {
          const isForgotten = clock.monotonic() - lastAt >= limitMs;
          if (isForgotten) return;
          lastAt = clock.monotonic();
          socket.write('PONG');
        });
        socket.on('end', () => socket.end());
      }),
    ),
  );
  const settings = peers.map(({ port }) => peerSettings(port, { heartbeat: HEARTBEAT }));
  const groups = (measured: SilenceSettings | null): PeerGroup[] =>
    groupsOf(settings).map((group) => ({ ...group, ...(measured !== null && { silence: measured }) }));
  const held = await holdPeers([], {
    clock,
    random: () => 0.5,
    silenceEdgesMs: [5000, 15_000, 30_000],
    limits: { maxConnectsPerSecond: 1000, maxConnections },
  });
  onTestFinished(async () => {
    await held.stopNow();
    await Promise.all(peers.map((peer) => peer.close()));
    expect(clock.pending, 'timers left after the stop').toBe(0);
  });
  await held.fleet.apply(groups(silence));
  await until(clock, () => held.all('connected').length === limitsMs.length, 20);
  const open = () => peers.reduce((sum, { sockets }) => sum + sockets.filter(({ closed }) => !closed).length, 0);
  return { clock, held, settings, groups, open };
}

test('one peer is measured in each period, another each time, and nothing else is reported of it', async () => {
  const { clock, held, settings } = await measuredGroup({ limitsMs: [20_000, 60_000] });
  await until(clock, () => held.all('silenceMeasured').length === 1, 20);
  await until(clock, () => held.all('silenceMeasured').length === 2, 20);
  await until(clock, () => held.all('silenceMeasured').length === 3, 20);
  const measured = held.all('silenceMeasured');
  expect(measured.map(({ peer, survivedMs, fatalMs }) => [peer.peer, survivedMs, fatalMs])).toEqual([
    [settings[0]?.peer, 15_000, 30_000],
    [settings[1]?.peer, 40_000, null],
    [settings[0]?.peer, 15_000, 30_000],
  ]);
  expect((measured[1]?.at ?? 0) - (measured[0]?.at ?? 0)).toBeGreaterThan(100_000);
  expect(held.all('connected')).toHaveLength(2);
  expect([held.all('disconnected'), held.all('localClosed'), held.all('connectFailed')]).toEqual([[], [], []]);
});

test('the group says what its settings allow, and only where it is measured', async () => {
  const { held, groups } = await measuredGroup();
  await held.fleet.apply(groups(null));
  await held.fleet.apply(groups({ ...SILENCE, configuredMs: 7000 }));
  expect(held.all('groupAdded').map(({ configuredSilenceMs }) => configuredSilenceMs)).toEqual([5000, undefined, 7000]);
});

test('a group that is not to be measured any more gives its ladder up', async () => {
  const { clock, held, groups, open } = await measuredGroup();
  await until(clock, () => open() > 3, 20);
  await held.fleet.apply(groups(null));
  await pass(clock, 2500);
  expect(open()).toBe(1);
  await pass(clock, 60_000);
  expect(held.all('silenceMeasured')).toEqual([]);
});

test('a peer that is another one now gives its ladder up', async () => {
  const { clock, held, groups, open } = await measuredGroup();
  await until(clock, () => open() > 3, 20);
  const changed = groups(SILENCE).map((group) => ({
    ...group,
    peers: group.peers.map((planned) => ({ ...planned, settings: { ...planned.settings, idleTimeoutMs: 900_000 } })),
  }));
  await held.fleet.apply(changed);
  await pass(clock, 2500); // a drain takes 2 s at most, the ladder 40
  expect(open()).toBe(1);
});

test('a ladder takes no more descriptors than max_connections leaves, and then finds nothing', async () => {
  const { clock, held, open } = await measuredGroup({ maxConnections: 1 });
  await pass(clock, 400_000);
  expect(open()).toBe(1);
  expect(held.all('silenceMeasured')).toEqual([]);
});

test('a stop closes a ladder, too', async () => {
  const { clock, held, open } = await measuredGroup();
  await until(clock, () => open() > 3, 20);
  await held.stopNow();
  await until(clock, () => open() === 0, 20);
});

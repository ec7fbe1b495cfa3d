import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { CountingServer, type Holding } from './counting-server.ts';
import { StatefulSet } from './stateful-set.ts';

const PEERS = 3000;
const CONNECTS_PER_SECOND = 50;
/** docs/sharding.md: the limit of readiness, the moved peers at the connect rate, a probe and a watch. */
const MOST_TWICE_UP_MS = 30_000 + (2 * (PEERS / 4) * 1000) / CONNECTS_PER_SECOND + 20_000;
const MOST_TWICE_DOWN_MS = 70_000;

let servers: CountingServer;
let shards: StatefulSet;

beforeAll(async () => {
  servers = await CountingServer.start(PEERS);
  shards = await StatefulSet.start({
    global: { max_connects_per_second: CONNECTS_PER_SECOND },
    groups: [{ name: 'g', static_configs: [{ targets: servers.targets }] }],
  });
});
afterAll(async () => {
  await shards.stop();
  await servers.stop();
});

/** Until each peer has one connection. */
async function untilHeldOnce(): Promise<void> {
  while (servers.held(1) !== PEERS) await sleep(100);
}

async function during(what: string, change: () => Promise<void>): Promise<Holding> {
  servers.begin();
  const began = performance.now();
  await change();
  await untilHeldOnce();
  const seen = servers.seen();
  const tookMs = Math.round(performance.now() - began);
  console.log(what, JSON.stringify({ ...seen, twiceMs: Math.round(seen.twiceMs), tookMs }));
  return seen;
}

test('shards come and go: no peer is held by nobody, few by two and not for long, no end is a disconnect', async () => {
  onTestFailed(() => console.log(shards.lines.join('\n')));
  await shards.scale(3);
  await untilHeldOnce();

  const up = await during('3 -> 4', () => shards.scale(4));
  expect(up).toMatchObject({ unheldMs: 0, most: 2 });
  expect(up.twiceMs).toBeLessThan(MOST_TWICE_UP_MS);
  expect(up.moved).toBeGreaterThan(PEERS * 0.2);
  expect(up.moved).toBeLessThanOrEqual(PEERS * 0.3);
  expect(shards.counts).toMatchObject({ connected: PEERS + up.moved, 'localClosed resharded': up.moved });

  const away = await during('API server away', () => shards.cutApi(5000));
  expect(away).toMatchObject({ unheldMs: 0, most: 1, moved: 0 });

  const down = await during('4 -> 3', () => shards.scale(3));
  expect(down).toMatchObject({ unheldMs: 0, most: 2, moved: up.moved });
  expect(down.twiceMs).toBeLessThan(MOST_TWICE_DOWN_MS);

  expect(servers.abnormal).toBe(0);
  expect(shards.counts).toEqual({ connected: PEERS + 2 * up.moved, 'localClosed resharded': 2 * up.moved });
  const held = await Promise.all([0, 1, 2].map((shard) => shards.metric(shard, 'finrst_peers{')));
  expect(held.reduce((sum, each) => sum + each)).toBe(PEERS);
}, 500_000);

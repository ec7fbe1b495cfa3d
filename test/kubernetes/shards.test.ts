import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { fetchInside } from './cluster/fetch-inside.ts';
import { runInside, startInside } from './cluster/machine.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { buildClusterPrograms } from './cluster/programs.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { InstalledFinrst } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'shards';
const PEERS = Array.from({ length: 240 }, (_, index) => `10.202.0.${index + 1}:7300`);
const COMMANDS = 'http://127.0.0.1:8300';

const CONFIG = {
  global: { max_connects_per_second: 50, reconnect: { initial: '500ms', max: '2s' } },
  groups: [
    {
      name: 'peers',
      heartbeat: { send: 'PING\r\n', interval: '30s', expect: '+PONG', timeout: '30s' },
      static_configs: [{ targets: PEERS }],
    },
  ],
};
/** How many connections the servers saw of one peer: now, and between which numbers since they were last asked to watch. */
type Count = { readonly Now: number; readonly Fewest: number; readonly Most: number };

describe.skipIf(lack.skip)(`shards${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    await runInside(machine, ['ip', 'route', 'replace', 'local', '10.202.0.0/24', 'dev', 'lo']);
    const { pod } = await buildClusterPrograms();
    startInside(machine, 'sharded-peers', [pod, 'peer', '-port=7300', '-commands=8300']);
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(CONFIG, { sharding: { enabled: true } });
    await untilHeldOnce();
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  });

  const counts = async (): Promise<readonly Count[]> => {
    const answer = await fetchInside(cluster.machine, `${COMMANDS}/counts`);
    return Object.values(JSON.parse(answer) as Readonly<Record<string, Count>>);
  };
  /** Resolves once the servers of all peers have one connection each. */
  const untilHeldOnce = (): Promise<readonly Count[]> =>
    waitUntil('every peer to be held once', async () => {
      const seen = await counts();
      expect(seen).toHaveLength(PEERS.length);
      expect(seen.filter(({ Now }) => Now !== 1)).toEqual([]);
      return seen;
    });
  const untilShardsAre = (count: number): Promise<void> =>
    waitUntil(`${count} shards`, async () => {
      for (let pod = 0; pod < count; pod += 1) {
        expect(await finrst.get('/metrics', pod)).toMatch(new RegExp(`^finrst_shards ${count}$`, 'm'));
      }
    });
  /** Scales, and resolves with the share of the peers that each pod holds then and with what the servers saw meanwhile. */
  const scaleTo = async (shards: number): Promise<{ held: readonly number[]; seen: readonly Count[] }> => {
    await fetchInside(cluster.machine, `${COMMANDS}/watch`);
    await finrst.kubectl('scale', 'statefulset/finrst', `--replicas=${shards}`);
    await finrst.kubectl('rollout', 'status', 'statefulset/finrst', '--timeout=240s');
    await untilShardsAre(shards);
    await waitUntil('the pods that go to be gone', async () => {
      const pods = await finrst.kubectl('get', 'pods', '--output=jsonpath={.items[*].metadata.name}');
      expect(pods.split(' ').filter((name) => name.startsWith('finrst-'))).toHaveLength(shards);
    });
    const seen = await untilHeldOnce();
    const held: number[] = [];
    for (let pod = 0; pod < shards; pod += 1) {
      held.push((await finrst.peers(pod)).filter(({ up }) => up).length);
      const disconnects = (await finrst.get('/metrics', pod)).matchAll(/^finrst_disconnects_total\{.* (\d+)$/gm);
      expect([...disconnects].filter(([, count]) => count !== '0')).toEqual([]);
    }
    return { held, seen };
  };

  test.each([3, 2])(
    'scaled to %i under load: no peer is ever held by nobody, and in the end each by one',
    async (shards) => {
      const { held, seen } = await scaleTo(shards);
      expect(Math.min(...seen.map(({ Fewest }) => Fewest))).toBe(1);
      expect(Math.max(...seen.map(({ Most }) => Most))).toBe(2);
      expect(held.reduce((sum, each) => sum + each, 0)).toBe(PEERS.length);
      for (const each of held) expect(each).toBeGreaterThan(PEERS.length / shards / 2);
    },
  );
});

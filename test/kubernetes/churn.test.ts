import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { runInside } from './cluster/machine.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { grantPrintedRights } from './cluster/printed-rights.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { InstalledFinrst, announcementsIn, endsIn } from './installed-finrst.ts';
import { type Generation, PodsWithoutKubelet } from './pods-without-kubelet.ts';

const lack = lackOfCluster();
const NAMESPACE = 'churn';
const PEERS = 'churn-peers';
const generationOf = (number: number, pods: number): Generation => ({ number, pods });

const groupOf = (name: string, heartbeat: string): object => ({
  name,
  heartbeat: { send: 'PING\r\n', interval: heartbeat, expect: '+PONG', timeout: heartbeat },
  kubernetes_sd_configs: [
    {
      role: 'endpointslice',
      namespaces: { names: [PEERS] },
      selectors: [{ role: 'endpointslice', label: `kubernetes.io/service-name=${name}` }],
    },
  ],
});
const CONFIG = {
  global: { reconnect: { initial: '500ms', max: '2s' }, connect_timeout: '2s' },
  groups: [groupOf('many', '60s'), groupOf('lost', '5s')],
};

describe.skipIf(lack.skip)(`pods of nodes without a kubelet${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await grantPrintedRights(cluster, { config: CONFIG, from: PEERS, to: NAMESPACE });
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(CONFIG, { serviceAccount: { automountToken: true } });
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'pods', `--namespace=${PEERS}`, '--all', '--force', '--grace-period=0');
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
    await cluster.kubectl('delete', 'node', 'many', 'lost', '--ignore-not-found');
  });

  const untilHeld = (group: string, peers: readonly string[]): Promise<void> =>
    waitUntil(`${peers.length} peers of ${group}`, async () => {
      const up = (await finrst.peers()).filter((each) => each.group === group && each.up);
      expect(up.map(({ peer }) => peer).toSorted()).toEqual(peers);
    });

  test('300 pods are held, replaced 100 at a time: every end is announced, and the last 300 are held', async () => {
    const pods = new PodsWithoutKubelet(cluster, PEERS, 'many');
    await pods.create();
    let held = [1, 2, 3].map((number) => generationOf(number, 100));
    for (const generation of held) await pods.start(generation);
    const peersOf = (generations: readonly Generation[]): readonly string[] =>
      generations.flatMap((each) => pods.peersOf(each)).toSorted();
    await untilHeld('many', peersOf(held));
    const before = await finrst.lastEventId();
    for (const number of [4, 5, 6]) {
      const [oldest = generationOf(0, 0), ...others] = held;
      const next = generationOf(number, 100);
      await pods.start(next);
      await pods.askToEnd(oldest);
      await pods.reset(oldest);
      await pods.remove(oldest);
      held = [...others, next];
    }
    await untilHeld('many', peersOf(held));
    const events = await waitUntil('every end', async () => {
      const found = await finrst.eventsOfGroup('many', before);
      expect(endsIn(found)).toHaveLength(300);
      expect(announcementsIn(found)).not.toContain(null);
      return found;
    });
    expect(new Set(endsIn(events))).toEqual(new Set(['error/reset']));
    const reached = events.filter(({ type }) => type === 'connected').map(({ peer }) => peer);
    expect(reached.toSorted()).toEqual(peersOf(held));
  });

  test('a node that is lost is silence and not announced; with the node its peers go', async () => {
    const pods = new PodsWithoutKubelet(cluster, PEERS, 'lost');
    const lost = generationOf(7, 3);
    await pods.create();
    await pods.start(lost);
    await untilHeld('lost', pods.peersOf(lost));
    const before = await finrst.lastEventId();
    const drop =
      'table ip lost { chain in { type filter hook prerouting priority -300; ip daddr 10.200.7.0/24 drop; }; }';
    await runInside(cluster.machine, ['nft', '-f', '-'], drop);
    const events = await waitUntil('the ends', async () => {
      const found = await finrst.eventsOfGroup('lost', before);
      expect(endsIn(found)).toHaveLength(3);
      return found;
    });
    expect(new Set(endsIn(events))).toEqual(new Set(['idle_timeout/no_reply']));
    expect(announcementsIn(events)).toEqual([null, null, null]);
    await cluster.kubectl('delete', 'node', 'lost');
    await waitUntil('no peer to be tried', async () => {
      const states = (await finrst.get('/metrics')).matchAll(/^finrst_peers\{group="lost",state="(\w+)"\} (\d+)$/gm);
      const counted = [...states].filter(([, state, count]) => state !== 'retired' && count !== '0');
      expect(counted).toEqual([]);
    });
  });
});

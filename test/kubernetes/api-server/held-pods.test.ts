import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from '../cluster/cluster.ts';
import { lackOfCluster } from '../cluster/needs.ts';
import { grantPrintedRights } from '../cluster/printed-rights.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { replacedAndLasting } from '../held-peers.ts';
import { InstalledFinrst, announcementsIn, endsIn } from '../installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'restarted';
const PEERS = 'restarted-peers';
const PODS = 3;
const CONFIG = {
  global: { reconnect: { initial: '500ms', max: '2s' } },
  groups: [
    {
      name: 'peers',
      kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [PEERS] } }],
      // The pods name no port.
      relabel_configs: [
        { source_labels: ['__meta_kubernetes_pod_ip'], replacement: '$1:7000', target_label: '__address__' },
      ],
    },
  ],
};

describe.skipIf(lack.skip)(`held pods, and the end of the API server${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;
  const inPeers = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${PEERS}`, ...args);

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.apply(replacedAndLasting(PEERS, PODS));
    await inPeers('wait', '--for=condition=Available', 'deployment', '--all', '--timeout=240s');
    await grantPrintedRights(cluster, { config: CONFIG, from: PEERS, to: NAMESPACE });
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(CONFIG, { serviceAccount: { automountToken: true } });
    await untilHeld();
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
  });

  const untilHeld = (): Promise<void> =>
    waitUntil('every pod to be held', async () => {
      expect((await finrst.peers()).filter(({ up }) => up)).toHaveLength(PODS + 1);
    });

  test('no connection ends with it, and a later rollout is announced and held', async () => {
    const before = await finrst.lastEventId();
    await cluster.restartApiServer();
    expect(await finrst.eventsOfGroup('peers', before)).toEqual([]);
    await inPeers('rollout', 'restart', 'deployment/replaced');
    const events = await waitUntil('the ends', async () => {
      const found = await finrst.eventsOfGroup('peers', before);
      expect(endsIn(found)).toHaveLength(PODS);
      expect(announcementsIn(found)).not.toContain(null);
      return found;
    });
    expect(new Set(endsIn(events))).toEqual(new Set(['error/reset']));
    await untilHeld();
  });
});

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { fetchInside } from './cluster/fetch-inside.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { grantPrintedRights } from './cluster/printed-rights.ts';
import { ClusterPrometheus } from './cluster/prometheus.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { podsInDns, replacedAndLasting } from './held-peers.ts';
import { InstalledFinrst, announcementsIn, endsIn } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'alerts';
const PEERS = 'alerts-peers';
const PODS = 10;
/** Every duration of Prometheus and its rules is divided by this. Finrst's own, as the ten seconds for news, are as they are. */
const FACTOR = 5;

const CONFIG = {
  global: { reconnect: { initial: '500ms', max: '2s' } },
  groups: [
    {
      name: 'peers',
      heartbeat: { send: 'PING\r\n', interval: '30s', expect: '+PONG', timeout: '30s' },
      kubernetes_sd_configs: [
        {
          role: 'endpointslice',
          namespaces: { names: [PEERS] },
          selectors: [{ role: 'endpointslice', label: 'kubernetes.io/service-name in (replaced,lasting)' }],
        },
      ],
    },
    {
      name: 'in-dns',
      heartbeat: { send: 'PING\r\n', interval: '30s', expect: '+PONG', timeout: '30s' },
      dns_sd_configs: [{ names: [`in-dns.${PEERS}.svc.cluster.local`], type: 'A', port: 7000, refresh_interval: '3s' }],
    },
  ],
};
/** All but the pods that are replaced: `lasting`, and two that DNS names. */
const OTHERS = 3;

describe.skipIf(lack.skip)(`alerts over a rollout${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;
  let prometheus: ClusterPrometheus;
  const inPeers = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${PEERS}`, ...args);

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.apply(replacedAndLasting(PEERS, PODS));
    await cluster.apply(podsInDns(PEERS));
    for (const name of ['replaced', 'lasting'])
      await inPeers('rollout', 'status', `deployment/${name}`, '--timeout=240s');
    await inPeers('wait', '--for=condition=Ready', 'pod', '--selector=app=in-dns', '--timeout=240s');
    await grantPrintedRights(cluster, { config: CONFIG, from: PEERS, to: NAMESPACE });
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(CONFIG, { serviceAccount: { automountToken: true } });
    await untilHeld();
    const address = await finrst.kubectl('get', 'pod', 'finrst-0', '--output=jsonpath={.status.podIP}');
    prometheus = await ClusterPrometheus.start(machine, `${address}:10346`, FACTOR);
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
  });

  const untilHeld = (): Promise<void> =>
    waitUntil('every pod to be held', async () => {
      expect((await finrst.peers()).filter(({ up }) => up)).toHaveLength(PODS + OTHERS);
    });

  test('10 announced resets raise none; two processes that reset and exit raise one each, also where DNS drops the peer behind its end', async () => {
    const hostOf = (selector: string): Promise<string> =>
      inPeers('get', 'pod', selector, '--output=jsonpath={.items[0].status.podIP}');
    const lasting = await hostOf('--selector=app=lasting');
    const dropped = await hostOf('--selector=app=in-dns');
    const before = await finrst.lastEventId();
    await inPeers('rollout', 'restart', 'deployment/replaced');
    await waitUntil('the first end', async () => {
      expect(endsIn(await finrst.eventsOfGroup('peers', before))).not.toEqual([]);
    });
    // The container ends before it answers.
    for (const host of [lasting, dropped])
      await fetchInside(cluster.machine, `http://${host}:8080/exit`).catch(() => undefined);
    await inPeers('rollout', 'status', 'deployment/replaced', '--timeout=240s');
    const events = await waitUntil('every end', async () => {
      const found = await finrst.eventsOfGroup('peers', before);
      expect(announcementsIn(found).filter((announced) => announced !== null)).toHaveLength(PODS);
      expect(endsIn(found)).toHaveLength(PODS + 1);
      return found;
    });
    expect(new Set(endsIn(events))).toEqual(new Set(['error/reset']));
    await waitUntil('DNS to drop the peer', async () => {
      const { state } = (await finrst.peers()).find(({ peer }) => peer === `${dropped}:7000`) ?? {};
      expect(state).toBe('retired');
    });
    const eventsInDns = await finrst.eventsOfGroup('in-dns', before);
    expect(endsIn(eventsInDns)).toEqual(['error/reset']);
    expect(announcementsIn(eventsInDns)).toEqual([null]);
    await prometheus.untilPassed(8);
    const fired = await prometheus.fired();
    expect(fired.toSorted((a, b) => String(a.group).localeCompare(String(b.group)))).toEqual([
      { alertname: 'FinrstAbnormalDisconnect', group: 'in-dns', peer: `${dropped}:7000` },
      { alertname: 'FinrstAbnormalDisconnect', group: 'peers', peer: `${lasting}:7000` },
    ]);
    expect(endsIn(await finrst.eventsOfGroup('peers', before))).toHaveLength(PODS + 1);
    await waitUntil('all but the dropped peer to be up', async () => {
      expect((await finrst.peers()).filter(({ up }) => up)).toHaveLength(PODS + OTHERS - 1);
    });
  });
});

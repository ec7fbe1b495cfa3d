import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { runInside } from './cluster/machine.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { observedObjects } from './held-peers.ts';
import { InstalledFinrst } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'observer';
const PEERS = 'observed-peers';
const ORDERS = `orders.${PEERS}:7000`;
const PEER_LABELS = `{group="orders",peer="${ORDERS}"}`;

/** Of `/api/v1/observed`. */
type Observed = {
  readonly state: string;
  readonly remote_address: string;
  readonly at_least?: true;
  readonly executable?: string;
  readonly pod?: string;
};

describe.skipIf(lack.skip)(`the observer on Kubernetes${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;
  let observer = '';
  const inPeers = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${PEERS}`, ...args);
  const nameOf = async (namespace: string, label: string): Promise<string> =>
    cluster.kubectl(
      `--namespace=${namespace}`,
      'get',
      'pod',
      `--selector=${label}`,
      '--output=jsonpath={.items[0].metadata.name}',
    );
  const ask = (path: string): Promise<string> =>
    cluster.kubectl('get', '--raw', `/api/v1/namespaces/${NAMESPACE}/pods/${observer}:10346/proxy${path}`);
  const observed = async (query = ''): Promise<readonly Observed[]> =>
    (JSON.parse(await ask(`/api/v1/observed${query}`)) as { readonly observed: readonly Observed[] }).observed;
  const valueOf = async (series: string): Promise<number> => {
    const line = (await ask('/metrics')).split('\n').find((each) => each.startsWith(`${series} `));
    return Number(line?.slice(series.length));
  };
  /** The peer closes each of its connections in order. */
  const close = async (): Promise<unknown> =>
    cluster.kubectl(
      'get',
      '--raw',
      `/api/v1/namespaces/${PEERS}/pods/${await nameOf(PEERS, 'app=orders')}:8080/proxy/fin`,
    );

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.apply(observedObjects(PEERS));
    await inPeers('wait', '--for=condition=Available', 'deployment', '--all', '--timeout=240s');
    // Older than the observer.
    await waitUntil('a connection that is not closed', async () => {
      await close();
      expect(await inPeers('logs', 'deployment/leaky')).toContain('connections are kept');
    });
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    const groups = [{ name: 'orders', hold: false, observe: {}, static_configs: [{ targets: [ORDERS] }] }];
    await finrst.apply({ groups }, { replicaCount: 0, observer: { enabled: true, owners: true, podNames: true } });
    observer = await nameOf(NAMESPACE, 'app.kubernetes.io/name=finrst-observer');
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
  });

  test('works with user 0, no capability but those of owners, and the host only where the chart says so', async () => {
    await waitUntil('the observer', async () => expect(await valueOf('finrst_observer_up')).toBe(1));
    const uid = await finrst.kubectl('get', 'pod', observer, '--output=jsonpath={.metadata.uid}');
    const find = `for each in /proc/[0-9]*; do grep -qs ${uid} $each/cgroup && grep -qx finrst $each/comm && cat $each/status; done`;
    const status = await runInside(cluster.machine, ['sh', '-c', `${find}; true`]);
    // CAP_DAC_READ_SEARCH is bit 2, CAP_SYS_PTRACE bit 19.
    expect(status).toMatch(/^CapEff:\s+0000000000080004$/m);
    expect(status).toMatch(/^Uid:\s+0\s/m);
  });

  test('a leak that is older is shown with its process and its pod, by the address of the Service', async () => {
    const address = await inPeers('get', 'service', 'orders', '--output=jsonpath={.spec.clusterIP}');
    const leaky = await nameOf(PEERS, 'app=leaky');
    const [oldest] = await waitUntil('the leak', async () => {
      const leaks = await observed('?state=close_wait');
      expect(leaks.length).toBeGreaterThan(0);
      return leaks;
    });
    expect(oldest).toMatchObject({
      at_least: true,
      remote_address: address,
      executable: 'pod',
      pod: `${PEERS}/${leaky}`,
    });
    expect(await valueOf(`finrst_observed_close_wait_oldest_seconds${PEER_LABELS}`)).toBeGreaterThan(0);
  });

  test('ends and connects of both programs are counted while it watches, and one leaks', async () => {
    const before = await valueOf(`finrst_observed_close_wait${PEER_LABELS}`);
    await waitUntil('a connection of each program', async () =>
      expect(await observed('?state=established')).toHaveLength(2),
    );
    const [ends, connects] = [
      await valueOf(`finrst_observed_ends_total{group="orders",peer="${ORDERS}",class="eof"}`),
      await valueOf(`finrst_observed_connects_total${PEER_LABELS}`),
    ];
    await close();
    await waitUntil('two ends and two connects', async () => {
      expect(await valueOf(`finrst_observed_ends_total{group="orders",peer="${ORDERS}",class="eof"}`)).toBe(ends + 2);
      expect(await valueOf(`finrst_observed_connects_total${PEER_LABELS}`)).toBe(connects + 2);
      expect(await valueOf(`finrst_observed_connections${PEER_LABELS}`)).toBe(2);
    });
    expect(await valueOf(`finrst_observed_close_wait${PEER_LABELS}`)).toBe(before + 1);
    // Process ids of the trace are those of the whole machine, and this cluster's node has others: no owner, not a wrong one.
    const since = (await observed()).filter(
      ({ at_least: isOlder, state }) => isOlder !== true && state === 'established',
    );
    expect(since.map(({ pod }) => pod)).toEqual([undefined, undefined]);
  });
});

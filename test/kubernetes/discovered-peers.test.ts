import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { fetchInside } from './cluster/fetch-inside.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { grantPrintedRights } from './cluster/printed-rights.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { discoveredObjects } from './held-peers.ts';
import { InstalledFinrst, type SeenEvent, announcementsIn, endsIn } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'found';
const PEERS = 'found-peers';
const PODS = 10;

/** A group that holds every pod of one Service. */
const groupOf = (name: string, rules: readonly object[] = []): object => ({
  name,
  heartbeat: { send: 'PING\r\n', interval: '30s', expect: '+PONG', timeout: '30s' },
  kubernetes_sd_configs: [
    {
      role: 'endpointslice',
      namespaces: { names: [PEERS] },
      selectors: [{ role: 'endpointslice', label: `kubernetes.io/service-name=${name}` }],
    },
  ],
  ...(rules.length > 0 ? { relabel_configs: rules } : {}),
});
const NAMED_BY_POD = [{ source_labels: ['__meta_kubernetes_endpointslice_address_target_name'], target_label: 'peer' }];
const CONFIG = {
  global: { reconnect: { initial: '500ms', max: '2s' } },
  groups: [groupOf('resetting'), groupOf('closing'), groupOf('kept', NAMED_BY_POD)],
};

describe.skipIf(lack.skip)(`pods that Kubernetes announces${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;
  const inPeers = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${PEERS}`, ...args);

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.apply(discoveredObjects(PEERS, PODS));
    for (const name of ['deployment/resetting', 'deployment/closing', 'statefulset/kept'])
      await inPeers('rollout', 'status', name, '--timeout=240s');
    // Only these rights, and no others: a missing one would leave the groups empty.
    await grantPrintedRights(cluster, { config: CONFIG, from: PEERS, to: NAMESPACE });
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(CONFIG, { serviceAccount: { automountToken: true } });
    await untilHeld('resetting', PODS);
    await untilHeld('closing', PODS);
    await untilHeld('kept', 1);
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
  });

  /** Resolves once so many peers of the group are up. */
  const untilHeld = (group: string, count: number): Promise<void> =>
    waitUntil(`${count} peers of ${group}`, async () => {
      const held = (await finrst.peers()).filter((each) => each.group === group && each.up);
      expect(held).toHaveLength(count);
    });
  /** The events of a group behind that id, once so many connections have ended and the ends are announced. */
  const untilAnnounced = (group: string, after: number, count: number): Promise<readonly SeenEvent[]> =>
    waitUntil(`${count} announced ends of ${group}`, async () => {
      const events = await finrst.eventsOfGroup(group, after);
      expect(announcementsIn(events)).toHaveLength(count);
      expect(announcementsIn(events)).not.toContain(null);
      return events;
    });

  test.each([
    ['resetting', 'error/reset'],
    ['closing', 'eof/fin'],
  ])('a rollout of 10 %s pods: every end is %s and announced', async (group, end) => {
    const before = await finrst.lastEventId();
    await inPeers('rollout', 'restart', `deployment/${group}`);
    await inPeers('rollout', 'status', `deployment/${group}`, '--timeout=240s');
    const events = await untilAnnounced(group, before, PODS);
    expect(endsIn(events)).toEqual(Array.from({ length: PODS }, () => end));
    expect(new Set(announcementsIn(events))).toEqual(new Set(['terminating']));
    await untilHeld(group, PODS);
    const late = events.filter(({ type }) => type === 'explained').length;
    process.stdout.write(`rollout of ${group} pods: ${late} of ${PODS} announcements came after the end\n`);
  });

  test('one process that resets and exits while its pod stays is not announced', async () => {
    const before = await finrst.lastEventId();
    const [victim] = (await finrst.peers()).filter(({ group, up }) => group === 'resetting' && up);
    const host = victim?.peer.split(':')[0];
    // The container ends before it answers.
    await fetchInside(cluster.machine, `http://${host}:8080/exit`).catch(() => undefined);
    await finrst.untilBack(victim?.peer ?? '', before);
    const events = await finrst.eventsOfGroup('resetting', before);
    expect(endsIn(events)).toEqual(['error/reset']);
    expect(announcementsIn(events)).toEqual([null]);
  });

  test('a pod of a StatefulSet that is named by its pod is one peer over its restart', async () => {
    const before = await finrst.lastEventId();
    const [held] = (await finrst.peers()).filter(({ group }) => group === 'kept');
    await inPeers('delete', 'pod', 'kept-0');
    const events = await untilAnnounced('kept', before, 1);
    expect(endsIn(events)).toEqual(['eof/fin']);
    await untilHeld('kept', 1);
    const peers = (await finrst.peers()).filter(({ group }) => group === 'kept');
    expect(peers).toMatchObject([{ peer: 'kept-0', up: true }]);
    expect(peers[0]?.address).not.toBe(held?.address);
    const series = [
      ...(await finrst.get('/metrics')).matchAll(/^finrst_disconnects_total\{.*peer="kept-0".*\} (\d+)$/gm),
    ];
    const classes = series.map(([line]) => /class="(\w+)"/.exec(line)?.[1]);
    expect(new Set(classes)).toEqual(new Set(['eof', 'error', 'idle_timeout']));
    expect(classes).toHaveLength(3);
    expect(series.find(([line]) => line.includes('"eof"'))?.[1]).toBe('1');
  });

  test('a drained node announces every end', async () => {
    const before = await finrst.lastEventId();
    await cluster.kubectl('drain', 'node-1', '--pod-selector=app=closing', '--force', '--timeout=240s');
    const events = await untilAnnounced('closing', before, PODS);
    expect(new Set(endsIn(events))).toEqual(new Set(['eof/fin']));
    await cluster.kubectl('uncordon', 'node-1');
    await untilHeld('closing', PODS);
  });

  test('a pod that is deleted by force ends by what its process does', async () => {
    const before = await finrst.lastEventId();
    const pods = await inPeers('get', 'pods', '--selector=app=closing', '--output=jsonpath={.items[0].metadata.name}');
    await inPeers('delete', 'pod', pods, '--force', '--grace-period=0');
    await untilHeld('closing', PODS);
    const events = await waitUntil('its end', async () => {
      const found = await finrst.eventsOfGroup('closing', before);
      expect(endsIn(found)).toEqual(['eof/fin']);
      return found;
    });
    process.stdout.write(`deleted by force: announced as ${announcementsIn(events).join()}\n`);
  });

  test('scaled to 0 and back: every end is announced, and the group is empty meanwhile', async () => {
    const before = await finrst.lastEventId();
    await inPeers('scale', 'deployment/resetting', '--replicas=0');
    const events = await untilAnnounced('resetting', before, PODS);
    expect(new Set(endsIn(events))).toEqual(new Set(['error/reset']));
    // Before the news each end is followed by attempts; behind them by none but the one that was on its way.
    const failedAfterNews = events.filter(
      (event, index) =>
        event.type === 'connect_failed' &&
        events.slice(0, index).some((news) => news.peer === event.peer && news.announced !== undefined),
    );
    expect(new Set(failedAfterNews.map(({ peer }) => peer)).size).toBe(failedAfterNews.length);
    await inPeers('scale', 'deployment/resetting', `--replicas=${PODS}`);
    await untilHeld('resetting', PODS);
  });
});

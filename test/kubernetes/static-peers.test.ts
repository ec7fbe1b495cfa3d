import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { runInside } from './cluster/machine.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { PEERS_BY_END, peerObjects } from './held-peers.ts';
import { InstalledFinrst, endsIn, failuresIn } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'static';
const PEERS = 'static-peers';
const behindService = (name: string): string => `${name}.${PEERS}:7000`;
const REDIS = `redis-0.redis.${PEERS}:6379`;
const HELD = [...[...PEERS_BY_END, 'scaled', 'taken-out', 'headless'].map(behindService), REDIS];
/** What an attempt may meet while a pod is replaced: kube-proxy still sends to the old one, or has nowhere to send. */
const WHILE_REPLACED = ['tcp/host_unreachable', 'tcp/refused', 'tcp/timeout'];

const CUT_OFF = behindService('cut-off');

const configOf = (targets: readonly string[]): object => ({
  global: { reconnect: { initial: '500ms', max: '2s' } },
  groups: [
    {
      name: 'peers',
      heartbeat: { send: 'PING\r\n', interval: '30s', expect: '+PONG', timeout: '30s' },
      static_configs: [{ targets: [...targets] }],
    },
    {
      name: 'asked-often',
      heartbeat: { send: 'PING\r\n', interval: '2s', expect: '+PONG', timeout: '1s' },
      static_configs: [{ targets: [CUT_OFF] }],
    },
  ],
});

describe.skipIf(lack.skip)(`static peers on Kubernetes${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;
  const inPeers = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${PEERS}`, ...args);

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
    await cluster.apply(peerObjects(PEERS));
    await inPeers('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=240s');
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(configOf([...HELD, behindService('nobody')]));
    await finrst.untilUp(...HELD, CUT_OFF);
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
  });

  // Each of the concurrent ones has a peer of its own.
  test.concurrent('the chart passes its own test in a namespace that enforces "restricted"', async () => {
    expect(await finrst.helm('test', 'finrst')).toMatch(/Phase:\s+Succeeded/);
  });

  test.concurrent('reasons of the kernel are read without any capability', async () => {
    expect(await finrst.kubectl('logs', 'finrst-0')).toMatch(/"kernel_evidence":true/);
  });

  test.concurrent.each([
    ['exit', 'eof/fin'],
    ['fin', 'eof/fin'],
    ['reset', 'error/reset'],
    // SIGKILL: the kernel closes for it.
    ['ignore', 'eof/fin'],
  ])('a rollout of a peer that ends by "%s" is one %s', async (name, end) => {
    const peer = behindService(name);
    const before = await finrst.lastEventId();
    await inPeers('rollout', 'restart', `deployment/${name}`);
    const events = await finrst.untilBack(peer, before);
    expect(endsIn(events)).toEqual([end]);
    for (const failure of failuresIn(events)) expect(WHILE_REPLACED).toContain(failure);
  });

  test.concurrent('scaled to 0 and back: one eof/fin, then attempts that say why, then up', async () => {
    const peer = behindService('scaled');
    const before = await finrst.lastEventId();
    await inPeers('scale', 'deployment/scaled', '--replicas=0');
    await waitUntil('a failed attempt', async () => {
      expect(failuresIn(await finrst.eventsOf(peer, before))).not.toEqual([]);
    });
    await inPeers('scale', 'deployment/scaled', '--replicas=1');
    const events = await finrst.untilBack(peer, before);
    expect(endsIn(events)).toEqual(['eof/fin']);
    for (const failure of failuresIn(events)) expect(WHILE_REPLACED).toContain(failure);
  });

  test.concurrent('the pod of a StatefulSet by its own name: eof/fin, up again after its name is back', async () => {
    const before = await finrst.lastEventId();
    await inPeers('delete', 'pod', 'redis-0');
    const events = await finrst.untilBack(REDIS, before);
    expect(endsIn(events)).toEqual(['eof/fin']);
    for (const failure of failuresIn(events)) expect([...WHILE_REPLACED, 'dns/not_found']).toContain(failure);
  });

  test.concurrent('a headless Service of three pods is one connection, and the next one goes to another pod', async () => {
    const peer = behindService('headless');
    const held = async (): Promise<string> =>
      (await finrst.peers()).find((each) => each.peer === peer && each.up)?.address ?? '';
    const before = await finrst.lastEventId();
    const [first] = (await held()).split(':');
    const pods = await inPeers('get', 'pod', '--selector=app=headless', '--output=json');
    const { items } = JSON.parse(pods) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly status: { readonly podIP: string };
      }[];
    };
    expect(items).toHaveLength(3);
    const pod = items.find(({ status }) => status.podIP === first);
    await inPeers('delete', 'pod', pod?.metadata.name ?? '', '--wait=false');
    const events = await finrst.untilBack(peer, before);
    expect(endsIn(events)).toEqual(['eof/fin']);
    for (const failure of failuresIn(events)) expect([...WHILE_REPLACED, 'dns/not_found']).toContain(failure);
    const [second] = (await held()).split(':');
    expect(second).not.toBe(first);
  });

  test.concurrent('a pod that is taken out of its Service keeps its connection', async () => {
    const peer = behindService('taken-out');
    const before = await finrst.lastEventId();
    const [held] = (await finrst.peers()).filter((each) => each.peer === peer);
    await inPeers('label', 'pod', 'taken-out', 'app-');
    await waitUntil('the Service to be empty', async () => {
      const addresses = await inPeers('get', 'endpoints', 'taken-out', '--output=jsonpath={.subsets[*].addresses}');
      expect(addresses).toBe('');
    });
    expect(await finrst.eventsOf(peer, before)).toEqual([]);
    expect((await finrst.peers()).filter((each) => each.peer === peer)).toMatchObject([
      { up: true, connection_id: held?.connection_id },
    ]);
  });

  test.concurrent('a pod whose network is cut off is silent, and found out by the heartbeat', async () => {
    const before = await finrst.lastEventId();
    const host = await inPeers('get', 'pod', '--selector=app=cut-off', '--output=jsonpath={.items[0].status.podIP}');
    // The plug-in gives each pod a route of its own.
    const [, device = ''] = /dev (\S+)/.exec(await runInside(cluster.machine, ['ip', 'route', 'get', host])) ?? [];
    await runInside(cluster.machine, ['ip', 'link', 'set', device, 'down']);
    await inPeers('delete', 'pod', '--selector=app=cut-off', '--grace-period=30', '--wait=false');
    const events = await finrst.untilBack(CUT_OFF, before);
    expect(endsIn(events)).toEqual(['idle_timeout/no_reply']);
  });

  test.concurrent('a Service without endpoints refuses; its limited ICMP lets some attempts time out', async () => {
    await waitUntil('a refusal', async () => {
      expect(failuresIn(await finrst.eventsOf(behindService('nobody')))).toContain('tcp/refused');
    });
    for (const failure of failuresIn(await finrst.eventsOf(behindService('nobody'))))
      expect(['tcp/refused', 'tcp/timeout']).toContain(failure);
  });

  test('a changed ConfigMap is applied in place: what it does not touch stays connected', async () => {
    const before = await finrst.lastEventId();
    const connections = (await finrst.peers()).filter(({ up }) => up).map((each) => each.connection_id);
    await finrst.apply(configOf([...HELD, behindService('nobody'), `exit.${PEERS}.svc.cluster.local:7000`]));
    await finrst.untilUp(`exit.${PEERS}.svc.cluster.local:7000`);
    await waitUntil('the new peer', async () => {
      expect(endsIn(await finrst.eventsOf(`exit.${PEERS}.svc.cluster.local:7000`, before))).toEqual([]);
      expect((await finrst.peers()).map(({ peer }) => peer)).toContain(`exit.${PEERS}.svc.cluster.local:7000`);
    });
    expect((await finrst.peers()).map((each) => each.connection_id)).toEqual(expect.arrayContaining(connections));
    const restarts = '--output=jsonpath={.status.containerStatuses[0].restartCount}';
    expect(await finrst.kubectl('get', 'pod', 'finrst-0', restarts)).toBe('0');
  });

  test('a configuration that Finrst refuses leaves the old one in force and fails `helm test`', async () => {
    await finrst.apply('groups: [{name: peers, static_configs: [{targets: [no-port]}]}]');
    await waitUntil('the refusal', async () => {
      expect(await finrst.get('/metrics')).toMatch(/^finrst_config_last_reload_successful 0$/m);
    });
    await finrst.untilUp(behindService('exit'));
    await expect(finrst.helm('test', 'finrst')).rejects.toThrow(/failed/);
    await finrst.apply(configOf([...HELD, behindService('nobody')]));
    await waitUntil('the repaired configuration', async () => {
      expect(await finrst.get('/metrics')).toMatch(/^finrst_config_last_reload_successful 1$/m);
    });
  });

  test('a deleted pod closes in order, and its successor holds again', async () => {
    // The kubelet's probes come and go as well, from another address.
    const address = await finrst.kubectl('get', 'pod', 'finrst-0', '--output=jsonpath={.status.podIP}');
    await finrst.kubectl('delete', 'pod', 'finrst-0');
    for (const name of PEERS_BY_END) {
      await waitUntil(`${name} to see the end`, async () => {
        const left = (await inPeers('logs', `deployment/${name}`)).matchAll(/(\S+):\d+ left: (.*)/g);
        const ends = [...left].filter(([, client]) => client === address).map(([, , end]) => end);
        expect(ends.at(-1)).toBe('FIN');
        expect(ends).not.toContain('RST');
      });
    }
    await finrst.kubectl('rollout', 'status', 'statefulset/finrst', '--timeout=240s');
    await finrst.untilUp(...PEERS_BY_END.map(behindService));
  });

  test('a drained node lets it go, and it comes back when the node does', async () => {
    const selector = `--pod-selector=tested-in=${NAMESPACE}`;
    await cluster.kubectl(
      'drain',
      'node-1',
      selector,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=240s',
    );
    await cluster.kubectl('uncordon', 'node-1');
    await finrst.kubectl('rollout', 'status', 'statefulset/finrst', '--timeout=240s');
    await finrst.untilUp(...PEERS_BY_END.map(behindService));
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { DISCOVERY_KINDS } from '../../../../src/discovery/discovery-kinds.ts';
import type { SourceContext, SourceUpdate, TargetGroup } from '../../../../src/discovery/peer-source.ts';
import type { KubernetesSourceSettings } from '../../../../src/settings/kubernetes-settings.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';
import { FakeApiServer } from '../../../support/fake-api-server.ts';
import { kubernetesEntry } from '../../../support/kubernetes-entry.ts';
import { until } from '../../../support/scenario.ts';
import { sourceContext } from '../../../support/source-context.ts';
import { plainServer } from './kubernetes-scenario.ts';
import { rawPod, rawService, rawSlice } from './objects.ts';

let api: FakeApiServer;
let clock: FakeClock;
let context: SourceContext;
let stops: (() => void)[];
beforeEach(async () => {
  api = await FakeApiServer.start();
  clock = createFakeClock();
  context = sourceContext({ clock });
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) stop();
  await api.stop();
});

type Started = {
  readonly updates: SourceUpdate[];
  /** The addresses of each set that is not empty, with what is announced of them. */
  readonly sets: () => Readonly<Record<string, readonly string[]>>;
  readonly kinds: () => readonly string[];
  readonly stop: () => void;
};

function start(some: Partial<KubernetesSourceSettings>, own: SourceContext = context): Started {
  const updates: SourceUpdate[] = [];
  const source = DISCOVERY_KINDS.kubernetes.create(kubernetesEntry({ server: plainServer(api.url), ...some }), own);
  source.start((update) => updates.push(update));
  const stop = (): void => source.stop();
  stops.push(stop);
  const kinds = (): readonly string[] =>
    updates.map(({ kind }) => kind).filter((kind) => kind !== 'requested' && kind !== 'objectChanged');
  return { updates, sets: () => setsOf(updates), kinds, stop };
}

function setsOf(updates: readonly SourceUpdate[]): Readonly<Record<string, readonly string[]>> {
  const sets = new Map<string, TargetGroup>();
  for (const update of updates) {
    if (update.kind === 'groups') for (const group of update.groups) sets.set(group.source, group);
  }
  return Object.fromEntries(
    Array.from(
      sets,
      ([source, { targets, labels }]) => [source, targets.map((target) => describe({ ...labels, ...target }))] as const,
    )
      .filter(([, targets]) => targets.length > 0)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function describe(labels: Readonly<Record<string, string>>): string {
  const announced = labels['__announced__'];
  return `${labels['__address__']}${announced === undefined ? '' : ` ${announced}`}`;
}

const isSynced = ({ updates }: Started): boolean => updates.some(({ kind }) => kind === 'synced');

test('nothing is published before everything that targets are made from is known', async () => {
  api.set('endpointslices', rawSlice());
  api.set('services', rawService());
  let held: (() => void) | null = null;
  api.faults = [
    ({ resource }, response) => {
      if (resource !== 'services' || held !== null) return false;
      held = () => response.socket?.destroy();
      return true;
    },
  ];
  const source = start({});
  await until(clock, () => held !== null && api.watches === 1);
  await settled();
  expect(source.updates.filter(({ kind }) => kind === 'groups')).toEqual([]);
  held!();
  await until(clock, () => source.kinds().includes('failed'));
  await settled();
  clock.advance(1200);
  await until(clock, () => isSynced(source));
  expect(source.kinds()).toEqual(['failed', 'groups', 'synced']);
  expect(source.sets()).toEqual({ 'endpointslice/payments/redis-abc': ['10.1.0.5:6379'] });
});

test('a cluster without an object is a good answer', async () => {
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  expect(source.kinds()).toEqual(['synced']);
});

test('a slice is made anew when its Service or its pod changes', async () => {
  api.set('endpointslices', rawSlice());
  api.set('services', rawService());
  api.set('pods', rawPod());
  const source = start({ watchesPods: true });
  await until(clock, () => isSynced(source));
  const labels = (): Readonly<Record<string, string>> => {
    const groups = source.updates.flatMap((update) => (update.kind === 'groups' ? update.groups : []));
    const last = groups.at(-1);
    return { ...last?.labels, ...last?.targets[0] };
  };
  expect(labels()).toMatchObject({
    __meta_kubernetes_service_label_tier: 'back',
    __meta_kubernetes_pod_phase: 'Running',
  });
  api.set('services', rawService({ metadata: { labels: { tier: 'front' } } }));
  await until(clock, () => labels()['__meta_kubernetes_service_label_tier'] === 'front');
  api.set('pods', rawPod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  await until(clock, () => labels()['__announced__'] === 'terminating');
});

test('without a need pods are not watched beside slices', async () => {
  api.set('endpointslices', rawSlice());
  const source = start({});
  await until(clock, () => isSynced(source));
  expect(new Set(api.requests.map(({ resource }) => resource))).toEqual(new Set(['endpointslices', 'services']));
});

test('a slice that goes takes its targets with it', async () => {
  api.set('endpointslices', rawSlice());
  const source = start({});
  await until(clock, () => isSynced(source));
  api.delete('endpointslices', 'payments', 'redis-abc');
  await until(clock, () => Object.keys(source.sets()).length === 0);
});

test('entries of two groups share a watch, and its requests and changes are counted once', async () => {
  api.set('pods', rawPod());
  const sources = [start({ role: 'pod' }), start({ role: 'pod', lingerMs: 0 })];
  await until(clock, () => sources.every(isSynced));
  const late = start({ role: 'pod' });
  await until(clock, () => isSynced(late));
  expect(api.requests.length).toBe(1);
  for (const source of [...sources, late]) expect(Object.keys(source.sets())).toEqual(['pod/payments/redis-0']);
  api.set('pods', rawPod({ status: { podIP: '10.1.0.9' } }));
  await until(clock, () => late.sets()['pod/payments/redis-0']?.[0] === '10.1.0.9:6379');
  const changes = [...sources, late].flatMap(({ updates }) => updates.filter(({ kind }) => kind === 'objectChanged'));
  expect(changes).toEqual([
    { kind: 'objectChanged', resource: 'pods', event: 'add' },
    { kind: 'objectChanged', resource: 'pods', event: 'update' },
  ]);
  sources[0]?.stop();
  api.endWatches();
  await until(clock, () => sources[1]?.updates.some(({ kind }) => kind === 'requested') === true);
  expect(sources[1]?.updates.at(-1)).toEqual({ kind: 'requested', resource: 'pods', verb: 'watch', outcome: 'ok' });
  expect(late.updates.some(({ kind }) => kind === 'requested')).toBe(false);
});

test('other selectors, another server or another process have a watch of their own', async () => {
  const sources = [
    start({ role: 'pod' }),
    start({ role: 'pod', selectors: [{ role: 'pod', label: 'a=b', field: '' }] }),
    start({ role: 'pod', keepsLastApplied: true }),
    start({ role: 'pod' }, sourceContext({ clock })),
  ];
  await until(clock, () => sources.every(isSynced));
  expect(api.requests.length).toBe(4);
});

test('each namespace is watched by itself', async () => {
  for (const namespace of ['payments', 'shop', 'other']) api.set('pods', rawPod({ metadata: { namespace } }));
  const source = start({ role: 'pod', namespaces: ['payments', 'shop'] });
  await until(clock, () => isSynced(source));
  expect(new Set(api.requests.map(({ namespace }) => namespace))).toEqual(new Set(['payments', 'shop']));
  expect(api.requests.length).toBe(2);
  expect(Object.keys(source.sets())).toEqual(['pod/payments/redis-0', 'pod/shop/redis-0']);
});

test('the own namespace is read from the service account, again until it is there', async () => {
  const answers = ['', 'not a namespace', 'payments\n'];
  const own = sourceContext({
    clock,
    readFile: async () => ({ kind: 'read', bytes: Buffer.from(answers.shift() ?? '') }),
  });
  const source = start({ role: 'pod', ownNamespace: true, namespaces: ['shop'] }, own);
  for (const failures of [1, 2]) {
    await until(clock, () => source.kinds().length === failures);
    expect(source.kinds().at(-1)).toBe('failed');
    clock.advance(30_000);
  }
  await until(clock, () => isSynced(source));
  expect(new Set(api.requests.map(({ namespace }) => namespace))).toEqual(new Set(['payments', 'shop']));
  expect(api.requests.length).toBe(2);
});

test('outside a cluster that is what is said, and nothing is removed', async () => {
  const source = start({ role: 'pod', server: { kind: 'inCluster' } });
  await until(clock, () => source.kinds().length === 1);
  expect(source.updates.find(({ kind }) => kind === 'failed')).toMatchObject({
    why: 'Finrst is not in a cluster (KUBERNETES_SERVICE_HOST is not set); set kubeconfig_file or api_server',
  });
});

test('a failure keeps what is known, and the first good answer after it is published as such', async () => {
  api.set('pods', rawPod());
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  api.faults = [
    (_, response) => {
      response.writeHead(503).end();
      return true;
    },
  ];
  api.resetWatches();
  await settled();
  await until(clock, () =>
    source.updates.some((update) => update.kind === 'requested' && update.outcome === 'network'),
  );
  await settled();
  clock.advance(1200);
  await until(clock, () => source.kinds().at(-1) === 'failed');
  await settled();
  api.faults = [];
  clock.advance(2400);
  await until(clock, () => source.kinds().at(-1) === 'refreshed');
  expect(source.kinds()).toEqual(['groups', 'synced', 'failed', 'refreshed']);
});

test('a pod that is deleted by force is announced as removed before its targets go', async () => {
  api.set('pods', rawPod());
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  api.delete('pods', 'payments', 'redis-0');
  await until(clock, () => source.sets()['pod/payments/redis-0']?.[0] === '10.1.0.5:6379 removed');
  clock.advance(2000);
  await until(clock, () => Object.keys(source.sets()).length === 0);
});

test('a pod that comes back meanwhile is announced no more', async () => {
  api.set('pods', rawPod());
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  api.delete('pods', 'payments', 'redis-0');
  await until(clock, () => source.sets()['pod/payments/redis-0']?.[0] === '10.1.0.5:6379 removed');
  api.set('pods', rawPod({ status: { podIP: '10.1.0.6' } }));
  await until(clock, () => source.sets()['pod/payments/redis-0']?.[0] === '10.1.0.6:6379');
  clock.advance(5000);
  await settled();
  expect(source.sets()['pod/payments/redis-0']?.[0]).toBe('10.1.0.6:6379');
});

test('a pod that was terminating goes at once', async () => {
  api.set('pods', rawPod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  expect(source.sets()['pod/payments/redis-0']?.[0]).toBe('10.1.0.5:6379 terminating');
  api.delete('pods', 'payments', 'redis-0');
  await until(clock, () => Object.keys(source.sets()).length === 0);
});

test('a token is read at each request, and one that was refused is read again at once', async () => {
  const tokens = ['old', 'old', 'new'];
  api.faults = [
    ({ authorization }, response) => {
      if (authorization === 'Bearer new') return false;
      response.writeHead(401).end();
      return true;
    },
  ];
  const own = sourceContext({
    clock,
    readFile: async () => ({ kind: 'read', bytes: Buffer.from(`${tokens.shift() ?? 'new'}\n`) }),
  });
  const login = { kind: 'token', scheme: 'Bearer', token: { kind: 'file', path: '/token' } } as const;
  const source = start({ role: 'pod', server: { ...plainServer(api.url), login } }, own);
  await until(clock, () => source.kinds().length === 2);
  await settled();
  clock.advance(1200);
  await until(clock, () => isSynced(source));
  expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
});

test('a source that is stopped publishes nothing and leaves nothing behind', async () => {
  api.set('pods', rawPod());
  const source = start({ role: 'pod' });
  await until(clock, () => isSynced(source));
  source.stop();
  const count = source.updates.length;
  api.set('pods', rawPod({ status: { podIP: '10.1.0.9' } }));
  await until(clock, () => api.watches === 0 && clock.pending === 0);
  expect(source.updates.length).toBe(count);
});

test('objects are read in slices: sockets and timers get their turn between two of them', async () => {
  for (let i = 0; i < 100; i += 1) api.set('pods', rawPod({ metadata: { name: `p${i}` } }));
  let turns = 0;
  let now = 0;
  // Each look at this clock takes a millisecond, so a slice of 2 ms is two objects.
  const slow = {
    ...clock,
    monotonic: () => (now += 1),
    afterPoll: (callback: () => void) => {
      turns += 1;
      return clock.afterPoll(callback);
    },
  };
  const source = start({ role: 'pod' }, sourceContext({ clock: slow }));
  await until(clock, () => isSynced(source));
  // Half of them while they are read, and half while targets are made of them.
  expect(turns).toBeGreaterThanOrEqual(90);
});

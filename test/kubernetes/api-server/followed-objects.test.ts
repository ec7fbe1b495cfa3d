import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Cluster, clusterOn } from '../cluster/cluster.ts';
import { runInside } from '../cluster/machine.ts';
import { lackOfCluster } from '../cluster/needs.ts';
import { createServiceAccount, writeToken } from '../cluster/service-account.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import { FollowedObjects } from '../followed-objects.ts';

const lack = lackOfCluster();
const NAMESPACE = 'followed';
const RESOURCES = ['endpointslices', 'pods', 'services'] as const;
const rulesOf = (verbs: readonly string[], resources: readonly string[] = RESOURCES): readonly object[] =>
  resources.map((resource) => ({
    apiGroups: [resource === 'endpointslices' ? 'discovery.k8s.io' : ''],
    resources: [resource],
    verbs,
  }));
/** Of endpoint number N; nothing listens there, since only the API is of interest. */
const addressOf = (number: number): string => `10.200.${number >> 8}.${number & 255}`;

describe.skipIf(lack.skip)(`the objects of a real API server${lack.note}`, () => {
  let cluster: Cluster;
  const opened: FollowedObjects[] = [];
  const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl(`--namespace=${NAMESPACE}`, ...args);

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    await createServiceAccount(cluster, { namespace: NAMESPACE, name: 'reader', rules: rulesOf(['list', 'watch']) });
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  });
  beforeEach(() => writeSlice('a', 3));
  afterEach(async () => {
    for (const each of opened.splice(0)) each.stop();
    await kubectl('delete', 'endpointslices', '--all');
  });

  /** A slice of that many endpoints, as the controller writes them: at most 100 in each. */
  const writeSlice = async (name: string, count: number, first = 1): Promise<void> => {
    const endpoints = Array.from({ length: count }, (_, index) => ({ addresses: [addressOf(first + index)] }));
    const metadata = { name, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'peer' } };
    const ports = [{ name: 'peer', port: 7000, protocol: 'TCP' }];
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv4',
      endpoints,
      ports,
    };
    await cluster.apply(JSON.stringify(slice));
  };
  const tokenFor = (name: string, seconds = 3600): Promise<string> =>
    writeToken(cluster, { namespace: NAMESPACE, name, seconds });
  const follow = async (name: string): Promise<FollowedObjects> => {
    const token = await tokenFor(name);
    const followed = new FollowedObjects(cluster.machine, { role: 'endpointslice', namespace: NAMESPACE, token });
    opened.push(followed);
    return followed;
  };
  const untilThere = (followed: FollowedObjects, count: number, first = 1): Promise<void> =>
    waitUntil(`${count} targets`, async () => {
      const addresses = Array.from({ length: count }, (_, index) => `${addressOf(first + index)}:7000`);
      expect(followed.addresses()).toEqual(addresses.toSorted());
    });

  test('are followed as they come, change and go', async () => {
    const followed = await follow('reader');
    await untilThere(followed, 3);
    await writeSlice('a', 5);
    await untilThere(followed, 5);
    await writeSlice('a', 1);
    await untilThere(followed, 1);
    await kubectl('delete', 'endpointslice', 'a');
    await untilThere(followed, 0);
  });

  test('300 endpoints that change again and again are the last ones in the end', async () => {
    const followed = await follow('reader');
    for (const first of [1, 151, 301, 1001]) {
      for (const [index, name] of ['a', 'b', 'c'].entries()) await writeSlice(name, 100, first + 100 * index);
    }
    await untilThere(followed, 300, 1001);
  });

  test('stay over the end of the API server, and are right again behind it', async () => {
    const followed = await follow('reader');
    await untilThere(followed, 3);
    followed.watchForLoss();
    await cluster.restartApiServer();
    await writeSlice('a', 5);
    await untilThere(followed, 5);
    expect(followed.fewest).toBe(3);
  });

  test('are read anew when etcd has compacted the revision that the watch stood at', async () => {
    const followed = await follow('reader');
    await untilThere(followed, 3);
    followed.watchForLoss();
    const compact = `
      const post = async (path, body) => (await fetch('http://127.0.0.1:2379/v3/kv/' + path, { method: 'POST', body: JSON.stringify(body) })).json();
      const key = Buffer.from('finrst').toString('base64');
      const { header } = await post('put', { key, value: key });
      await post('compaction', { revision: header.revision, physical: true });
    `;
    const command = [process.execPath, '--input-type=module', '--eval', compact];
    await cluster.restartApiServer(() => runInside(cluster.machine, command));
    await writeSlice('a', 5);
    await untilThere(followed, 5);
    expect(followed.fewest).toBe(3);
  });

  test('stay while the token is expired, and are followed again with the next one', async () => {
    const followed = await follow('reader');
    await untilThere(followed, 3);
    followed.watchForLoss();
    const before = followed.updates.length;
    // Expired beyond the minute that the API server forgives. A watch goes on with it: only the next request is refused.
    await tokenFor('reader', -120);
    await cluster.restartApiServer();
    await waitUntil('a refusal', async () => {
      expect(followed.requestsSince(before).join()).toContain('unauthorized');
    });
    await tokenFor('reader');
    await writeSlice('a', 5);
    await untilThere(followed, 5);
    expect(followed.fewest).toBe(3);
  });

  test('are refused to who may only list them, and given to who may only watch: a watch begins with what is there', async () => {
    for (const verb of ['list', 'watch']) {
      const rules = rulesOf([verb]);
      await createServiceAccount(cluster, { namespace: NAMESPACE, name: `only-${verb}`, rules });
    }
    const lists = await follow('only-list');
    await waitUntil('a refusal', async () => expect(lists.requestsSince(0)).toContain('watch forbidden'));
    await untilThere(await follow('only-watch'), 3);
  });

  test('give no target while one kind of them may not be watched, and all once it may', async () => {
    const withRights = (missing: string, resources: readonly string[]): Promise<void> => {
      const rules = rulesOf(['list', 'watch'], resources);
      return createServiceAccount(cluster, { namespace: NAMESPACE, name: `without-${missing}`, rules });
    };
    const followed = new Map<string, FollowedObjects>();
    for (const missing of RESOURCES) {
      const others = RESOURCES.filter((each) => each !== missing);
      await withRights(missing, others);
      followed.set(missing, await follow(`without-${missing}`));
    }
    for (const [missing, each] of followed) {
      await waitUntil(`a refusal of ${missing}`, async () => {
        expect(each.requestsSince(0)).toContain('watch forbidden');
      });
      expect(each.addresses()).toEqual([]);
      await withRights(missing, RESOURCES);
    }
    for (const each of followed.values()) await untilThere(each, 3);
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { StatefulSetReplicas } from '../../../../src/discovery/kubernetes/stateful-set-replicas.ts';
import type { ReplicaUpdate } from '../../../../src/discovery/replica-source.ts';
import type { ReadFile } from '../../../../src/files/file-content.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { FakeApiServer } from '../../../support/fake-api-server.ts';
import { until } from '../../../support/scenario.ts';
import { apiContext, plainServer } from './kubernetes-scenario.ts';

let api: FakeApiServer;
beforeEach(async () => {
  api = await FakeApiServer.start();
});
afterEach(() => api.stop());

function scale(replicas: number, namespace = 'monitoring'): void {
  const metadata = { namespace, name: 'finrst' };
  api.set('statefulsets', { metadata, spec: { replicas }, status: { readyReplicas: replicas } });
}

function replicas(namespace: string | null = 'monitoring', readFile?: ReadFile) {
  const clock = createFakeClock();
  const context = { ...apiContext({ clock }), ...(readFile !== undefined && { readFile }) };
  const source = new StatefulSetReplicas({ server: plainServer(api.url), name: 'finrst', namespace }, context);
  const updates: ReplicaUpdate[] = [];
  source.start((update) => void updates.push(update));
  return { clock, source, updates };
}

test('a question is answered by a request of its own', async () => {
  scale(3);
  const { clock, source, updates } = replicas();
  await until(clock, () => updates.length === 1);
  api.silenceWatches();
  scale(2);
  expect(await source.ask(1000)).toMatchObject({ kind: 'known', replicas: 2 });
  expect(updates).toHaveLength(1);
  source.stop();
});

test('a server that does not answer is waited for no longer than was said', async () => {
  scale(3);
  const { clock, source, updates } = replicas();
  await until(clock, () => updates.length === 1);
  api.faults = [() => true];
  let answer: ReplicaUpdate | null | undefined;
  void source.ask(1000).then((each) => (answer = each));
  await until(clock, () => api.requests.length === 2, 0);
  clock.advance(999);
  expect(answer).toBe(undefined);
  await until(clock, () => answer === null, 1);
  source.stop();
  await until(clock, () => clock.pending === 0);
});

test('the namespace is that of the service account; until it can be read nothing is known', async () => {
  scale(3, 'own');
  let isThere = false;
  const { clock, source, updates } = replicas(null, async () =>
    isThere
      ? ({ kind: 'read', bytes: Buffer.from('own\n') } as never)
      : ({ kind: 'unreadable', why: 'ENOENT' } as never),
  );
  await until(clock, () => updates.length === 1, 1);
  expect(updates[0]).toMatchObject({ kind: 'unreachable' });
  expect(await source.ask(1000)).toBe(null);
  isThere = true;
  await until(clock, () => updates.length === 2, 1000);
  expect(updates[1]).toMatchObject({ kind: 'known', replicas: 3 });
  source.stop();
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchStatefulSet } from '../../../../src/discovery/kubernetes/watch-stateful-set.ts';
import type { ReplicaUpdate } from '../../../../src/discovery/replica-source.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { FakeApiServer } from '../../../support/fake-api-server.ts';
import { until } from '../../../support/scenario.ts';
import { apiContext, plainServer } from './kubernetes-scenario.ts';

let api: FakeApiServer;
beforeEach(async () => {
  api = await FakeApiServer.start();
});
afterEach(() => api.stop());

const statefulSet = (replicas: number, more: object = {}) => ({
  metadata: { namespace: 'monitoring', name: 'finrst' },
  spec: { replicas, ...more },
  status: { readyReplicas: replicas - 1 },
});

function watched(clock = createFakeClock()) {
  const states: ReplicaUpdate[] = [];
  const watch = watchStatefulSet(
    { server: plainServer(api.url), namespace: 'monitoring', name: 'finrst' },
    apiContext({ clock }),
    (state) => states.push(state),
  );
  return { clock, states, stop: watch.stop };
}

test('a StatefulSet is known at the start and at every change', async () => {
  api.set('statefulsets', statefulSet(3));
  const { clock, states, stop } = watched();
  await until(clock, () => states.length === 1);
  api.set('statefulsets', statefulSet(4, { ordinals: { start: 5 } }));
  await until(clock, () => states.length === 2);
  stop();
  expect(states).toEqual([
    { kind: 'known', replicas: 3, firstOrdinal: 0, readyReplicas: 2 },
    { kind: 'known', replicas: 4, firstOrdinal: 5, readyReplicas: 3 },
  ]);
});

test('only the one StatefulSet is asked for, so that a right on its name is enough', async () => {
  const { clock, states, stop } = watched();
  await until(clock, () => states.length === 1);
  stop();
  expect(states).toEqual([{ kind: 'gone' }]);
  expect(api.requests[0]).toMatchObject({ resource: 'statefulsets', namespace: 'monitoring', verb: 'watch' });
  expect(api.requests[0]?.query.get('fieldSelector')).toBe('metadata.name=finrst');
});

test('a server that is away is a state of its own, and what follows is known again', async () => {
  api.set('statefulsets', statefulSet(3));
  api.faults = [
    (_, response) => {
      response.socket?.destroy();
      return true;
    },
  ];
  const { clock, states, stop } = watched();
  await until(clock, () => states.length === 1);
  expect(states[0]).toMatchObject({ kind: 'unreachable' });
  api.faults = [];
  clock.advance(1600);
  await until(clock, () => states.length === 2);
  expect(states[1]).toMatchObject({ kind: 'known', replicas: 3 });
  stop();
  await until(clock, () => clock.pending === 0);
});

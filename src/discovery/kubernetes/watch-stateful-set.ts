import type { KubernetesServer } from '../../settings/kubernetes-settings.ts';
import type { ReplicaUpdate } from '../replica-source.ts';
import { ApiClient, type ApiContext } from './api-client.ts';
import { WatchLoop } from './watch-loop.ts';

export type StatefulSetRef = {
  readonly server: KubernetesServer;
  readonly namespace: string;
  readonly name: string;
};

export type StatefulSetContext = ApiContext & {
  /** Uniform in 0..1. */
  readonly random: () => number;
};

/**
 * Follows one StatefulSet: calls back with what is known at the start, at every change, at every failure and after it. Needs
 * the right to list and watch it; a rule with its name in `resourceNames` is enough.
 */
export function watchStatefulSet(
  { server, namespace, name }: StatefulSetRef,
  context: StatefulSetContext,
  onState: (state: ReplicaUpdate) => void,
): { readonly stop: () => void } {
  const scope = {
    resource: 'statefulsets',
    namespace,
    label: '',
    field: `metadata.name=${name}`,
    lastApplied: false,
  } as const;
  const api = { client: new ApiClient(server, context), sendsInitialEvents: true };
  const loop = new WatchLoop(scope, { server: api, clock: context.clock, random: context.random });
  const publish = (): void => {
    const found = loop.objects.get(`${namespace}/${name}`);
    if (found === undefined) return onState({ kind: 'gone' });
    const { replicas, firstOrdinal, readyReplicas } = found;
    onState({ kind: 'known', replicas, firstOrdinal, readyReplicas });
  };
  const listener = {
    changed: () => {
      if (loop.isComplete) publish();
    },
    inSync: publish,
    failed: (why: string) => onState({ kind: 'unreachable', why }),
    requested: () => {},
    objectChanged: () => {},
  };
  loop.add(listener);
  return { stop: () => void loop.remove(listener) };
}

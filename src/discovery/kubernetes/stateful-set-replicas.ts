import type { KubernetesServer } from '../../settings/kubernetes-settings.ts';
import type { ReplicaSource, ReplicaUpdate } from '../replica-source.ts';
import { readOwnNamespace } from './own-namespace.ts';
import { type StatefulSetContext, watchStatefulSet } from './watch-stateful-set.ts';

type Options = {
  readonly server: KubernetesServer;
  readonly name: string;
  /** Null: the one of the service account. */
  readonly namespace: string | null;
};

/** The replicas of a StatefulSet, by a watch. */
export class StatefulSetReplicas implements ReplicaSource {
  readonly #options: Options;
  readonly #context: StatefulSetContext;
  #namespace: string | null;
  #stop: () => void = () => {};

  constructor(options: Options, context: StatefulSetContext) {
    this.#options = options;
    this.#context = context;
    this.#namespace = options.namespace;
  }

  start(onUpdate: (update: ReplicaUpdate) => void): void {
    if (this.#namespace !== null) return this.#watch(this.#namespace, onUpdate);
    const reading = readOwnNamespace(this.#context, {
      found: (namespace) => {
        this.#namespace = namespace;
        this.#watch(namespace, onUpdate);
      },
      failed: (why) => onUpdate({ kind: 'unreachable', why }),
    });
    this.#stop = reading.cancel;
  }

  async ask(timeoutMs: number): Promise<ReplicaUpdate | null> {
    const namespace = this.#namespace;
    if (namespace === null) return null;
    const { server, name } = this.#options;
    const { promise, resolve } = Promise.withResolvers<ReplicaUpdate | null>();
    const late = this.#context.clock.after(timeoutMs, () => resolve(null));
    const watch = watchStatefulSet({ server, namespace, name }, this.#context, (state) => {
      if (state.kind !== 'unreachable') resolve(state);
    });
    const answer = await promise;
    late.cancel();
    watch.stop();
    return answer;
  }

  stop(): void {
    this.#stop();
  }

  #watch(namespace: string, onUpdate: (update: ReplicaUpdate) => void): void {
    const { server, name } = this.#options;
    this.#stop = watchStatefulSet({ server, namespace, name }, this.#context, onUpdate).stop;
  }
}

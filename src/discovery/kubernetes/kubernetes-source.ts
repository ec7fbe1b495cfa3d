import type { Clock } from '../../clock/clock.ts';
import { runInSlices } from '../../clock/run-in-slices.ts';
import type { ObjectChanged } from '../../domain/events/discovery-events.ts';
import type { ReadFile } from '../../files/file-content.ts';
import type { KubernetesSourceSettings } from '../../settings/kubernetes-settings.ts';
import {
  type KubernetesResource,
  type KubernetesWatch,
  kubernetesWatches,
  mainResource,
} from '../../settings/kubernetes-watches.ts';
import type { PeerSource, SourceUpdate, TargetGroup } from '../peer-source.ts';
import { readOwnNamespace } from './own-namespace.ts';
import { ObjectLoops } from './object-loops.ts';
import { podTargets } from './pod-targets.ts';
import { RemovedPods } from './removed-pods.ts';
import { serviceTargets } from './service-targets.ts';
import { SliceReferences } from './slice-references.ts';
import { serviceKeyOf, sliceTargets } from './slice-targets.ts';
import type { LoopListener } from './watch-loop.ts';
import type { WatchPool } from './watch-pool.ts';

export type KubernetesSourceContext = {
  readonly clock: Clock;
  readonly pool: WatchPool;
  readonly readFile: ReadFile;
};

/**
 * The targets of one entry, made from what its loops know. Nothing is published before all of them are complete: a list
 * that is half read never removes a peer. Then each object that changed gives its set of targets anew.
 */
export class KubernetesSource implements PeerSource {
  readonly #settings: KubernetesSourceSettings;
  readonly #context: KubernetesSourceContext;
  readonly #slices = new ObjectLoops<'endpointslices'>();
  readonly #pods = new ObjectLoops<'pods'>();
  readonly #services = new ObjectLoops<'services'>();
  readonly #references = new SliceReferences();
  readonly #removed: RemovedPods;
  /** Objects whose targets have to be made anew, as NAMESPACE/NAME. */
  readonly #dirty = new Set<string>();
  readonly #failing = new Set<LoopListener>();
  #publish: (update: SourceUpdate) => void = () => {};
  #cancelNamespace: () => void = () => {};
  #hasLoops = false;
  #isFlushing = false;
  #isSynced = false;
  #isStopped = false;

  constructor(settings: KubernetesSourceSettings, context: KubernetesSourceContext) {
    this.#settings = settings;
    this.#context = context;
    this.#removed = new RemovedPods(context.clock, (key) => this.#mark(key));
  }

  start(publish: (update: SourceUpdate) => void): void {
    this.#publish = (update) => {
      if (!this.#isStopped) publish(update);
    };
    const { namespaces, ownNamespace } = this.#settings;
    if (!ownNamespace) return this.#watch(namespaces.length === 0 ? [null] : namespaces);
    const asked = readOwnNamespace(this.#context, {
      found: (own) => this.#watch([...new Set([own, ...namespaces])]),
      failed: (why) => this.#publish({ kind: 'failed', why, place: null, tookMs: null }),
    });
    this.#cancelNamespace = asked.cancel;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNamespace();
    this.#removed.stop();
    for (const loops of this.#allLoops()) loops.release();
  }

  /** @param namespaces null: all */
  #watch(namespaces: readonly (string | null)[]): void {
    for (const watch of kubernetesWatches(this.#settings)) {
      for (const namespace of namespaces) this.#join(watch, namespace);
    }
    this.#hasLoops = true;
    // What others watch already is there at once.
    for (const key of this.#main().keys()) this.#changed(this.#mainResource, key);
    this.#flushSoon();
  }

  #join({ resource, label, field }: KubernetesWatch, namespace: string | null): void {
    const { pool } = this.#context;
    const { server, keepsLastApplied: lastApplied } = this.#settings;
    const scope = { namespace, label, field, lastApplied };
    const listener = this.#listener(resource);
    switch (resource) {
      case 'endpointslices':
        return this.#slices.add(namespace, pool.share(server, { ...scope, resource }, listener));
      case 'pods':
        return this.#pods.add(namespace, pool.share(server, { ...scope, resource }, listener));
      case 'services':
        return this.#services.add(namespace, pool.share(server, { ...scope, resource }, listener));
    }
  }

  #listener(resource: KubernetesResource): LoopListener {
    const listener: LoopListener = {
      changed: (key) => this.#changed(resource, key),
      inSync: (tookMs) => {
        this.#failing.delete(listener);
        if (this.#isSynced && this.#failing.size === 0) this.#publish({ kind: 'refreshed', tookMs });
        this.#flushSoon();
      },
      failed: (why, tookMs) => {
        this.#failing.add(listener);
        this.#publish({ kind: 'failed', why, place: null, tookMs });
      },
      requested: (verb, outcome) => this.#publish({ kind: 'requested', resource, verb, outcome }),
      objectChanged: (event: ObjectChanged['event']) => this.#publish({ kind: 'objectChanged', resource, event }),
    };
    return listener;
  }

  #changed(resource: KubernetesResource, key: string): void {
    if (resource === this.#mainResource) {
      if (resource === 'endpointslices') this.#references.set(key, this.#slices.get(key));
      this.#mark(key);
      return;
    }
    const referrers = resource === 'services' ? this.#references.ofService(key) : this.#references.ofPod(key);
    for (const slice of referrers) this.#mark(slice);
  }

  #mark(key: string): void {
    this.#dirty.add(key);
    this.#flushSoon();
  }

  /** After the sockets that are readable now: objects that come together are published together. */
  #flushSoon(): void {
    if (this.#isFlushing || !this.#isComplete) return;
    this.#isFlushing = true;
    this.#context.clock.afterPoll(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const groups = await runInSlices(this.#context.clock, this.#makeTargets(), () => this.#isStopped);
    this.#isFlushing = false;
    if (groups === null) return;
    if (groups.length > 0) this.#publish({ kind: 'groups', groups });
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#publish({ kind: 'synced' });
  }

  *#makeTargets(): Generator<void, readonly TargetGroup[]> {
    const made = new Map<string, TargetGroup>();
    // What is marked meanwhile is reached, too.
    for (const key of this.#dirty) {
      this.#dirty.delete(key);
      made.set(key, this.#targetsOf(key));
      yield;
    }
    return [...made.values()];
  }

  #targetsOf(key: string): TargetGroup {
    const { role, ipFamily } = this.#settings;
    switch (role) {
      case 'endpointslice': {
        const [source, slice] = [`endpointslice/${key}`, this.#slices.get(key)];
        if (slice === undefined) return { source, targets: [], labels: {} };
        const serviceKey = serviceKeyOf(slice);
        const service = serviceKey === null ? undefined : this.#services.get(serviceKey);
        return sliceTargets(source, slice, { service, ipFamily, pod: (pod) => this.#pods.get(pod) });
      }
      case 'pod': {
        const [source, pod] = [`pod/${key}`, this.#pods.get(key)];
        return pod === undefined
          ? this.#removed.isGone(key, source)
          : this.#removed.exists(key, podTargets(source, pod));
      }
      case 'service': {
        const [source, service] = [`svc/${key}`, this.#services.get(key)];
        return service === undefined ? { source, targets: [], labels: {} } : serviceTargets(source, service);
      }
    }
  }

  get #mainResource(): KubernetesResource {
    return mainResource(this.#settings.role);
  }

  get #isComplete(): boolean {
    return this.#hasLoops && this.#allLoops().every((loops) => loops.isComplete);
  }

  #main(): Pick<ObjectLoops<KubernetesResource>, 'keys'> {
    switch (this.#mainResource) {
      case 'endpointslices':
        return this.#slices;
      case 'pods':
        return this.#pods;
      case 'services':
        return this.#services;
    }
  }

  #allLoops() {
    return [this.#slices, this.#pods, this.#services] as const;
  }
}

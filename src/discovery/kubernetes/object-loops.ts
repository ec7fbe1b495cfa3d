import type { SharedLoop } from './watch-pool.ts';
import type { KeptOf, WatchedResource } from './watched-resource.ts';

/** The loops of one resource, one for each namespace or one for all of them. */
export class ObjectLoops<Resource extends WatchedResource> {
  readonly #byNamespace = new Map<string | null, SharedLoop<Resource>>();

  /** @param namespace null: all */
  add(namespace: string | null, loop: SharedLoop<Resource>): void {
    this.#byNamespace.set(namespace, loop);
  }

  /** Whether all of them have been complete. */
  get isComplete(): boolean {
    return this.#loops().every(({ loop }) => loop.isComplete);
  }

  /** @param key NAMESPACE/NAME */
  get(key: string): KeptOf[Resource] | undefined {
    const namespace = key.slice(0, key.indexOf('/'));
    const shared = this.#byNamespace.get(namespace) ?? this.#byNamespace.get(null);
    return shared?.loop.objects.get(key);
  }

  *keys(): Generator<string> {
    for (const { loop } of this.#loops()) yield* loop.objects.keys();
  }

  release(): void {
    for (const { release } of this.#loops()) release();
  }

  #loops(): readonly SharedLoop<Resource>[] {
    return [...this.#byNamespace.values()];
  }
}

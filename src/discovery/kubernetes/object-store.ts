import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { ObjectChanged } from '../../domain/events/discovery-events.ts';

export type StoredObject<Kept> = { readonly version: string; readonly kept: Kept };

export type StoreChange = {
  /** NAMESPACE/NAME. */
  readonly key: string;
  readonly event: ObjectChanged['event'];
  /** Whether anything that is kept of the object is another one. */
  readonly isNew: boolean;
};

/** The objects of one watch by namespace and name, as they were when the API server last sent them. */
export class ObjectStore<Kept> {
  #objects = new Map<string, StoredObject<Kept>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Kept | undefined {
    return this.#objects.get(key)?.kept;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  set(key: string, object: StoredObject<Kept>): StoreChange {
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (before === undefined) return { key, event: 'add', isNew: true };
    return { key, event: 'update', isNew: !isSameSetting(before.kept, object.kept) };
  }

  /** Null: it was not there. */
  delete(key: string): StoreChange | null {
    return this.#objects.delete(key) ? { key, event: 'delete', isNew: true } : null;
  }

  /** Takes the place of all: what is not in it is deleted, what has another version is updated. */
  replace(fresh: Map<string, StoredObject<Kept>>): readonly StoreChange[] {
    const before = this.#objects;
    this.#objects = fresh;
    const changes: StoreChange[] = [];
    for (const [key, { version, kept }] of fresh) {
      const old = before.get(key);
      if (old === undefined) changes.push({ key, event: 'add', isNew: true });
      else if (old.version !== version || version === '')
        changes.push({ key, event: 'update', isNew: !isSameSetting(old.kept, kept) });
    }
    for (const key of before.keys()) if (!fresh.has(key)) changes.push({ key, event: 'delete', isNew: true });
    return changes;
  }
}

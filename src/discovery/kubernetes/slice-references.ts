import { podKeyOf, serviceKeyOf } from './slice-targets.ts';
import type { EndpointSlice } from './watched-objects.ts';

/** Which slices have labels of a Service or a pod: they are made anew when it changes. Keys are NAMESPACE/NAME. */
export class SliceReferences {
  readonly #slices = new Map<string, ReadonlySet<string>>();
  readonly #referrers = new Map<string, Set<string>>();

  /** Undefined: the slice is gone. */
  set(sliceKey: string, slice: EndpointSlice | undefined): void {
    const before = this.#slices.get(sliceKey) ?? new Set();
    const now = slice === undefined ? new Set<string>() : referencesOf(slice);
    for (const reference of before) if (!now.has(reference)) this.#remove(reference, sliceKey);
    for (const reference of now) {
      const referrers = this.#referrers.get(reference) ?? new Set();
      this.#referrers.set(reference, referrers.add(sliceKey));
    }
    if (slice === undefined) this.#slices.delete(sliceKey);
    else this.#slices.set(sliceKey, now);
  }

  ofService(key: string): Iterable<string> {
    return this.#referrers.get(`service ${key}`) ?? [];
  }

  ofPod(key: string): Iterable<string> {
    return this.#referrers.get(`pod ${key}`) ?? [];
  }

  #remove(reference: string, sliceKey: string): void {
    const referrers = this.#referrers.get(reference);
    referrers?.delete(sliceKey);
    if (referrers?.size === 0) this.#referrers.delete(reference);
  }
}

function referencesOf(slice: EndpointSlice): Set<string> {
  const references = new Set<string>();
  const service = serviceKeyOf(slice);
  if (service !== null) references.add(`service ${service}`);
  for (const endpoint of slice.endpoints) {
    const pod = podKeyOf(endpoint);
    if (pod !== null) references.add(`pod ${pod}`);
  }
  return references;
}

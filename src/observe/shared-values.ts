import type { Endpoint } from '../domain/events/connection-events.ts';
import type { SocketOwner } from '../domain/observed/socket-owner.ts';

/** Connections of one host go to few addresses, and few processes have them. */
const MOST = 10_000;

/**
 * Each message of the thread has copies of its own of what many connections share: addresses, the far end, the owner. What is
 * kept of a connection refers to one of each instead.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #owners = new Map<string, SocketOwner>();

  text(text: string): string {
    return sharedOf(this.#texts, text, () => text);
  }

  endpoint(address: string, port: number): Endpoint {
    return sharedOf(this.#endpoints, `${address} ${port}`, () => ({ address: this.text(address), port }));
  }

  owner(owner: SocketOwner): SocketOwner {
    return sharedOf(this.#owners, `${owner.pid} ${owner.executable} ${owner.pod}`, () => owner);
  }
}

function sharedOf<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

import { type Flow, flowKey } from '../os/tracefs/trace-record.ts';
import type { FollowedSocket } from './followed-socket.ts';

/** Sockets that are known from /proc alone, by flow. Two network namespaces can have the same one. */
export class FoundSockets {
  readonly #byFlow = new Map<string, FollowedSocket[]>();

  add(followed: FollowedSocket): void {
    const key = flowKey(followed.socket.flow);
    const same = this.#byFlow.get(key);
    if (same === undefined) this.#byFlow.set(key, [followed]);
    else same.push(followed);
  }

  of(flow: Flow): FollowedSocket | undefined {
    return this.#byFlow.get(flowKey(flow))?.[0];
  }

  remove({ socket }: FollowedSocket): void {
    const key = flowKey(socket.flow);
    const left = (this.#byFlow.get(key) ?? []).filter((one) => one.socket.id !== socket.id);
    if (left.length === 0) this.#byFlow.delete(key);
    else this.#byFlow.set(key, left);
  }

  *all(): Iterable<FollowedSocket> {
    for (const same of this.#byFlow.values()) yield* same;
  }
}

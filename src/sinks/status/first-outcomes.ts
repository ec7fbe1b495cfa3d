import type { Clock } from '../../clock/clock.ts';
import type { Sink } from '../../events/bus.ts';

/** What the connect rate does not explain: a server that does not answer does not keep a shard from being ready. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Whether every peer of the start has had its first outcome: a connection, a failed attempt, or that it is not to be tried.
 * Other shards give their peers up once this one is ready.
 */
export class FirstOutcomes {
  readonly sink: Sink;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #waiting = new Set<number>();
  readonly #peers = new Set<number>();
  #begunAt: number | null = null;
  #isOver = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.sink = {
      connection: ({ type, peer }) => {
        if (type === 'connected' || type === 'connectFailed') this.#waiting.delete(peer.id);
      },
      peer: (event) => {
        if (event.type === 'peerAdded' && event.facts.isHeld !== false) this.#add(event.peer.id);
        if (event.type === 'peerRemoved') this.#remove(event.peer.id);
        if (event.type === 'stateEntered' && event.state === 'retired') this.#waiting.delete(event.peer.id);
      },
    };
  }

  /** Null: ready, from then on for ever. The time that it may take counts from the first call. */
  notReady(connectsPerSecond: number): string | null {
    if (this.#isOver) return null;
    const now = this.#clock.monotonic();
    this.#begunAt ??= now;
    const longestMs = LONGEST_WAIT_MS + (this.#peers.size * 1000) / connectsPerSecond;
    if (this.#waiting.size > 0 && now - this.#begunAt < longestMs) {
      return `Finrst waits for the first outcome of ${this.#waiting.size} of the ${this.#peers.size} peers of its share.`;
    }
    this.#isOver = true;
    this.#waiting.clear();
    return null;
  }

  #add(id: number): void {
    this.#peers.add(id);
    if (!this.#isOver) this.#waiting.add(id);
  }

  #remove(id: number): void {
    this.#peers.delete(id);
    this.#waiting.delete(id);
  }
}

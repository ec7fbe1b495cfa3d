import type { DisconnectReason } from '../../domain/disconnect.ts';
import type { CountedEnd } from './known-peer.ts';

/** What the ends of an incident say together. Times are wall-clock milliseconds. */
export class EndsFacts {
  readonly #reasons: Partial<Record<DisconnectReason, number>> = {};
  #found = { first: Infinity, last: -Infinity };
  #firstMoment = Infinity;
  /** The last sign of life of all that fell silent; -Infinity: none did. */
  #lastLife = -Infinity;
  #longestSilenceMs = 0;

  add({ span, reason, at }: CountedEnd): void {
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    this.#found = { first: Math.min(this.#found.first, at), last: Math.max(this.#found.last, at) };
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, span.to - span.from);
    if (span.from === span.to) this.#firstMoment = Math.min(this.#firstMoment, span.from);
    else this.#lastLife = Math.max(this.#lastLife, span.from);
  }

  get reasons(): Readonly<Partial<Record<DisconnectReason, number>>> {
    return { ...this.#reasons };
  }

  /** Between the first and the last time one was found. */
  get foundWithinMs(): number {
    return Math.max(0, this.#found.last - this.#found.first);
  }

  /** When the connections can have broken: after the last sign of life of all that fell silent, else at the first moment. */
  get began(): number {
    return this.#lastLife === -Infinity ? this.#firstMoment : this.#lastLife;
  }

  get longestSilenceMs(): number {
    return this.#longestSilenceMs;
  }
}

import type { DisconnectReason } from '../../domain/disconnect.ts';
import type { CommonFacts, LengthRange } from '../../domain/events/incident-event.ts';
import type { HintName } from '../../domain/hint.ts';
import type { CountedEnd } from './known-peer.ts';

const NO_LENGTH: LengthRange = { leastMs: Infinity, mostMs: -Infinity };

/** What the ends of an incident say together. Times are wall-clock milliseconds. */
export class EndsFacts {
  readonly #reasons: Partial<Record<DisconnectReason, number>> = {};
  #found = { first: Infinity, last: -Infinity };
  #firstMoment = Infinity;
  /** The last sign of life of all that fell silent; -Infinity: none did. */
  #lastLife = -Infinity;
  #longestSilenceMs = 0;
  readonly #hints: Partial<Record<HintName, number>> = {};
  #droppedPackets = 0;
  #stalledMs = 0;
  #ages = NO_LENGTH;
  #silences = NO_LENGTH;

  add(end: CountedEnd): void {
    const { from, to, isAssumed, reason, hint, ageMs, silentMs } = end;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    this.#found = { first: Math.min(this.#found.first, to), last: Math.max(this.#found.last, to) };
    if (from === to || isAssumed === true) this.#firstMoment = Math.min(this.#firstMoment, to);
    else {
      this.#longestSilenceMs = Math.max(this.#longestSilenceMs, to - from);
      this.#lastLife = Math.max(this.#lastLife, from);
    }
    this.#ages = widened(this.#ages, ageMs);
    this.#silences = widened(this.#silences, silentMs);
    if (hint === null) return;
    this.#hints[hint.name] = (this.#hints[hint.name] ?? 0) + 1;
    if (hint.name === 'host_drops') this.#droppedPackets = Math.max(this.#droppedPackets, hint.dropped);
    if (hint.name === 'own_stall') this.#stalledMs = Math.max(this.#stalledMs, hint.stalledMs);
  }

  get common(): CommonFacts {
    return {
      hints: { ...this.#hints },
      droppedPackets: this.#droppedPackets,
      stalledMs: this.#stalledMs,
      ages: this.#ages,
      silences: this.#silences,
    };
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

function widened(range: LengthRange, length: number | null): LengthRange {
  if (length === null) return range;
  const { leastMs, mostMs } = range;
  return { leastMs: Math.min(leastMs, length), mostMs: Math.max(mostMs, length) };
}

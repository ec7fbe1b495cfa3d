import type { EndedConnection } from './ended-connection.ts';
import { findLimit, isNear, type Lived, momentMs, type WindowEnd } from './find-limit.ts';
import type { Limit } from './limit.ts';
import type { Silences } from './silences.ts';

/** Older ones may be of another time. */
const MOST_ENDS = 30;

/**
 * The last ends of a group, or of a peer, and what its connections lived through meanwhile. Ends that one moment can explain
 * are kept as one, so that a storm leaves the others in. Bounded, and no larger for more peers.
 */
export class EndWindow {
  readonly #ends: WindowEnd[] = [];
  /** Since the last end; written over by each sample. */
  #lived: LivedFields = { ...NOTHING };
  #hasLived = false;
  /** What the ends alone show; undefined: they are others than when it was asked last. */
  #ofEnds: Limit | null | undefined = null;

  /** A connection lives, or did until just now. */
  sampled(silences: Silences): void {
    this.#hasLived = true;
    const lived = this.#lived;
    lived.ageMs = Math.max(lived.ageMs, silences.ageMs);
    lived.payloadMs = Math.max(lived.payloadMs, silences.payloadMs);
    lived.packetsMs = Math.max(lived.packetsMs, silences.packetsAtMostMs);
    lived.survivedMs = Math.max(lived.survivedMs, silences.survivedMs);
    lived.survivedAtMostMs = Math.max(lived.survivedAtMostMs, silences.survivedAtMostMs);
  }

  add(end: EndedConnection): void {
    const at = this.#ends.findLastIndex((kept) => isOneMoment(kept, end));
    const kept = this.#ends[at];
    if (kept === undefined) {
      this.#ends.push({ ...end, lived: this.#hasLived ? this.#lived : NOTHING });
      if (this.#ends.length > MOST_ENDS) this.#ends.shift();
      this.#ofEnds = undefined;
    } else {
      // An end that was provoked bounds: the shortest of them bounds most.
      const packetsMs = end.met === 'provoked' ? least(kept.packetsMs, end.packetsMs) : kept.packetsMs;
      // Of the thousands of a storm few say more than those before them.
      if (packetsMs !== kept.packetsMs || isLonger(this.#lived, kept.lived)) {
        this.#ends[at] = { ...kept, packetsMs, lived: longer(kept.lived, this.#lived) };
        this.#ofEnds = undefined;
      }
    }
    if (!this.#hasLived) return;
    this.#lived = { ...NOTHING };
    this.#hasLived = false;
  }

  /** What the ends show now; null: they allow no claim. */
  limit(): Limit | null {
    if (this.#hasLived) return findLimit(this.#ends, this.#lived);
    if (this.#ofEnds === undefined) this.#ofEnds = findLimit(this.#ends, this.#lived);
    return this.#ofEnds;
  }
}

type LivedFields = { -readonly [Key in keyof Lived]: Lived[Key] };

const NOTHING: Lived = { ageMs: 0, payloadMs: 0, packetsMs: 0, survivedMs: 0, survivedAtMostMs: 0 };

/** One cut of the path explains all ends that it provoked and whose last sign of life was before the first of them was found. */
function isOneMoment(kept: WindowEnd, end: EndedConnection): boolean {
  if (kept.met !== end.met) return false;
  if (end.met === 'provoked') return end.at - end.unheardMs <= kept.at;
  const isOneTime = Math.abs(end.at - kept.at) < momentMs(end.payloadMs);
  return isOneTime && isNear(kept.ageMs, end.ageMs) && isNear(kept.payloadMs, end.payloadMs);
}

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function isLonger(one: Lived, other: Lived): boolean {
  return (
    one.ageMs > other.ageMs ||
    one.payloadMs > other.payloadMs ||
    one.packetsMs > other.packetsMs ||
    one.survivedMs > other.survivedMs ||
    one.survivedAtMostMs > other.survivedAtMostMs
  );
}

function longer(one: Lived, other: Lived): Lived {
  return {
    ageMs: Math.max(one.ageMs, other.ageMs),
    payloadMs: Math.max(one.payloadMs, other.payloadMs),
    packetsMs: Math.max(one.packetsMs, other.packetsMs),
    survivedMs: Math.max(one.survivedMs, other.survivedMs),
    survivedAtMostMs: Math.max(one.survivedAtMostMs, other.survivedAtMostMs),
  };
}

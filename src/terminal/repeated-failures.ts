import type { ConnectFailed } from '../domain/events/connection-events.ts';
import { isPowerOfTwo } from '../domain/is-power-of-two.ts';
import { readableDuration } from '../text/figures.ts';

/** What folding needs of a failed attempt. */
export type FoldedFailure = Pick<ConnectFailed, 'at' | 'peer' | 'phase' | 'reason' | 'errno' | 'goodbye'> &
  Partial<Pick<ConnectFailed, 'retryInMs'>>;

/** Failures of one kind within one outage. */
type Run = {
  readonly first: FoldedFailure;
  readonly last: FoldedFailure;
  readonly count: number;
  readonly printed: number;
};

/** What to print of a failed attempt: all of it, one sentence that stands for several, or nothing yet. */
export type FailureLine = { readonly kind: 'first' } | { readonly kind: 'repeated'; readonly text: string } | null;

/**
 * Failures that repeat, folded: of each kind of an outage (phase, reason, errno, goodbye) the first is printed as it is, then the
 * 2nd, 4th, 8th, ... as a count. What was counted and not printed comes with `rest`. A Service without endpoints is refused and
 * silent in turn, so kinds are counted beside one another.
 */
export class RepeatedFailures {
  readonly #outages = new Map<number, Map<string, Run>>();

  add(event: FoldedFailure): FailureLine {
    const outage = this.#outages.get(event.peer.id) ?? new Map<string, Run>();
    this.#outages.set(event.peer.id, outage);
    const key = `${event.phase}/${event.reason}/${event.errno ?? ''}/${event.goodbye ?? ''}`;
    const before = outage.get(key);
    const count = (before?.count ?? 0) + 1;
    const isPrinted = isPowerOfTwo(count);
    const run = {
      first: before?.first ?? event,
      last: event,
      count,
      printed: isPrinted ? count : (before?.printed ?? 0),
    };
    outage.set(key, run);
    if (count === 1) return { kind: 'first' };
    if (!isPrinted) return null;
    const retry = event.retryInMs === undefined ? '' : `; next try in ${readableDuration(event.retryInMs)}`;
    return { kind: 'repeated', text: `${folded(run)}${retry}` };
  }

  /** The outage of this peer is over, or the run is: what was counted since the last line, one sentence for each kind. */
  rest(peerId: number, at: number): readonly string[] {
    const runs = [...(this.#outages.get(peerId)?.values() ?? [])];
    this.#outages.delete(peerId);
    return runs
      .filter(({ count, printed }) => count > printed)
      .map((run) => `${folded(run)}, the last ${readableDuration(at - run.last.at)} ago`);
  }

  /** Peers with an outage that is not over. */
  get peers(): readonly ConnectFailed['peer'][] {
    return [...this.#outages.values()].flatMap((runs) => [...runs.values()].slice(0, 1).map(({ first }) => first.peer));
  }
}

function folded({ first, last, count }: Run): string {
  const errno = last.errno === undefined ? '' : ` (${last.errno})`;
  const said = last.goodbye === undefined ? '' : `, ${last.goodbye}`;
  return `connect failed: ${last.phase}/${last.reason}${errno}${said}, ${count} times in ${readableDuration(last.at - first.at)}`;
}

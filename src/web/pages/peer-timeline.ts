import type { ChangeKind, PeerChange, PeerHistory } from '../../sinks/status/peer-history.ts';

/** A stretch of the line, as shares of the chart's width. */
export type Stretch = { readonly from: number; readonly to: number; readonly isUp: boolean };

/** A mark on the line. `number`: that of its row among the ends; absent: it is older than those. */
export type TimelineMark = {
  readonly at: number;
  readonly x: number;
  readonly kind: Exclude<ChangeKind, 'connected'>;
  readonly number?: number;
};

/** What the timeline of a peer draws. Wall-clock milliseconds. */
export type Timeline = {
  readonly from: number;
  readonly to: number;
  /** Since when something is drawn: a young peer's picture begins before. */
  readonly since: number;
  /** Why it begins where it does, for its head. */
  readonly begins: 'range' | 'known' | 'kept';
  readonly stretches: readonly Stretch[];
  readonly marks: readonly TimelineMark[];
};

const RANGE_MS = 86_400_000;
/** As many changes as are kept of a peer: with fewer all are there. */
const KEPT = 32;
/** A new peer gets a picture, not a point. */
const SHORTEST_MS = 60_000;

/** The last 24 hours of a peer, or as far back as something is kept of it: the line, where it is broken, and its marks. */
export function timelineOf({ since, changes, ends }: PeerHistory, now: number): Timeline {
  const [first] = changes;
  const isCut = changes.length >= KEPT && first !== undefined;
  const known = isCut ? first.at : since;
  const from = Math.min(Math.max(known, now - RANGE_MS), now - SHORTEST_MS);
  const begins = known <= now - RANGE_MS ? 'range' : isCut ? 'kept' : 'known';
  const x = (at: number): number => (at - from) / (now - from);
  const drawnSince = Math.max(known, from);
  const marks = changes.filter(({ at }) => at >= from).flatMap((change) => markOf(change, ends, x));
  return {
    from,
    to: now,
    since: drawnSince,
    begins,
    stretches: stretchesOf(changes, { from: drawnSince, now, x }),
    marks,
  };
}

function markOf(
  { at, kind }: PeerChange,
  ends: PeerHistory['ends'],
  x: (at: number) => number,
): readonly TimelineMark[] {
  if (kind === 'connected') return [];
  const index = kind === 'failed' ? -1 : ends.findIndex((end) => Math.floor(end.at) === at);
  return [{ at, x: x(at), kind, ...(index === -1 ? {} : { number: index + 1 }) }];
}

type Scale = { readonly from: number; readonly now: number; readonly x: (at: number) => number };

/** Before the first change nothing was held. */
function stretchesOf(changes: readonly PeerChange[], { from, now, x }: Scale): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [begin, isUp] = [from, false];
  for (const { at, kind } of changes) {
    const isUpNow = kind === 'connected';
    if (at > from && at > begin && isUpNow !== isUp) {
      stretches.push({ from: x(begin), to: x(at), isUp });
      begin = at;
    }
    isUp = isUpNow;
  }
  if (now > begin) stretches.push({ from: x(begin), to: x(now), isUp });
  return stretches;
}

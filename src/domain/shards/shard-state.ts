import { ownerOf } from './rendezvous.ts';

/** How many shards there are to be and how many are ready, as the StatefulSet says. */
export type SeenReplicas = {
  readonly wanted: number;
  readonly ready: number;
  /** The number of its first pod. */
  readonly firstOrdinal: number;
};

/** By which count a process holds its share of the peers. */
export type Share = { readonly ordinal: number; readonly total: number };

/** What a process knows of the shards, and goes by. */
export type ShardState =
  /** Nobody said yet how many shards there are: nothing is held, since all else would be a guess. */
  | { readonly name: 'unknown' }
  | {
      readonly name: 'known';
      /** The ordinal by the count of now; none of 0 to `wanted` - 1: this process is scaled away, or was never wanted. */
      readonly ordinal: number;
      readonly wanted: number;
      /** What the process goes by. */
      readonly share: Share;
      /** More are wanted than the share counts; null: they are not. */
      readonly growth: Growth | null;
    };

/** `isShort`: fewer were ready than are wanted, at least once since it began. Monotonic milliseconds. */
type Growth = { readonly since: number; readonly isShort: boolean };

/**
 * A pod that is being ended is counted as ready for a while: where shards are scaled down and up again at once, the number of
 * ready ones says that all are there while one of them is leaving. A number that was never too small counts after this long:
 * the kubelet takes 15 s to see that a pod is not ready any more.
 */
export const SETTLE_MS = 30_000;

/**
 * What a process that is pod `podOrdinal` goes by after it saw this. A process without a share takes the wanted number at
 * once. One that has a share takes a higher number only once all pods are ready: those that come hold their share by then.
 * A lower number counts at once for those that stay. One that is scaled away keeps what it has.
 */
export function nextShards(
  state: ShardState,
  { wanted, ready, firstOrdinal }: SeenReplicas,
  { podOrdinal, now }: { readonly podOrdinal: number; readonly now: number },
): ShardState {
  const ordinal = podOrdinal - firstOrdinal;
  const atOnce = { name: 'known', ordinal, wanted, share: { ordinal, total: wanted }, growth: null } as const;
  if (state.name === 'unknown' || !hasShare(state)) return atOnce;
  const { share } = state;
  if (!isWithin(ordinal, wanted)) return { name: 'known', ordinal, wanted, share, growth: null };
  if (wanted <= share.total || ordinal !== share.ordinal) return atOnce;
  const before = state.wanted === wanted ? state.growth : null;
  const growth = { since: before?.since ?? now, isShort: before?.isShort === true || ready < wanted };
  const isSettled = growth.isShort || now - growth.since >= SETTLE_MS;
  return ready >= wanted && isSettled ? atOnce : { name: 'known', ordinal, wanted, share, growth };
}

/** Whether this process holds the peer. */
export function isOwner(state: ShardState, group: string, peer: string): boolean {
  return state.name === 'known' && ownerOf({ group, peer }, state.share.total) === state.share.ordinal;
}

/** Whether some peers are for this process. */
export function hasShare(state: ShardState): boolean {
  return state.name === 'known' && isWithin(state.share.ordinal, state.share.total);
}

/** Whether the process still has a share that is for others from now on. */
export function isScaledAway(state: ShardState): boolean {
  return state.name === 'known' && hasShare(state) && !isWithin(state.ordinal, state.wanted);
}

/** After the others are known to connect, what they need to see that they have to, and their pods to answer. */
const NOTICE_MS = 10_000;
/** The pod is killed after its grace period; its connections still have to be closed in order by then. */
const LONGEST_HOLD_MS = 60_000;

/** How long a shard that is scaled away and asked to end holds on, so that the others have connected meanwhile. */
export function handOverMs({
  held,
  connectsPerSecond,
  others,
}: {
  readonly held: number;
  readonly connectsPerSecond: number;
  /** As many shards stay. */
  readonly others: number;
}): number {
  if (others === 0 || held === 0) return 0;
  return Math.min((held * 1000) / (connectsPerSecond * others) + NOTICE_MS, LONGEST_HOLD_MS);
}

function isWithin(ordinal: number, total: number): boolean {
  return ordinal >= 0 && ordinal < total;
}

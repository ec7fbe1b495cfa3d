import { isSameSetting } from '../settings/is-same-setting.ts';
import type { AnnouncedElsewhere, PlannedPeer } from '../settings/peer-group.ts';
import type { PeerClaims } from './peer-claims.ts';
import type { KnownTarget } from './target-set.ts';

/** Whether this process holds a peer, or another shard does. */
export type Owns = (group: string, peer: string) => boolean;

/** What of a group is for this process. `isObserved`: what another shard holds is observed here. */
export type Share = { readonly owns: Owns; readonly isObserved: boolean };

/** A peer that is in the plan no more, with the target that it was made from. */
export type LeftPeer = { readonly key: string; readonly peer: PlannedPeer; readonly target: KnownTarget };

/** A peer of another shard, and the announcement that stands of it. */
type OtherShards = Pick<PlannedPeer, 'announced'> & { readonly peer: string };

type Planned = { readonly peer: PlannedPeer; readonly target: KnownTarget };

/** The peers of one group that are to be held or observed, as they were last given to the fleet. */
export class PeerPlan {
  readonly #planned = new Map<string, Planned>();
  readonly #otherShard = new Map<string, OtherShards>();
  /** Of the planned ones those that another shard holds. */
  #elsewhere = 0;

  /** Peers of this process. */
  get size(): number {
    return this.#planned.size - this.#elsewhere;
  }

  /** Peers that another shard holds. */
  get otherShard(): number {
    return this.#otherShard.size;
  }

  has(key: string): boolean {
    return this.#planned.has(key);
  }

  isOtherShard(key: string): boolean {
    return this.#otherShard.has(key);
  }

  peers(): readonly PlannedPeer[] {
    return Array.from(this.#planned.values(), ({ peer }) => peer);
  }

  /**
   * Whether a target that came means something else for a peer of the plan than was announced of it, or a peer vanished
   * whose connection may outlive it: what happens to the connection next has to be seen in that light.
   */
  isUrgent(key: string, claims: PeerClaims): boolean {
    const planned = this.#planned.get(key)?.peer;
    if (planned === undefined || planned.isHeldElsewhere) return false;
    const targets = claims.of(key);
    return targets.length === 0 ? planned.lingerMs > 0 : announcedOf(targets) !== planned.announced;
  }

  /**
   * Plans the peers with these keys anew. A peer whose settings say the same keeps its objects: whoever compares peers later
   * compares references. One that another shard holds from now on is gone, also where it stays to be observed.
   */
  *update(keys: Iterable<string>, claims: PeerClaims, share: Share): Generator<void, PlanChange> {
    const gone: LeftPeer[] = [];
    const peers: PlannedPeer[] = [];
    const announcedElsewhere: AnnouncedElsewhere[] = [];
    for (const key of keys) {
      yield;
      const before = this.#planned.get(key);
      const announcedBefore = before?.peer.announced ?? this.#otherShard.get(key)?.announced ?? null;
      const after = this.#plan(key, { targets: claims.of(key), before, share });
      const { peer, announced = null } = this.#otherShard.get(key) ?? {};
      if (peer !== undefined && announced !== null && announced !== announcedBefore)
        announcedElsewhere.push({ peer, announced });
      if (after === before) continue;
      if (after === undefined) this.#planned.delete(key);
      else this.#planned.set(key, after);
      this.#elsewhere += Number(isElsewhere(after)) - Number(isElsewhere(before));
      const hasOtherName = after?.peer.settings.peer !== before?.peer.settings.peer;
      if (before !== undefined && (hasOtherName || (isElsewhere(after) && !isElsewhere(before))))
        gone.push({ key, ...before });
      if (after !== undefined && after.peer !== before?.peer) peers.push(after.peer);
    }
    return { gone, peers, announcedElsewhere };
  }

  #plan(
    key: string,
    {
      targets,
      before,
      share: { owns, isObserved },
    }: { readonly targets: readonly KnownTarget[]; readonly before: Planned | undefined; readonly share: Share },
  ): Planned | undefined {
    const [target] = targets;
    this.#otherShard.delete(key);
    if (target?.outcome.kind !== 'peer') return undefined;
    const { settings } = target.outcome;
    if (!owns(settings.group, settings.peer)) {
      this.#otherShard.set(key, { peer: settings.peer, announced: announcedOf(targets) });
      if (!isObserved) return undefined;
      return replanned({ peer: { settings, announced: null, lingerMs: 0, isHeldElsewhere: true }, target }, before);
    }
    const { lingerMs } = target.set.origin;
    return replanned({ peer: { settings, announced: announcedOf(targets), lingerMs }, target }, before);
  }
}

/** `peers`: those that came or are other ones now. */
export type PlanChange = {
  readonly gone: readonly LeftPeer[];
  readonly peers: readonly PlannedPeer[];
  readonly announcedElsewhere: readonly AnnouncedElsewhere[];
};

/** A peer is announced when any target of it with its address is. */
function announcedOf(targets: readonly KnownTarget[]): PlannedPeer['announced'] {
  const [first, ...others] = targets;
  if (first?.outcome.kind !== 'peer') return null;
  const { address, announced } = first.outcome;
  if (announced !== null) return announced;
  for (const { outcome } of others) {
    if (outcome.kind === 'peer' && outcome.address === address && outcome.announced !== null) return outcome.announced;
  }
  return null;
}

function isElsewhere(planned: Planned | undefined): boolean {
  return planned?.peer.isHeldElsewhere === true;
}

/** The objects of before where they say the same. */
function replanned({ peer, target }: Planned, before: Planned | undefined): Planned {
  if (before === undefined || target.outcome.kind !== 'peer') return { peer, target };
  const isSame = isSameSetting(before.peer.settings, peer.settings);
  if (!isSame) return { peer, target };
  const { settings } = before.peer;
  target.outcome = { ...target.outcome, settings };
  const { announced, lingerMs, isHeldElsewhere } = before.peer;
  if (announced === peer.announced && lingerMs === peer.lingerMs && isHeldElsewhere === peer.isHeldElsewhere)
    return before.target === target ? before : { peer: before.peer, target };
  return { peer: { ...peer, settings }, target };
}

import type { Elsewhere, ScopeValues, ValueShare } from '../../domain/incident-scope.ts';
import type { PeerName } from '../../domain/peer-target.ts';
import {
  type CountedEnd,
  hasScope,
  isSeen,
  type KnownPeer,
  type Shared,
  type SharedEndpoint,
  wasUpright,
} from './known-peer.ts';
import { labelOf, type Scope } from './scope.ts';
import { canBeAt } from './shared-moment.ts';

/** More bars nobody can tell apart. */
const MOST_VALUES = 60;
/** Enough to begin with: the filters of the page have all. */
const MOST_SPARED = 3;
/** Peers or ends between two yields: well under a millisecond. */
const STEP = 250;

/** Who was unharmed at the moment of a finding. */
export type Contrast = {
  /** Outside of its scope. */
  readonly elsewhere: Elsewhere;
  readonly values: ScopeValues;
  readonly spared: readonly PeerName[];
};

/** What was found: its scope, its moment, and how many of the counted peers ended. */
export type Found = { readonly scope: Scope; readonly at: number; readonly ended: number; readonly of: number };

/** Every end that can still be part of something, and every known peer. */
export type AllEnds = { readonly all: readonly CountedEnd[]; readonly peers: readonly KnownPeer[] };

/** Counts once for an address and port. */
class Count {
  ended = 0;
  of = 0;
  readonly #seen = new Set<SharedEndpoint>();

  add(endpoint: SharedEndpoint, isEnd: boolean): void {
    if (isSeen(endpoint, this.#seen)) return;
    this.of += 1;
    if (isEnd) this.ended += 1;
  }
}

/** Looks at what happened at that moment to the peers outside, and to each value of what the scope is one of. Yields after small pieces. */
export function* findContrast(found: Found, { all, peers }: AllEnds): Generator<void, Contrast> {
  const { scope, at } = found;
  // The process is one of one: its groups are compared.
  const dimension = scope.name.kind === 'process' ? 'group' : scope.dimension;
  const valueOf = ({ scopes, prefix }: Shared): Scope | undefined =>
    dimension === 'prefix' ? (prefix ?? undefined) : scopes.find((other) => other.dimension === dimension);
  const outside = new Count();
  const values = new Map<Scope, Count>();
  const spared: PeerName[] = [];
  const count = (endpoint: SharedEndpoint, value: Scope | undefined, isEnd: boolean): void => {
    if (value === undefined || value === scope) return;
    let its = values.get(value);
    if (its === undefined) values.set(value, (its = new Count()));
    its.add(endpoint, isEnd);
  };
  for (let index = 0; index < all.length; index++) {
    if (index % STEP === 0) yield;
    const end = all[index];
    if (end === undefined || !canBeAt(end, at)) continue;
    if (!hasScope(end, scope)) outside.add(end.endpoint, true);
    count(end.endpoint, valueOf(end), true);
  }
  for (let index = 0; index < peers.length; index++) {
    if (index % STEP === 0) yield;
    const peer = peers[index];
    if (peer === undefined) continue;
    const { endpoint, ref } = peer;
    if (endpoint === null || !wasUpright(peer, at)) continue;
    if (!hasScope(peer, scope)) outside.add(endpoint, false);
    else if (spared.length < MOST_SPARED) spared.push({ group: ref.group, peer: ref.peer });
    count(endpoint, valueOf(peer), false);
  }
  return { elsewhere: { ended: outside.ended, of: outside.of }, values: yield* valuesOf(found, values), spared };
}

function* valuesOf({ scope, ended, of }: Found, counts: ReadonlyMap<Scope, Count>): Generator<void, ScopeValues> {
  const { kind, value } = scope.name;
  const own: readonly ValueShare[] = kind === 'process' ? [] : [{ value, ended, of }];
  const { most, rest } = yield* mostOf(counts, MOST_VALUES - own.length);
  return {
    kind: kind === 'process' ? 'group' : kind,
    ...(kind === 'label' && { label: labelOf(value) }),
    shares: [...own, ...most].toSorted((one, other) => (one.value < other.value ? -1 : 1)),
    rest,
  };
}

/** Those with the most ends, then those with the most peers, and the sum of the others: a label may have as many values as peers. */
function* mostOf(
  counts: ReadonlyMap<Scope, Count>,
  wanted: number,
): Generator<void, { readonly most: readonly ValueShare[]; readonly rest: ScopeValues['rest'] }> {
  const most: ValueShare[] = [];
  let rest = { values: 0, ended: 0, of: 0 };
  let index = 0;
  for (const [{ name }, { ended, of }] of counts) {
    if (index++ % STEP === 0) yield;
    const before = most.findLastIndex((share) => share.ended > ended || (share.ended === ended && share.of >= of));
    most.splice(before + 1, 0, { value: name.value, ended, of });
    const left = most.length > wanted ? most.pop() : undefined;
    if (left !== undefined) rest = { values: rest.values + 1, ended: rest.ended + left.ended, of: rest.of + left.of };
  }
  return { most, rest };
}

import { type CountedEnd, hasScope, isSeen, type KnownPeer, type SharedEndpoint, wasUpright } from './known-peer.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import { type IncidentScope, SCOPE_KINDS, type ScopeShare, scopeWeight } from '../../domain/incident-scope.ts';
import { type Contrast, findContrast } from './find-contrast.ts';
import type { Scope } from './scope.ts';
import { sharedMoment } from './shared-moment.ts';

/** Ends that belong together: what the peers share, the moment they share, and the peers that were unharmed. */
export type Finding = {
  readonly scope: IncidentScope;
  /** Scopes that are the same peers. */
  readonly also: readonly IncidentScope[];
  readonly at: number;
  readonly ends: readonly CountedEnd[];
  /** Peers of the scope that count, those that ended included. */
  readonly of: number;
  /** The others. */
  readonly contrast: Contrast;
  /** What else was judged: this scope first, then those with the largest weight. */
  readonly judged: readonly ScopeShare[];
};

/** Causes that are looked for at a time; each costs a pass over all peers. */
const MOST_FINDINGS = 8;
/** Scopes that a finding remembers: more nobody compares. */
const MOST_JUDGED = 8;
/** Shares nearer to each other than this are equal: the scope with more ends is taken. */
const NEAR = 0.1;

/** Steps between two yields: well under a millisecond. */
const STEP = 250;

/**
 * Finds what connections that can have broken at the same moment share. A scope is hit when at least 3 and a third of its
 * counted peers ended abnormally, or at least 5 and two thirds ended at all. Of those the one with the largest share is taken,
 * its ends are taken out, and the rest is judged again: two causes are two findings.
 *
 * Yields after each small piece of the work. Peers may change meanwhile: the next judgement sees it.
 *
 * @param ends one for each peer
 * @param peers all known ones
 */
export function* judge(ends: readonly CountedEnd[], peers: readonly KnownPeer[]): Generator<void, Finding[]> {
  const findings: Finding[] = [];
  let judged: Judged = { ends, all: ends, peers };
  while (findings.length < MOST_FINDINGS) {
    const found = yield* largest(yield* tallyScopes(judged), judged);
    if (found === null) break;
    findings.push(found);
    judged = { ...judged, ends: yield* without(found, judged.ends) };
  }
  return findings;
}

/** The others; an end of the same address and port is the same end. */
function* without({ ends: taken }: Finding, ends: readonly CountedEnd[]): Generator<void, CountedEnd[]> {
  const endpoints = new Set<SharedEndpoint>();
  const rest: CountedEnd[] = [];
  for (let index = 0; index < taken.length; index++) {
    if (index % STEP === 0) yield;
    const end = taken[index];
    if (end !== undefined) endpoints.add(end.endpoint);
  }
  for (let index = 0; index < ends.length; index++) {
    if (index % STEP === 0) yield;
    const end = ends[index];
    if (end !== undefined && !endpoints.has(end.endpoint)) rest.push(end);
  }
  return rest;
}

/** What is judged: ends that no finding has yet, all ends, and all known peers. */
type Judged = {
  readonly ends: readonly CountedEnd[];
  readonly all: readonly CountedEnd[];
  readonly peers: readonly KnownPeer[];
};

type Tally = {
  readonly scope: Scope;
  readonly at: number;
  readonly ends: readonly CountedEnd[];
  readonly abnormal: number;
  /** Endpoints that several peers share, those that are counted: each counts once. */
  readonly seen: Set<SharedEndpoint>;
  upright: number;
};

function* tallyScopes(judged: Judged): Generator<void, Tally[]> {
  const tallies = new Map<Scope, Tally>();
  for (const [scope, own] of yield* endsByScope(judged)) {
    if (own.length < 3) continue;
    const tally = yield* tallyOf(scope, own);
    if (tally !== null) tallies.set(scope, tally);
  }
  if (tallies.size > 0) yield* countUpright(tallies, judged.peers);
  return [...tallies.values()];
}

/** A label that all peers have tells them apart from nothing. */
function* endsByScope({ ends, peers }: Judged): Generator<void, Map<Scope, CountedEnd[]>> {
  const byScope = new Map<Scope, CountedEnd[]>();
  const add = (scope: Scope, end: CountedEnd): void => {
    const own = byScope.get(scope);
    if (own === undefined) byScope.set(scope, [end]);
    else own.push(end);
  };
  for (let index = 0; index < ends.length; index++) {
    if (index % STEP === 0) yield;
    const end = ends[index];
    if (end === undefined) continue;
    for (const scope of end.scopes) {
      if (scope.name.kind !== 'label' || scope.members < peers.length) add(scope, end);
    }
    if (end.prefix !== null) add(end.prefix, end);
  }
  return byScope;
}

/** Null: too few of them can have been at one moment. */
function* tallyOf(scope: Scope, own: readonly CountedEnd[]): Generator<void, Tally | null> {
  const { at, indices } = yield* sharedMoment(own);
  const seen = new Set<SharedEndpoint>();
  const ends: CountedEnd[] = [];
  let abnormal = 0;
  for (let count = 0; count < indices.length; count++) {
    if (count % STEP === 0) yield;
    const end = own[indices[count] ?? -1];
    if (end === undefined || isSeen(end.endpoint, seen)) continue;
    ends.push(end);
    if (isAbnormal(end.class)) abnormal += 1;
  }
  return abnormal < 3 && ends.length < 5 ? null : { scope, at, ends, abnormal, seen, upright: 0 };
}

/** Counts the peers of each scope that were connected at its moment and had no end since ten minutes before it. */
function* countUpright(tallies: ReadonlyMap<Scope, Tally>, peers: readonly KnownPeer[]): Generator<void, void> {
  for (let index = 0; index < peers.length; index++) {
    if (index % STEP === 0) yield;
    const peer = peers[index];
    if (peer === undefined || peer.establishedAt === null) continue;
    countPeer(peer, tallies);
  }
}

function countPeer(peer: KnownPeer, tallies: ReadonlyMap<Scope, Tally>): void {
  for (const scope of peer.scopes) count(peer, tallies.get(scope));
  if (peer.prefix !== null) count(peer, tallies.get(peer.prefix));
}

function count(peer: KnownPeer, tally: Tally | undefined): void {
  if (tally === undefined || peer.endpoint === null || !wasUpright(peer, tally.at)) return;
  if (!isSeen(peer.endpoint, tally.seen)) tally.upright += 1;
}

function isHit({ ends, abnormal, upright }: Tally): boolean {
  const of = ends.length + upright;
  return (abnormal >= 3 && abnormal * 3 >= of) || (ends.length >= 5 && ends.length * 3 >= of * 2);
}

function* largest(tallies: readonly Tally[], judged: Judged): Generator<void, Finding | null> {
  const hits = tallies.filter(isHit);
  const most = hits.reduce((share, tally) => Math.max(share, shareOf(tally)), 0);
  const [first, ...others] = hits.filter((tally) => shareOf(tally) >= most - NEAR).toSorted(byEndsThenKind);
  if (first === undefined) return null;
  const also: IncidentScope[] = [];
  for (const other of others) {
    if (yield* isSame(first, other, judged)) also.push(other.scope.name);
  }
  const { scope, at, ends, upright } = first;
  const of = ends.length + upright;
  const contrast = yield* findContrast({ scope, at, ended: ends.length, of }, judged);
  return { scope: scope.name, also, at, ends, of, contrast, judged: sharesOf(first, tallies) };
}

function shareOf({ ends, upright }: Tally): number {
  return scopeWeight({ ended: ends.length, of: ends.length + upright });
}

function sharesOf(chosen: Tally, tallies: readonly Tally[]): readonly ScopeShare[] {
  const others = tallies.filter((tally) => tally !== chosen).toSorted((one, other) => shareOf(other) - shareOf(one));
  return [chosen, ...others].slice(0, MOST_JUDGED).map((tally) => ({
    scope: tally.scope.name,
    ended: tally.ends.length,
    of: tally.ends.length + tally.upright,
    isHit: isHit(tally),
  }));
}

function byEndsThenKind(one: Tally, other: Tally): number {
  const kinds = SCOPE_KINDS.indexOf(one.scope.name.kind) - SCOPE_KINDS.indexOf(other.scope.name.kind);
  return other.ends.length - one.ends.length || shareOf(other) - shareOf(one) || kinds;
}

function* isSame(one: Tally, other: Tally, { peers }: Judged): Generator<void, boolean> {
  if (one.ends.length !== other.ends.length || one.upright !== other.upright) return false;
  for (let index = 0; index < one.ends.length; index++) {
    if (index % STEP === 0) yield;
    const end = one.ends[index];
    if (end !== undefined && !hasScope(end, other.scope)) return false;
  }
  for (let index = 0; index < peers.length; index++) {
    if (index % STEP === 0) yield;
    const peer = peers[index];
    if (peer === undefined) continue;
    // Those whose end has another finding are down, and still tell the scopes apart.
    if ((peer.establishedAt !== null || peer.end !== null) && hasScope(peer, one.scope) !== hasScope(peer, other.scope))
      return false;
  }
  return true;
}

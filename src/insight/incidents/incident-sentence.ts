import { readableDuration } from '../../text/figures.ts';
import type { Elsewhere, IncidentScope } from '../../domain/incident-scope.ts';
import type { EndsSummary } from './incident.ts';

/** How many reasons are named; the rest is a number. */
const MOST_REASONS = 3;

export type IncidentFacts = {
  /** The connections are those of other processes. */
  readonly isObserved: boolean;
  readonly scope: IncidentScope;
  readonly also: readonly IncidentScope[];
  readonly ends: EndsSummary;
  readonly of: number;
  readonly elsewhere: Elsewhere;
  /** More may come. */
  readonly isRunning: boolean;
  /** The id of the incident that it turned out to be a part of; null: of none. */
  readonly partOf: string | null;
};

/**
 * An incident in one sentence: how many, of whom, how fast, why, where to look, and who was not hit.
 *
 * @example '41 of 52 peers of payments ended within 1.8 s, all reset: look at what this group shares, its servers or a box before them; the other 2,359 peers are unharmed'
 */
export function incidentSentence(facts: IncidentFacts): string {
  const { isObserved, scope, ends, of } = facts;
  const whose = isObserved ? 'connections of applications to ' : '';
  const head = `${whose}${figure(ends.count)} of ${figure(of)} ${peersOf(scope)} ${howFast(ends)}, ${reasonsOf(ends.reasons)}`;
  if (facts.partOf !== null) return `${head}: a part of incident ${facts.partOf}, as more ends of that moment show`;
  return [`${head}: ${whereToLook(facts)}`, ...ownDoing(ends), contrast(facts)].join('; ');
}

function peersOf({ kind, value }: IncidentScope): string {
  switch (kind) {
    case 'group':
      return `peers of ${value}`;
    case 'label':
      return `peers with ${value}`;
    case 'prefix':
      return `peers in ${value}`;
    case 'process':
      return 'peers';
  }
}

/** Ends that are found by timers come later than the moment at which the connections broke. */
function howFast({ foundWithinMs, areSilent }: EndsSummary): string {
  const spread = readableDuration(foundWithinMs);
  return areSilent ? `broke at one moment, found within ${spread}` : `ended within ${spread}`;
}

function reasonsOf(reasons: EndsSummary['reasons']): string {
  const counts = Object.entries(reasons).toSorted(([, one], [, other]) => other - one);
  const [first] = counts;
  if (counts.length === 1 && first !== undefined) return `all ${first[0]}`;
  const named = counts.slice(0, MOST_REASONS).map(([reason, count]) => `${figure(count)} ${reason}`);
  const others = counts.slice(MOST_REASONS).reduce((sum, [, count]) => sum + count, 0);
  return [...named, ...(others === 0 ? [] : [`${figure(others)} others`])].join(', ');
}

function whereToLook({ scope, also }: IncidentFacts): string {
  const advice = adviceFor(scope);
  const same = also.map(nameOf);
  return same.length === 0
    ? advice
    : `${advice} (the same peers: ${same.join(', ')}; they cannot be told apart from here)`;
}

function adviceFor({ kind, value }: IncidentScope): string {
  switch (kind) {
    case 'group':
      return 'look at what this group shares, its servers or a box before them';
    case 'label':
      return `look at what ${value} stands for`;
    case 'prefix':
      return `look at the network ${value} and the way there`;
    case 'process':
      return 'look at this host and its uplink';
  }
}

/** What of it this host or this process may have done itself. */
function ownDoing({ count, common: { hints, droppedPackets, stalledMs } }: EndsSummary): readonly string[] {
  const ofAll = (some = 0): string => (some === count ? 'all of these ends' : `${figure(some)} of these ends`);
  return [
    droppedPackets > 0 &&
      `this host dropped ${figure(droppedPackets)} packets meanwhile, which explains ${ofAll(hints.host_drops)}`,
    stalledMs > 0 &&
      `our own event loop was held up for ${readableDuration(stalledMs)}, right before ${ofAll(hints.own_stall)}`,
  ].filter((clause) => clause !== false);
}

function nameOf({ kind, value }: IncidentScope): string {
  return kind === 'process' ? 'all peers of this process' : `${kind} ${value}`;
}

/** A path that was cut in silence may be that of others, too, whose timers have not fired. */
function contrast({ scope, ends, elsewhere: { ended, of }, isRunning }: IncidentFacts): string {
  if (scope.kind === 'process') return 'no group, label or network stands out';
  if (of === 0) return 'there are no other peers to compare with';
  if (ended === 0 && isRunning && ends.areSilent)
    return of === 1 ? 'the other peer has not ended so far' : `none of the other ${figure(of)} peers has ended so far`;
  if (ended === 0) return of === 1 ? 'the other peer is unharmed' : `the other ${figure(of)} peers are unharmed`;
  return `of the other ${figure(of)} peers ${figure(ended)} ended at that moment, too`;
}

/** 15,000 */
function figure(count: number): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

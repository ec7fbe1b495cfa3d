import type { TargetQuery, TargetState, TargetStatus } from '../domain/target-state.ts';
import { describeDrop } from '../relabel/describe-drop.ts';
import { timestamp } from '../text/timestamp.ts';
import type { DiscoveredGroup } from './discovered-group.ts';
import { labelsOf, type KnownTarget } from './target-set.ts';

/** Dropped targets of a group that are listed, unless all are wanted; a rule may drop a whole cluster. */
const MOST_DROPPED = 1000;

/** The targets of these groups, found while they are read: what changes meanwhile may be there twice or not at all. */
export function* listTargets(
  groups: readonly DiscoveredGroup[],
  query: TargetQuery,
  mostDropped: number = MOST_DROPPED,
): Generator<TargetStatus, void> {
  for (const group of groups) {
    if (query.group !== undefined && query.group !== group.name) continue;
    for (const status of statusesOf(group, query.state, mostDropped)) {
      if (query.state === undefined || query.state === status.state) yield status;
    }
  }
}

function* statusesOf(
  group: DiscoveredGroup,
  wanted: TargetState | undefined,
  mostDropped: number,
): Generator<TargetStatus, void> {
  let dropped = 0;
  for (const { sets } of group.targets.entries) {
    for (const { targets } of Array.from(sets.values())) {
      for (const target of targets) {
        if (target.outcome.kind === 'dropped' && (dropped++ >= mostDropped || !isAsked('dropped', wanted))) continue;
        yield statusOf(group, target);
      }
    }
  }
  for (const { peer, target, until } of group.lingering.list()) {
    const { settings, announced } = peer;
    yield {
      ...headOf(group, target),
      peer: settings.peer,
      state: 'lingering',
      labels: settings.labels,
      ...(announced !== null && { announced }),
      linger_until: timestamp(until),
    };
  }
}

/** Why a target was dropped takes its rules another run: not for answers that leave it out. */
function isAsked(state: TargetState, wanted: TargetState | undefined): boolean {
  return wanted === undefined || wanted === state;
}

function statusOf(group: DiscoveredGroup, target: KnownTarget): TargetStatus {
  const { outcome } = target;
  const head = headOf(group, target);
  switch (outcome.kind) {
    case 'dropped': {
      const drop = group.targets.findDrop(target);
      const why = drop === null ? {} : { why: describeDrop(drop) };
      return { ...head, state: 'dropped', rule: outcome.rule, ...why };
    }
    case 'invalid':
      return { ...head, state: 'invalid', why: outcome.why };
    case 'peer': {
      const { settings, announced, address } = outcome;
      const [first] = group.targets.claims.of(outcome.key);
      const isDuplicate = first !== undefined && first !== target;
      const why = isDuplicate
        ? { why: `is the same peer as a target of ${first.set.name}, which comes before it` }
        : group.isLimitExceeded && !group.plan.has(outcome.key)
          ? { why: 'is not held: the group has more targets than its target_limit' }
          : {};
      return {
        ...head,
        peer: settings.peer,
        address,
        state: isDuplicate ? 'duplicate' : group.plan.isOtherShard(outcome.key) ? 'other_shard' : 'active',
        labels: settings.labels,
        ...why,
        ...(announced !== null && { announced }),
      };
    }
  }
}

function headOf({ name }: DiscoveredGroup, target: KnownTarget) {
  return { group: name, source: target.set.name, discovered: labelsOf(target) };
}

import { TARGET_STATES, type TargetStatus } from '../domain/target-state.ts';
import { safeText } from '../text/safe-text.ts';
import { textTable } from '../text/text-table.ts';

/** Addresses that are listed one by one; of more the rest is one line. */
const MOST_ADDRESSES = 1000;

/** For each group how many targets became what, then one line for each: its address, and its labels or why it is no peer. */
export function targetLines(groups: readonly string[], targets: readonly TargetStatus[]): readonly string[] {
  const byGroup = Map.groupBy(targets, ({ group }) => group);
  return groups.flatMap((group) => {
    const ofGroup = byGroup.get(group) ?? [];
    return [
      `group ${safeText(group)}: ${countsOf(ofGroup)}`,
      ...ofGroup.map((target) => safeText(`  ${addressOf(target)}  ${fateOf(target)}`)),
      '',
    ];
  });
}

/** What the servers behind these targets get: connections of one process, of all shards together, and while shards change. */
export function connectionLines(targets: readonly TargetStatus[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { state, why, address = '' } of targets) {
    if (state === 'active' && why === undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const head = ['address', 'connections without shards', 'of all shards together', 'while shards change, at most'];
  const rows = [...counts]
    .slice(0, MOST_ADDRESSES)
    .map(([address, count]) => [safeText(address), `${count}`, `${count}`, `${2 * count}`]);
  const rest = counts.size - rows.length;
  return [...textTable([head, ...rows]), ...(rest === 0 ? [] : [`+${rest} more addresses`])];
}

function countsOf(targets: readonly TargetStatus[]): string {
  if (targets.length === 0) return 'no targets';
  const byState = Map.groupBy(targets, ({ state }) => state);
  const counts = TARGET_STATES.map((state) => ({ state, count: byState.get(state)?.length ?? 0 }));
  return counts.flatMap(({ state, count }) => (count === 0 ? [] : `${count} ${state}`)).join(', ');
}

function addressOf({ address, discovered }: TargetStatus): string {
  return address ?? discovered['__address__'] ?? '(no address)';
}

function fateOf({ state, peer = '', address, labels = {}, why, announced }: TargetStatus): string {
  switch (state) {
    case 'dropped':
      return why ?? state;
    case 'invalid':
    case 'duplicate':
      return `${state}: ${why ?? ''}`;
    case 'active':
    case 'lingering':
    case 'other_shard': {
      const words = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      const named = peer === address ? [] : [`peer ${JSON.stringify(peer)}`];
      const news = announced === undefined ? [] : [`announced ${announced}`];
      return [why === undefined ? state : `${state}: ${why}`, ...named, ...news, ...words].join('  ');
    }
  }
}

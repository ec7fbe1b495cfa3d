import type { DiscoveryEvent, SourceEntry, SourceFailed } from '../../domain/events/discovery-events.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import { LONGEST_EXPORTED_LABEL_BYTES, MOST_EXPORTED_LABELS } from '../../settings/target-labels.ts';
import type { Entry } from './log-entry.ts';

/**
 * The line of a discovery event; null: it has none. Failures in a row of one source are thinned to the 1st, 2nd, 4th, 8th,
 * ..., the others are `debug`; the line of the recovery says how many there were.
 */
export function discoveryEntry(event: DiscoveryEvent): Entry | null {
  switch (event.type) {
    case 'sourceFailed':
      return failureEntry(event);
    case 'sourceRefreshed': {
      const { failuresBefore, groups, source } = event;
      if (failuresBefore === 0) return null;
      const fields = { ...whereOf(groups), mechanism: source.mechanism, failures: failuresBefore };
      return { level: 'info', msg: 'discovery works again', fields };
    }
    case 'targetRefused': {
      const { group, source, target, why, unreported } = event;
      const more = unreported === 0 ? {} : { unreported };
      return { level: 'warn', msg: 'target refused', fields: { group, source, target, why, ...more } };
    }
    case 'labelsLeftOut': {
      const { group, target } = event;
      const msg = `labels of targets were left out: at most ${MOST_EXPORTED_LABELS} of ${LONGEST_EXPORTED_LABEL_BYTES} bytes each are exported`;
      return { level: 'warn', msg, fields: { group, peer: target } };
    }
    case 'limitExceeded': {
      const { group, targets, limit } = event;
      const msg = 'more targets than target_limit; those of before stay';
      return { level: 'warn', msg, fields: { group, targets, limit } };
    }
    case 'targetsApplied': {
      const { group, counts, changedSets } = event;
      if (changedSets === 0) return null;
      return { level: 'debug', msg: 'targets applied', fields: { group, changed_sets: changedSets, ...counts } };
    }
    case 'sourcesConfigured':
    case 'sourcesRemoved':
    case 'apiRequested':
    case 'objectChanged':
      return null;
  }
}

function failureEntry({ groups, source, why, place, failuresInARow, targets }: SourceFailed): Entry {
  const kept = targets === 0 ? 'there are no targets of before' : `the ${targets} targets of before stay`;
  return {
    level: isPowerOfTwo(failuresInARow) ? 'warn' : 'debug',
    msg: `discovery failed; ${kept}`,
    fields: {
      ...whereOf(groups),
      mechanism: source.mechanism,
      place: place ?? undefined,
      why,
      failures: failuresInARow > 1 ? failuresInARow : undefined,
    },
  };
}

/** Groups with equal entries share a source. */
function whereOf(groups: readonly SourceEntry[]): { readonly group: string; readonly source: string } {
  return {
    group: groups.map(({ group }) => group).join(','),
    source: [...new Set(groups.map(({ entry }) => entry))].join(','),
  };
}

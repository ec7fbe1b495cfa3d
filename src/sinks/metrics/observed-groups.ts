import type { ObservedEnded } from '../../domain/events/observed-events.ts';
import type { ObservedGroupSet } from '../../domain/observed/follow-observed.ts';
import { OBSERVED_CLASSES, OBSERVED_REASONS } from '../../domain/observed/observed-end.ts';
import { type TracedBuckets, type TracedCount, TracedCounter, TracedHistogram } from './traced-metric.ts';
import type { MetricName } from './metric-catalogue.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

/** The series of one observed group, all at 0. */
class ObservedGroup {
  readonly ends = new TracedCounter('finrst_observed_ends_by_reason_total');
  readonly duration = new TracedHistogram('finrst_observed_duration_seconds');
  readonly #counts = new Map<string, TracedCount>();
  readonly #durations = new Map<string, TracedBuckets>();

  constructor(group: string) {
    for (const endClass of OBSERVED_CLASSES) {
      this.#durations.set(endClass, this.duration.series({ group, class: endClass }));
      for (const reason of OBSERVED_REASONS[endClass])
        this.#counts.set(`${endClass} ${reason}`, this.ends.series({ group, class: endClass, reason }));
    }
  }

  ended(event: ObservedEnded): void {
    this.#counts.get(`${event.class} ${event.reason}`)?.inc(event);
    if (event.durationMs !== undefined) this.#durations.get(event.class)?.observe(event.durationMs, event);
  }
}

/** What is counted for each observed group. */
export class ObservedGroups implements ObservedGroupSet {
  readonly #groups = new Map<string, ObservedGroup>();
  readonly families: readonly SlicedFamily[] = [
    this.#family('finrst_observed_ends_by_reason_total', (group) => group.ends),
    this.#family('finrst_observed_duration_seconds', (group) => group.duration),
  ];

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  add(group: string): void {
    if (!this.#groups.has(group)) this.#groups.set(group, new ObservedGroup(group));
  }

  delete(group: string): void {
    this.#groups.delete(group);
  }

  ended(event: ObservedEnded): void {
    this.#groups.get(event.peer.group)?.ended(event);
  }

  #family(name: MetricName, of: (group: ObservedGroup) => ObservedGroup['ends' | 'duration']): SlicedFamily {
    const groups = this.#groups;
    return slicedFamily(name, function* slices(format) {
      for (const group of Array.from(groups.values())) yield of(group).text(format);
    });
  }
}

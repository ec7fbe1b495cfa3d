import type { Clock } from '../../clock/clock.ts';
import type {
  DiscoveryEvent,
  SourceEntry,
  SourceFailed,
  SourceRef,
  SourceRefreshed,
  SourcesConfigured,
  TargetsApplied,
} from '../../domain/events/discovery-events.ts';
import { TARGET_STATES } from '../../domain/target-state.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { MetricName } from './metric-catalogue.ts';
import { ordinaryFamily, ordinaryHistogram, samplesText, type Sample } from './ordinary-metric.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

type Mechanism = SourceRef['mechanism'];

/** What is known of one source; null: not yet. */
type SourceHealth = { readonly mechanism: Mechanism; isUp: boolean; lastSuccessAt: number };

/** Of one group. */
type Group = {
  readonly sources: Map<number, SourceHealth>;
  readonly refreshes: Map<Mechanism, { ok: number; failed: number }>;
  targets: TargetsApplied | null;
  updates: number;
};

/** Where targets come from and what became of them: a group's series are made together, at 0, and go together. */
export class DiscoverySeries {
  readonly families: readonly SlicedFamily[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #groups = new Map<string, Group>();
  readonly #durations = ordinaryHistogram('finrst_sd_refresh_duration_seconds');

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.families = [
      this.#family('finrst_sd_targets', (group, { targets }) =>
        TARGET_STATES.map((state) => ({ labels: { group, state }, value: targets?.counts[state] ?? 0 })),
      ),
      this.#family('finrst_sd_up', (group, { sources }) =>
        byMechanism(sources, (known) => (known.every(({ isUp }) => isUp) ? 1 : 0)).map(([mechanism, value]) => ({
          labels: { group, mechanism },
          value,
        })),
      ),
      this.#family('finrst_sd_last_success_timestamp_seconds', (group, { sources }) =>
        byMechanism(sources, (known) => Math.min(...known.map((source) => this.#lastSuccess(source)))).map(
          ([mechanism, value]) => ({ labels: { group, mechanism }, value: toSeconds(value) }),
        ),
      ),
      this.#family('finrst_sd_refreshes_total', (group, { refreshes }) =>
        [...refreshes].flatMap(([mechanism, { ok, failed }]) => [
          { labels: { group, mechanism, outcome: 'ok' }, value: ok },
          { labels: { group, mechanism, outcome: 'failed' }, value: failed },
        ]),
      ),
      ordinaryFamily(this.#durations),
      this.#family('finrst_sd_updates_total', (group, { updates }) => [{ labels: { group }, value: updates }]),
      this.#family('finrst_sd_limit_exceeded', (group, { targets }) => [
        { labels: { group }, value: targets?.isLimitExceeded === true ? 1 : 0 },
      ]),
    ];
  }

  discovery(event: DiscoveryEvent): void {
    switch (event.type) {
      case 'sourcesConfigured':
        return this.#configured(event);
      case 'sourcesRemoved':
        this.#groups.delete(event.group);
        return;
      case 'sourceRefreshed':
        return this.#refreshed(event);
      case 'sourceFailed':
        return this.#failed(event);
      case 'targetsApplied': {
        const group = this.#groups.get(event.group);
        if (group === undefined) return;
        group.targets = event;
        group.updates += event.changedSets;
        return;
      }
      case 'apiRequested':
      case 'objectChanged':
      case 'targetRefused':
      case 'labelsLeftOut':
      case 'limitExceeded':
    }
  }

  #configured({ group, sources }: SourcesConfigured): void {
    const known = this.#groups.get(group) ?? { sources: new Map(), refreshes: new Map(), targets: null, updates: 0 };
    this.#groups.set(group, known);
    const before = new Map(known.sources);
    known.sources.clear();
    for (const { id, mechanism } of sources) {
      known.sources.set(id, before.get(id) ?? { mechanism, isUp: false, lastSuccessAt: 0 });
      if (!known.refreshes.has(mechanism)) known.refreshes.set(mechanism, { ok: 0, failed: 0 });
      if (mechanism !== 'static') this.#durations.zero({ mechanism });
    }
    const mechanisms = new Set(sources.map(({ mechanism }) => mechanism));
    for (const mechanism of known.refreshes.keys()) if (!mechanisms.has(mechanism)) known.refreshes.delete(mechanism);
  }

  #refreshed({ at, source, groups, tookMs }: SourceRefreshed): void {
    for (const { health, counts } of this.#usersOf(source, groups)) {
      health.isUp = true;
      health.lastSuccessAt = at;
      if (tookMs !== null) counts.ok++;
    }
    if (tookMs !== null) this.#durations.observe({ mechanism: source.mechanism }, toSeconds(tookMs));
  }

  #failed({ source, groups, tookMs }: SourceFailed): void {
    for (const { health, counts } of this.#usersOf(source, groups)) {
      health.isUp = false;
      counts.failed++;
    }
    if (tookMs !== null) this.#durations.observe({ mechanism: source.mechanism }, toSeconds(tookMs));
  }

  /** What is counted for each group that has the source, once. */
  #usersOf(source: SourceRef, groups: readonly SourceEntry[]) {
    return [...new Set(groups.map(({ group }) => group))].flatMap((name) => {
      const group = this.#groups.get(name);
      const health = group?.sources.get(source.id);
      const counts = group?.refreshes.get(source.mechanism);
      return health === undefined || counts === undefined ? [] : [{ health, counts }];
    });
  }

  /** Watches that are in sync know everything as it is now. */
  #lastSuccess({ mechanism, isUp, lastSuccessAt }: SourceHealth): number {
    return mechanism === 'kubernetes' && isUp ? this.#clock.now() : lastSuccessAt;
  }

  /** One family over all groups, a slice per group. */
  #family(name: MetricName, samplesOf: (group: string, known: Group) => readonly Sample[]): SlicedFamily {
    const groups = this.#groups;
    function* slices(format: ExpositionFormat): Iterable<string> {
      for (const [group, known] of Array.from(groups)) {
        if (groups.get(group) === known) yield samplesText({ name, samples: samplesOf(group, known) }, format);
      }
    }
    return slicedFamily(name, slices);
  }
}

/** One figure for each mechanism of a group. */
function byMechanism(
  sources: ReadonlyMap<number, SourceHealth>,
  figureOf: (known: readonly SourceHealth[]) => number,
): readonly (readonly [Mechanism, number])[] {
  const grouped = Map.groupBy(sources.values(), ({ mechanism }) => mechanism);
  return Array.from(grouped, ([mechanism, known]) => [mechanism, figureOf(known)] as const);
}

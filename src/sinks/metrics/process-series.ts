import type { ProcessEvent, ScrapeOutcome, ShardsChanged, StreamOutcome } from '../../domain/events/process-events.ts';
import type { LoopStalled } from '../../domain/events/sample-events.ts';
import type { SpanCounts, SpanOutcome } from '../../domain/span-counts.ts';
import type { BuildInfo } from '../../settings/build-info.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { MetricName } from './metric-catalogue.ts';
import { ordinaryCounter, ordinaryFamily, ordinaryGauge, ordinaryHistogram, samplesText } from './ordinary-metric.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

export type ProcessFacts = {
  readonly build: BuildInfo;
  readonly kernelEvidence: boolean;
  /** Wall-clock ms of the configuration that the process started with. */
  readonly loadedAt: number;
  readonly spanCounts: () => SpanCounts;
  /** Null: no journal, so nothing is known of the run before. */
  readonly lastRunClean: boolean | null;
  /** Null: no journal. */
  readonly journalLinesLost: (() => number) | null;
  /** Of the configuration that the process started with. */
  readonly configSha256: string;
  /** The process is one of several shards. */
  readonly isShard: boolean;
};

const SCRAPE_OUTCOMES = ['ok', 'aborted', 'rejected'] as const satisfies readonly ScrapeOutcome[];
const STREAM_OUTCOMES = ['closed', 'slow', 'rejected'] as const satisfies readonly StreamOutcome[];
const SPAN_OUTCOMES = ['exported', 'failed', 'dropped', 'suppressed'] as const satisfies readonly SpanOutcome[];

/** The families that the process has once. */
export class ProcessSeries {
  readonly families: readonly SlicedFamily[];
  readonly #reloadSuccessful = ordinaryGauge('finrst_config_last_reload_successful');
  readonly #reloadedAt = ordinaryGauge('finrst_config_last_reload_success_timestamp_seconds');
  readonly #config = ordinaryGauge('finrst_config_info');
  readonly #stalls = ordinaryHistogram('finrst_event_loop_stall_seconds');
  readonly #scrapes = ordinaryCounter('finrst_scrapes_total');
  readonly #streams = ordinaryCounter('finrst_event_streams_total');
  /** Null: it is not known yet how many there are. */
  #shards: ShardsChanged | null = null;
  readonly #reshards = ordinaryCounter('finrst_reshards_total');

  constructor(facts: ProcessFacts) {
    const { build, kernelEvidence, loadedAt, spanCounts, lastRunClean, journalLinesLost, configSha256, isShard } =
      facts;
    const buildInfo = ordinaryGauge('finrst_build_info');
    buildInfo.set({ version: build.version, revision: build.revision, node_version: build.nodeVersion }, 1);
    const evidence = ordinaryGauge('finrst_kernel_evidence');
    evidence.set({}, kernelEvidence ? 1 : 0);
    const clean = ordinaryGauge('finrst_last_run_clean');
    clean.set({}, lastRunClean === true ? 1 : 0);
    this.#reloaded(loadedAt, configSha256);
    for (const outcome of SCRAPE_OUTCOMES) this.#scrapes.inc({ outcome }, 0);
    for (const outcome of STREAM_OUTCOMES) this.#streams.inc({ outcome }, 0);
    const always = [
      buildInfo,
      this.#reloadSuccessful,
      this.#reloadedAt,
      this.#config,
      evidence,
      this.#stalls,
      this.#scrapes,
      this.#streams,
    ];
    const metrics = lastRunClean === null ? always : [...always, clean];
    const lost = journalLinesLost === null ? [] : [linesLostFamily(journalLinesLost)];
    const shards = isShard ? this.#shardFamilies() : [];
    this.families = [...metrics.map(ordinaryFamily), spansFamily(spanCounts), ...lost, ...shards];
  }

  process(event: ProcessEvent): void {
    switch (event.type) {
      case 'reloadSucceeded':
        return this.#reloaded(event.at, event.configSha256);
      case 'reloadFailed':
        return this.#reloadSuccessful.set({}, 0);
      case 'scraped':
        return this.#scrapes.inc({ outcome: event.outcome });
      case 'streamEnded':
        return this.#streams.inc({ outcome: event.outcome });
      case 'shardsChanged':
        this.#shards = event;
        if (event.isReshard) this.#reshards.inc({});
        return;
      case 'warned':
      case 'started':
      case 'handingOver':
      case 'stopping':
      case 'stopped':
        return;
    }
  }

  #shardFamilies(): readonly SlicedFamily[] {
    const known = (name: MetricName, field: 'ordinal' | 'total' | 'wanted'): SlicedFamily =>
      slicedFamily(name, (format) => {
        const samples = this.#shards === null ? [] : [{ labels: {}, value: this.#shards[field] }];
        return [samplesText({ name, samples }, format)];
      });
    this.#reshards.inc({}, 0);
    return [
      known('finrst_shard_ordinal', 'ordinal'),
      known('finrst_shards', 'total'),
      known('finrst_shards_wanted', 'wanted'),
      ordinaryFamily(this.#reshards),
    ];
  }

  stalled({ durationMs }: LoopStalled): void {
    this.#stalls.observe({}, toSeconds(durationMs));
  }

  #reloaded(at: number, sha256: string): void {
    this.#config.reset();
    this.#config.set({ sha256 }, 1);
    this.#reloadSuccessful.set({}, 1);
    this.#reloadedAt.set({}, toSeconds(at));
  }
}

/** The spans are counted where they are made and sent; the counts are read when a scrape comes. */
function spansFamily(counts: () => SpanCounts): SlicedFamily {
  const name = 'finrst_spans_total';
  return slicedFamily(name, (format) => {
    const now = counts();
    const samples = SPAN_OUTCOMES.map((outcome) => ({ labels: { outcome }, value: now[outcome] }));
    return [samplesText({ name, samples }, format)];
  });
}

/** Lines are lost in the journal, where they wait; the number is read when a scrape comes. */
function linesLostFamily(lost: () => number): SlicedFamily {
  const name = 'finrst_journal_lines_lost_total';
  return slicedFamily(name, (format) => [samplesText({ name, samples: [{ labels: {}, value: lost() }] }, format)]);
}

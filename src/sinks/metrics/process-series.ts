import type { ReloadFailed, ReloadSucceeded, Scraped, ScrapeOutcome } from '../../domain/events/process-events.ts';
import type { SpanCounts } from '../../domain/span-counts.ts';
import { ordinaryCounter, ordinaryGauge, ordinaryHistogram } from './ordinary-metric.ts';
import type { Metric } from './prom-client.ts';
import type { BuildInfo } from '../../settings/build-info.ts';

export type ProcessFacts = {
  readonly build: BuildInfo;
  readonly kernelEvidence: boolean;
  /** Wall-clock ms of the configuration that the process started with. */
  readonly loadedAt: number;
  readonly spanCounts: () => SpanCounts;
  /** Null: no journal, so nothing is known of the run before. */
  readonly lastRunClean: boolean | null;
};

/** The families that the process has once. */
export type ProcessSeries = {
  readonly metrics: readonly Metric[];
  reloadSucceeded(event: ReloadSucceeded): void;
  reloadFailed(event: ReloadFailed): void;
  scraped(event: Scraped): void;
  stalled(event: { readonly durationMs: number }): void;
};

const SCRAPE_OUTCOMES = ['ok', 'aborted', 'rejected'] as const satisfies readonly ScrapeOutcome[];

export function createProcessSeries(facts: ProcessFacts): ProcessSeries {
  const { version, revision, nodeVersion } = facts.build;
  const build = ordinaryGauge('finrst_build_info');
  build.set({ version, revision, node_version: nodeVersion }, 1);
  const reloadSuccessful = ordinaryGauge('finrst_config_last_reload_successful');
  reloadSuccessful.set(1);
  const reloadedAt = ordinaryGauge('finrst_config_last_reload_success_timestamp_seconds');
  reloadedAt.set(facts.loadedAt / 1000);
  const evidence = ordinaryGauge('finrst_kernel_evidence');
  evidence.set(facts.kernelEvidence ? 1 : 0);
  const stalls = ordinaryHistogram('finrst_event_loop_stall_seconds');
  const scrapes = ordinaryCounter('finrst_scrapes_total');
  for (const outcome of SCRAPE_OUTCOMES) scrapes.inc({ outcome }, 0);
  const clean = facts.lastRunClean === null ? [] : [lastRunClean(facts.lastRunClean)];
  return {
    metrics: [build, reloadSuccessful, reloadedAt, evidence, stalls, spans(facts.spanCounts), scrapes, ...clean],
    reloadSucceeded({ at }) {
      reloadSuccessful.set(1);
      reloadedAt.set(at / 1000);
    },
    reloadFailed: () => reloadSuccessful.set(0),
    scraped: ({ outcome }) => scrapes.inc({ outcome }),
    stalled: ({ durationMs }) => stalls.observe(durationMs / 1000),
  };
}

function lastRunClean(clean: boolean): Metric {
  const gauge = ordinaryGauge('finrst_last_run_clean');
  gauge.set(clean ? 1 : 0);
  return gauge;
}

/** The span pipeline keeps its own counts; they are copied when somebody looks. */
function spans(counts: () => SpanCounts): Metric {
  return ordinaryCounter('finrst_spans_total', {
    collect() {
      this.reset();
      for (const [outcome, value] of Object.entries(counts())) this.inc({ outcome }, value);
    },
  });
}

import type { DashboardName } from '../support/dashboard-json.ts';

/** `[seconds, value]` as the HTTP API of Prometheus writes it. */
export type Sample = readonly [number, string];

/** One series of an answer; `values` over time, `value` at one moment. */
export type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Sample[];
  readonly value?: Sample;
};

export type Exemplar = {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    readonly timestamp: number;
  }[];
};

export type RecordedTarget = {
  readonly refId: string;
  /** As sent, with the variables put in. */
  readonly expr: string;
  readonly series: readonly Series[];
  readonly exemplars: readonly Exemplar[];
};

export type RecordedAnnotation = {
  readonly name: string;
  readonly colour: string;
  readonly timesSeconds: readonly number[];
};

export type RecordedDashboard = {
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
  /** What each query variable offers for choice. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly panels: Readonly<Record<number, readonly RecordedTarget[]>>;
  readonly annotations: readonly RecordedAnnotation[];
};

/** All that Prometheus answered to the queries of all dashboards after the scripted run. */
export type Recording = {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly stepSeconds: number;
  readonly scrapeSeconds: number;
  readonly prometheusVersion: string;
  readonly dashboards: Readonly<Record<DashboardName, RecordedDashboard>>;
  /** The overview once more, with "Show" at the worst five. */
  readonly worstFive: RecordedDashboard;
  /** Names of all metrics that Prometheus had at the end. */
  readonly metricNames: readonly string[];
};

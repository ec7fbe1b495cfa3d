/** How many per-peer families are exported; each level contains the one before. */
export const METRIC_DETAILS = ['minimal', 'standard', 'full'] as const;
/** How much `/metrics` has of single peers. */
export type MetricDetail = (typeof METRIC_DETAILS)[number];

/** What `/metrics` has of the ages and idle times at which the connections of a group ended. */
export const METRIC_HISTOGRAMS = ['by_class', 'off'] as const;
/** Whether these histograms are exported. */
export type MetricHistograms = (typeof METRIC_HISTOGRAMS)[number];

/** Settings of the whole process. */
export type GlobalSettings = {
  readonly maxConnectsPerSecond: number;
  /** 0 = what the descriptor limit allows, less a reserve for the web server. */
  readonly maxConnections: number;
  readonly detail: MetricDetail;
  readonly histograms: MetricHistograms;
  /** Names of target labels that every per-peer series, line and span has. */
  readonly targetLabels: readonly string[];
};

/** What holds where a configuration says nothing. */
export const DEFAULT_GLOBAL_SETTINGS: GlobalSettings = {
  maxConnectsPerSecond: 200,
  maxConnections: 0,
  detail: 'full',
  histograms: 'by_class',
  targetLabels: [],
};

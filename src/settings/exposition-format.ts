/** The two forms of an exposition: the Prometheus text format 0.0.4 and OpenMetrics 1.0. */
export type ExpositionFormat = 'text' | 'openmetrics';

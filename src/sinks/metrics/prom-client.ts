/**
 * The only door to prom-client. The package is frozen at 15.1.3 and lives on under another name; a swap is this one line.
 * Two copies must never be loaded together: each would bring a global registry of its own.
 */
export { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
export type { Metric } from 'prom-client';

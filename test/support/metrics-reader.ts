import { MetricsSink, type MetricsSinkOptions } from '../../src/sinks/metrics/metrics-sink.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { publishTo } from './publish-to.ts';
import { createFakeClock } from './fake-clock.ts';

export const TEST_BUILD = { version: '1.2.3', revision: 'abc', nodeVersion: 'v24.0.0' } as const;

/** A metrics sink that has seen these events, and shows everything unless told otherwise. */
export function metricsAfter(events: readonly FinrstEvent[], options: Partial<MetricsSinkOptions> = {}): MetricsSink {
  const metrics = new MetricsSink({
    clock: createFakeClock(),
    build: TEST_BUILD,
    detail: 'full',
    histograms: 'by_class',
    kernelEvidence: true,
    ...options,
  });
  events.forEach(publishTo(metrics.sink));
  metrics.stop();
  return metrics;
}

/** A whole exposition as one text. */
export async function rendered(metrics: MetricsSink, format: 'text' | 'openmetrics' = 'text'): Promise<string> {
  let text = '';
  for await (const piece of metrics.render(format)) text += piece.toString();
  return text;
}

/** The sample lines of one family, header and all others left out. */
export async function linesOf(
  metrics: MetricsSink,
  family: string,
  format: 'text' | 'openmetrics' = 'text',
): Promise<readonly string[]> {
  const sample = new RegExp(`^${family}(_bucket|_sum|_count)?[{ ]`);
  return (await rendered(metrics, format)).split('\n').filter((line) => sample.test(line));
}

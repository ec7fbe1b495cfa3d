import type { ConnectionEvent } from '../../../src/domain/events/connection-events.ts';
import { MetricsSink as RealMetricsSink, type MetricsSinkOptions } from '../../../src/sinks/metrics/metrics-sink.ts';
import { stampEnd } from './answer-bench.ts';

/** The metrics, with a stamp of each end right after it has been counted: a scrape that begins now has it. */
export class MetricsSink extends RealMetricsSink {
  constructor(options: MetricsSinkOptions) {
    super(options);
    const { sink } = this;
    const connection = (event: ConnectionEvent): void => {
      sink.connection?.(event);
      if (event.type === 'disconnected') stampEnd(event.remote.address, event.local.port, event.reason);
    };
    Object.assign(this, { sink: { ...sink, connection } });
  }
}

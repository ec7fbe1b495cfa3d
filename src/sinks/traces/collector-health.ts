import type { Clock } from '../../clock/clock.ts';
import type { Warn } from '../../domain/events/create-warn.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import type { LaneResult } from './export-lane.ts';

export type CollectorHealth = {
  /** After each batch. */
  sent(result: LaneResult, spans: number): void;
  /** Spans that found the queue full. */
  queueFull(spans: number): void;
};

/** A collector that is too slow drops spans all day; one line a minute says so. */
const OVERFLOW_REPORTED_EVERY_MS = 60_000;

/**
 * Reports when spans stop arriving and when they arrive again: the 1st, 2nd, 4th, 8th, ... failure in a row, and the
 * first success with what failed meanwhile. A collector that is down for a day costs a dozen lines.
 */
export function createCollectorHealth(url: string, clock: Pick<Clock, 'monotonic'>, warn: Warn): CollectorHealth {
  const collector = withoutSecrets(url);
  let failures = 0;
  let failed = 0;
  let dropped = 0;
  let droppedReportedAt = Number.NEGATIVE_INFINITY;
  const unsent = (error: string, spans: number) => {
    failures += 1;
    failed += spans;
    if (isPowerOfTwo(failures)) warn('warn', 'spans do not reach the collector', { collector, error, failures });
  };
  return {
    sent(result, spans) {
      if (result.kind === 'failed') return unsent(result.error, spans);
      if (result.rejected > 0) return unsent('it refused spans in a request it accepted', result.rejected);
      if (failures > 0) warn('warn', 'spans reach the collector again', { collector, failures, failed_spans: failed });
      failures = 0;
      failed = 0;
    },
    queueFull(spans) {
      dropped += spans;
      if (clock.monotonic() - droppedReportedAt < OVERFLOW_REPORTED_EVERY_MS) return;
      const message = 'spans are dropped: the collector takes them more slowly than they are made';
      warn('warn', message, { collector, dropped_spans: dropped });
      droppedReportedAt = clock.monotonic();
      dropped = 0;
    },
  };
}

/** A user name, a password or a token in the query stay out of the log. */
function withoutSecrets(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

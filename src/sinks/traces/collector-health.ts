import type { Warned } from '../../domain/events/process-events.ts';
import { isWorthTelling } from '../../domain/is-power-of-two.ts';
import type { LaneResult } from './export-lane.ts';

export type CollectorHealth = {
  /** After each batch. */
  sent(result: LaneResult, spans: number): void;
  /** Spans that found the queue full. */
  queueFull(spans: number): void;
};

/** A collector that is too slow drops spans all day; one line a minute says so. */
const OVERFLOW_TOLD_EVERY_MS = 60_000;

export type HealthClock = { now(): number; monotonic(): number };

/**
 * Tells people when spans stop arriving and when they arrive again: the 1st, 2nd, 4th, 8th, ... failure in a row, and the
 * first success with what failed meanwhile. A collector that is down for a day costs a dozen lines.
 */
export function createCollectorHealth(
  url: string,
  clock: HealthClock,
  publish: (event: Warned) => void,
): CollectorHealth {
  const collector = withoutSecrets(url);
  let failures = 0;
  let failed = 0;
  let dropped = 0;
  let droppedToldAt = Number.NEGATIVE_INFINITY;
  const warn = (message: string, fields: Readonly<Record<string, string | number>>) =>
    publish({ type: 'warned', at: clock.now(), level: 'warn', message, fields: { collector, ...fields } });
  const unsent = (error: string, spans: number) => {
    failures += 1;
    failed += spans;
    if (isWorthTelling(failures)) warn('spans do not reach the collector', { error, failures });
  };
  return {
    sent(result, spans) {
      if (result.kind === 'failed') return unsent(result.error, spans);
      if (result.rejected > 0) return unsent('it refused spans in a request it accepted', result.rejected);
      if (failures > 0) warn('spans reach the collector again', { failures, failed_spans: failed });
      failures = 0;
      failed = 0;
    },
    queueFull(spans) {
      dropped += spans;
      if (clock.monotonic() - droppedToldAt < OVERFLOW_TOLD_EVERY_MS) return;
      warn('spans are dropped: the collector takes them more slowly than they are made', { dropped_spans: dropped });
      droppedToldAt = clock.monotonic();
      dropped = 0;
    },
  };
}

/** A user name, a password or a token in the query stay out of the log. */
function withoutSecrets(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

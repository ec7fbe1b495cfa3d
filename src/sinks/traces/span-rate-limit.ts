import type { Clock } from '../../clock/clock.ts';
import { TokenBucket } from '../../clock/token-bucket.ts';

/** `burst` spans at once, then `perSecond`; spans about clean ends and connects leave the last `reserve` to the others. */
export type SpanRates = { readonly perSecond: number; readonly burst: number; readonly reserve: number };

/**
 * 500 spans a second cost about 2 % of a core and are more than anyone reads; 5,000 at once let the whole start of a
 * thousand peers through. The reserve keeps room for what people are paged for while a fleet of peers connects.
 */
export const SPAN_RATES: SpanRates = { perSecond: 500, burst: 5000, reserve: 1000 };

/**
 * Of connections of other processes there is one span for each error, and an application can make thousands a second: they
 * have a limit of their own and take nothing from what Finrst says of its own connections.
 */
export const OBSERVED_SPAN_RATES: SpanRates = { perSecond: 100, burst: 1000, reserve: 0 };

/** Whether `spans` more may be made now. All of a trace or none of it: half a trace misleads. */
export type SpanRateLimit = (spans: number, important: boolean) => boolean;

/** Limits how many spans are made, so that a fleet that reconnects over and over costs a bounded amount. */
export function createSpanRateLimit(rates: SpanRates, clock: Pick<Clock, 'monotonic'>): SpanRateLimit {
  const { perSecond, burst, reserve } = rates;
  const bucket = new TokenBucket(clock, { intervalMs: 1000 / perSecond, burst });
  return (spans, important) => bucket.take(spans, important ? 0 : reserve);
}

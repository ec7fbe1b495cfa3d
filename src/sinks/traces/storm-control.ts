/** `burst` spans at once, then `perSecond`; spans about clean ends and connects leave the last `reserve` to the others. */
export type StormLimits = { readonly perSecond: number; readonly burst: number; readonly reserve: number };

/**
 * 500 spans a second cost about 2 % of a core and are more than anyone reads; 5,000 at once let the whole start of a
 * thousand peers through. The reserve keeps room for what people are paged for while a fleet of peers connects.
 */
export const STORM_LIMITS: StormLimits = { perSecond: 500, burst: 5000, reserve: 1000 };

/** Whether `spans` more may be made now. All of a trace or none of it: half a trace misleads. */
export type StormControl = (spans: number, important: boolean) => boolean;

/** A token bucket that starts full. `monotonic` in milliseconds. */
export function createStormControl(limits: StormLimits, monotonic: () => number): StormControl {
  let tokens = limits.burst;
  let filledAt = monotonic();
  return (spans, important) => {
    const now = monotonic();
    tokens = Math.min(limits.burst, tokens + ((now - filledAt) / 1000) * limits.perSecond);
    filledAt = now;
    if (tokens - spans < (important ? 0 : limits.reserve)) return false;
    tokens -= spans;
    return true;
  };
}

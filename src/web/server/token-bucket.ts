import type { Clock } from '../../clock/clock.ts';

/** Permits `burst` requests at once and one more each `intervalMs`. */
export function createTokenBucket(
  clock: Pick<Clock, 'monotonic'>,
  { intervalMs, burst }: { readonly intervalMs: number; readonly burst: number },
): { take(): boolean } {
  let tokens = burst;
  let filledAt = clock.monotonic();
  return {
    take() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + (now - filledAt) / intervalMs);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

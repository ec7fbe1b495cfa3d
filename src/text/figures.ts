const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A length of time as people say it, with about three figures.
 *
 * @example readableDuration(12_340)  // '12.3 s'
 * @example readableDuration(0.42)    // '0.42 ms'
 */
export function readableDuration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 100) return `${milliseconds.toFixed(1)} ms`;
  // From here on rounding could reach the next unit: 999.6 ms is 1.0 s.
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const whole = Math.round(milliseconds / 1000) * 1000;
  if (whole < HOUR_MS) return `${Math.floor(whole / MINUTE_MS)} m ${Math.round((whole % MINUTE_MS) / 1000)} s`;
  if (whole < DAY_MS) return `${Math.floor(whole / HOUR_MS)} h ${Math.floor((whole % HOUR_MS) / MINUTE_MS)} m`;
  return `${Math.floor(whole / DAY_MS)} d ${Math.floor((whole % DAY_MS) / HOUR_MS)} h`;
}

/** Bytes with a decimal unit. */
export function readableBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${(bytes / 1000).toPrecision(3)} kB`;
  if (bytes < 999_500_000) return `${(bytes / 1_000_000).toPrecision(3)} MB`;
  return `${(bytes / 1_000_000_000).toPrecision(3)} GB`;
}

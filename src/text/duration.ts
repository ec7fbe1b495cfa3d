/** Milliseconds of each unit of a Prometheus duration, largest first: they must come in this order. */
const UNITS = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Prometheus durations as a pattern (model.ParseDuration): `0`, or whole numbers with units, each unit at most once. */
export const DURATION_PATTERN =
  /^(?:0|(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?)$/;

/** Prometheus keeps durations in signed 64-bit nanoseconds; a longer one overflows there and is refused here too. */
const LONGEST_MS = 9_223_372_036_854;

/**
 * Milliseconds of a Prometheus duration, null when the text is none.
 *
 * @example parseDuration('1h30m')  // 5_400_000
 * @example parseDuration('1.5h')   // null: Prometheus takes whole numbers only
 */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return null;
  const milliseconds = UNITS.reduce((sum, [, size], index) => sum + Number(match[index + 1] ?? 0) * size, 0);
  return milliseconds <= LONGEST_MS ? milliseconds : null;
}

/**
 * The shortest text that parses to these whole milliseconds. Years and weeks are used only where they leave no rest,
 * as Prometheus does.
 *
 * @example formatDuration(90_000)  // '1m30s'
 */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of UNITS) {
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}

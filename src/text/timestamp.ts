/** The text of the second before last is of no use: lines come in the order of their times, many in one second. */
let second = NaN;
let textOfSecond = '';

/** A point in time as every line and answer writes it: RFC 3339 in UTC, with milliseconds. `at` is wall-clock milliseconds. */
export function timestamp(at: number): string {
  const whole = Math.floor(at / 1000);
  if (whole !== second) {
    textOfSecond = new Date(whole * 1000).toISOString().slice(0, -'000Z'.length);
    second = whole;
  }
  return `${textOfSecond}${String(Math.floor(at) - whole * 1000).padStart(3, '0')}Z`;
}

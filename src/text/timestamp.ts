/** A point in time as every line and answer writes it: RFC 3339 in UTC, with milliseconds. `at` is wall-clock milliseconds. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

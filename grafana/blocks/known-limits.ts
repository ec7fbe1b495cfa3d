import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { KNOWN_LIMITS } from '../../src/explanations/known-limits.ts';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';

/** A limit whose pile of ends stands out in the histograms. */
export type ChartedLimit = {
  readonly seconds: number;
  /** The bounds of the narrow bucket around it. */
  readonly from: number;
  readonly upTo: number;
  readonly name: string;
  readonly whose: string;
};

/** Idle limits that many boxes share, of the one table: the histograms were cut so that each has a bucket of its own. */
export const CHARTED_LIMITS: readonly ChartedLimit[] = KNOWN_LIMITS.filter(
  // What ends later than its limit says shares its bucket with the time between two others.
  ({ hasBucket, endsAt }) => hasBucket && endsAt === undefined,
).map(({ seconds, short }) => {
  const edge = LIFETIME_BUCKETS_SECONDS.findIndex((each) => each > seconds);
  const [from = 0, upTo = 0] = LIFETIME_BUCKETS_SECONDS.slice(edge - 1, edge + 1);
  return { seconds, from, upTo, name: `${seconds} s`, whose: short };
});

const limitOf = (upTo: number): ChartedLimit | undefined => CHARTED_LIMITS.find((limit) => limit.upTo === upTo);

/** What stands beside the limits and at none of them. */
export const IN_NO_LIMIT = '#6e6e78';

/** Seconds as people say them: 63 s, 2 h, 7 d. */
function inWords(seconds: number): string {
  if (seconds < 7200) return `${seconds} s`;
  return seconds < 86_400 ? `${seconds / 3600} h` : `${seconds / 86_400} d`;
}

/**
 * Names the rows of a heatmap of ages, and marks those that stand for a known limit. A transformation, because a heatmap
 * ignores overrides of names. OpenMetrics writes the bound `63` as `63.0`: both spellings are named.
 */
export function ageRows(): DataTransformerConfig {
  const names = LIFETIME_BUCKETS_SECONDS.flatMap((upTo) => {
    const limit = limitOf(upTo);
    const name = limit === undefined ? inWords(upTo) : `◀ ${limit.name}`;
    return [`${upTo}`, `${upTo}.0`].map((bound): [string, string] => [bound, name]);
  });
  return { id: 'organize', options: { excludeByName: {}, indexByName: {}, renameByName: Object.fromEntries(names) } };
}

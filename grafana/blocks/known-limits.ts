import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';

/**
 * Idle limits that many boxes share. `upTo` is the upper bound of the narrow bucket around the limit: the histograms were
 * cut so that each limit has a bucket of its own.
 */
export const KNOWN_LIMITS = [
  { seconds: 60, from: 57, upTo: 63, name: '60 s', whose: 'AWS ALB, nginx proxy' },
  { seconds: 75, from: 72, upTo: 79, name: '75 s', whose: 'nginx keepalive' },
  { seconds: 100, from: 95, upTo: 105, name: '100 s', whose: 'Cloudflare' },
  { seconds: 240, from: 230, upTo: 250, name: '240 s', whose: 'Azure load balancer' },
  { seconds: 300, from: 285, upTo: 315, name: '300 s', whose: 'many servers' },
  { seconds: 350, from: 335, upTo: 365, name: '350 s', whose: 'AWS NLB, NAT gateway' },
  { seconds: 600, from: 570, upTo: 630, name: '600 s', whose: 'Google Cloud, nginx stream' },
  { seconds: 900, from: 855, upTo: 945, name: '900 s', whose: 'IPVS (kube-proxy)' },
  { seconds: 3600, from: 3420, upTo: 3780, name: '3600 s', whose: 'Envoy, Istio' },
] as const;

const limitOf = (upTo: number): (typeof KNOWN_LIMITS)[number] | undefined =>
  KNOWN_LIMITS.find((limit) => limit.upTo === upTo);

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

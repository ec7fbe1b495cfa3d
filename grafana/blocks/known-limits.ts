import type { Override } from './overrides.ts';

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

/** OpenMetrics writes the bound `63` as `63.0`; the name of the series is matched in both spellings. */
const bucketCalled = (upTo: number): string => `/^${upTo}(\\.0)?$/`;

/** Names the rows of a heatmap that stand for a known limit. */
export function limitRows(): Override[] {
  return KNOWN_LIMITS.map(({ upTo, name }) => ({
    matcher: { id: 'byRegexp', options: bucketCalled(upTo) },
    properties: [{ id: 'displayName', value: `◀ ${name}` }],
  }));
}

/** Names and colours the bars that stand for a known limit, and whose limit it is. */
export function limitBars(colour: string): Override[] {
  return KNOWN_LIMITS.map(({ from, upTo, name, whose }) => ({
    matcher: { id: 'byRegexp', options: bucketCalled(upTo) },
    properties: [
      { id: 'displayName', value: `${from}–${upTo} s ◀ ${name}: ${whose}` },
      { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
    ],
  }));
}

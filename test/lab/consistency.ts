import type { SeenEvent } from './event-feed.ts';

/**
 * Holds /metrics against the events of the same run: every end counted once, in its group, under its reason, and
 * connections = disconnects + local closes + established. Returns what does not agree.
 */
export function disagreements(metrics: ReadonlyMap<string, number>, events: readonly SeenEvent[]): readonly string[] {
  return [...sumsDisagree(metrics), ...reasonsDisagree(metrics, events)];
}

const SAMPLE = /^(\w+)\{(.*)\}$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function samplesOf(
  metrics: ReadonlyMap<string, number>,
  family: string,
): readonly (readonly [Map<string, string>, number])[] {
  return [...metrics].flatMap(([name, value]) => {
    const match = SAMPLE.exec(name);
    if (match?.[1] !== family) return [];
    return [[new Map([...match[2]!.matchAll(LABEL)].map((label) => [label[1]!, label[2]!] as const)), value] as const];
  });
}

function byGroup(metrics: ReadonlyMap<string, number>, family: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [labels, value] of samplesOf(metrics, family)) {
    const group = labels.get('group')!;
    sums.set(group, (sums.get(group) ?? 0) + value);
  }
  return sums;
}

function sumsDisagree(metrics: ReadonlyMap<string, number>): readonly string[] {
  const [connections, disconnects, closes, up] = [
    'finrst_connections_total',
    'finrst_disconnects_total',
    'finrst_local_closes_total',
    'finrst_peer_up',
  ].map((family) => byGroup(metrics, family)) as [Sums, Sums, Sums, Sums];
  if (connections.size === 0) return ['/metrics has no finrst_connections_total'];
  return [...connections].flatMap(([group, made]) => {
    const ended = (disconnects.get(group) ?? 0) + (closes.get(group) ?? 0);
    const held = up.get(group) ?? 0;
    return made === ended + held ? [] : [`${group}: ${made} connections, ${ended} ended, ${held} up`];
  });
}
type Sums = ReadonlyMap<string, number>;

function reasonsDisagree(metrics: ReadonlyMap<string, number>, events: readonly SeenEvent[]): readonly string[] {
  const expected = new Map<string, number>();
  for (const { type, group, class: endClass, reason } of events) {
    if (type !== 'disconnected') continue;
    const key = `${group} ${endClass}/${reason}`;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  const counted = new Map(
    samplesOf(metrics, 'finrst_disconnects_by_reason_total')
      .filter(([, value]) => value > 0)
      .map(([labels, value]) => [`${labels.get('group')} ${labels.get('class')}/${labels.get('reason')}`, value]),
  );
  return [...new Set([...expected.keys(), ...counted.keys()])].flatMap((key) =>
    expected.get(key) === counted.get(key)
      ? []
      : [`${key}: ${expected.get(key) ?? 0} events, counted ${counted.get(key) ?? 0}`],
  );
}

import type { SeenEvent } from './event-feed.ts';

type Metrics = ReadonlyMap<string, number>;
type Counts = ReadonlyMap<string, number>;
type Sample = readonly [labels: ReadonlyMap<string, string>, value: number];

/**
 * Holds /metrics against the events of the same run: every end counted once, in its group, under its reason, and
 * connections = disconnects + local closes + established. `before` and `after` are the events known before and after
 * /metrics was read: a group in which nothing happened in between must agree exactly, another within what happened.
 * Returns what does not agree.
 */
export function disagreements(
  metrics: Metrics,
  before: readonly SeenEvent[],
  after: readonly SeenEvent[],
): readonly string[] {
  const meanwhile = countBy(after.slice(before.length), ({ group }) => group);
  if (after.length === 0) return [];
  return [...sumsDisagree(metrics, meanwhile), ...reasonsDisagree(metrics, endsOf(before), endsOf(after))];
}

const SAMPLE = /^(\w+)\{(.*)\}$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function samplesOf(metrics: Metrics, family: string): readonly Sample[] {
  return [...metrics].flatMap(([name, value]) => {
    const match = SAMPLE.exec(name);
    if (match?.[1] !== family) return [];
    return [[new Map([...match[2]!.matchAll(LABEL)].map((label) => [label[1]!, label[2]!] as const)), value] as const];
  });
}

function byGroup(metrics: Metrics, family: string): Counts {
  const sums = new Map<string, number>();
  for (const [labels, value] of samplesOf(metrics, family)) {
    const group = labels.get('group')!;
    sums.set(group, (sums.get(group) ?? 0) + value);
  }
  return sums;
}

function sumsDisagree(metrics: Metrics, meanwhile: Counts): readonly string[] {
  const connections = byGroup(metrics, 'finrst_connections_total');
  const disconnects = byGroup(metrics, 'finrst_disconnects_total');
  const closes = byGroup(metrics, 'finrst_local_closes_total');
  const up = byGroup(metrics, 'finrst_peer_up');
  if (connections.size === 0) return ['/metrics has no finrst_connections_total'];
  return [...connections].flatMap(([group, made]) => {
    const ended = (disconnects.get(group) ?? 0) + (closes.get(group) ?? 0);
    const held = up.get(group) ?? 0;
    if (Math.abs(made - ended - held) <= (meanwhile.get(group) ?? 0)) return [];
    return [`${group}: ${made} connections, ${ended} ended, ${held} up`];
  });
}

function reasonsDisagree(metrics: Metrics, before: Counts, after: Counts): readonly string[] {
  const counted = new Map(
    samplesOf(metrics, 'finrst_disconnects_by_reason_total')
      .filter(([, value]) => value > 0)
      .map(([labels, value]) => [`${labels.get('group')} ${labels.get('class')}/${labels.get('reason')}`, value]),
  );
  return [...new Set([...after.keys(), ...counted.keys()])].flatMap((key) => {
    const [least, most, found] = [before.get(key) ?? 0, after.get(key) ?? 0, counted.get(key) ?? 0];
    return found >= least && found <= most ? [] : [`${key}: ${least} to ${most} events, counted ${found}`];
  });
}

function endsOf(events: readonly SeenEvent[]): Counts {
  const disconnects = events.filter(({ type }) => type === 'disconnected');
  return countBy(disconnects, (event) => `${event.group} ${event.class}/${event.reason}`);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Counts {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

import type { SeenEvent } from './event-feed.ts';
import { verdictOf } from './judge.ts';
import type { MixedFault } from './mixed-faults.ts';

/** One line of the injector's record: what was done to a peer, and when (wall-clock ms). */
export type Injected = {
  readonly kind: string;
  readonly peer: string;
  readonly fault: MixedFault;
  readonly at: number;
};

/** An entry of the record with the end that answers it. */
export type MixedVerdict = { readonly injected: Injected; readonly seen: string; readonly right: boolean };

export type MixedJudgement = {
  readonly verdicts: readonly MixedVerdict[];
  /** All that does not agree with the record, one sentence each. */
  readonly faults: readonly string[];
};

/** Event times are cut off to the millisecond, and the record is written before the fault. */
const CLOCKS_MS = 2;

/**
 * Holds the ends of one peer against the injector's record, in order: as many ends as faults, each after its fault, each
 * of a connection of its own, each with the right verdict; and no failed attempt unless a fault was in the way.
 */
export function judgePeer(record: readonly Injected[], events: readonly SeenEvent[]): MixedJudgement {
  const ends = events.filter(({ type }) => type === 'disconnected' || type === 'local_closed');
  const faults: string[] = [];
  const verdicts = record.map((injected, n): MixedVerdict => {
    const end = ends[n];
    if (end === undefined) {
      faults.push(`${describe(injected)}: no end`);
      return { injected, seen: 'no end', right: false };
    }
    const seen = verdictOf(end);
    const inTime = end.at >= injected.at - CLOCKS_MS;
    const right = inTime && injected.fault.verdicts.includes(seen);
    if (!right) faults.push(`${describe(injected)}: ${seen}${inTime ? '' : ' before it'}`);
    return { injected, seen, right };
  });
  const extra = ends.slice(record.length);
  if (extra.length > 0) faults.push(`${ends[0]!.peer}: nothing was done, and ${extra.map(verdictOf).join(', ')}`);
  return { verdicts, faults: [...faults, ...connectionFaults(events, ends), ...attemptFaults(record, events)] };
}

function describe({ kind, peer, fault }: Injected): string {
  return `${kind} ${peer}: ${fault.name}, expected ${fault.verdicts.join(' or ')}`;
}

/** Connections and ends alternate: each end ends the connection before it, and none twice. */
function connectionFaults(events: readonly SeenEvent[], ends: readonly SeenEvent[]): readonly string[] {
  const connected = events.filter(({ type }) => type === 'connected');
  const paired = ends.every((end, n) => connected[n]?.connection_id === end.connection_id);
  const held = connected.length - ends.length;
  if (paired && (held === 0 || held === 1)) return [];
  return [`${events[0]?.peer}: ${connected.length} connections and ${ends.length} ends that do not alternate`];
}

/** A fault that only this connection met is in no later attempt's way. */
function attemptFaults(record: readonly Injected[], events: readonly SeenEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type !== 'connect_failed') return [];
    const before = record.findLast(({ at }) => at <= event.at);
    if (before !== undefined && ('firewall' in before.fault.harm || 'route' in before.fault.harm)) return [];
    return [`${event.peer}: an attempt failed (${event.phase}/${event.reason}) with nothing in its way`];
  });
}

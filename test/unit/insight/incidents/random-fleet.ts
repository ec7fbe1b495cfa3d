import type { DisconnectReason } from '../../../../src/domain/disconnect.ts';
import type { Connected, Disconnected } from '../../../../src/domain/events/connection-events.ts';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import type { Incident } from '../../../../src/insight/incidents/incident.ts';
import { heldEnds } from '../../../../src/insight/incidents/held-ends.ts';
import { IncidentIds } from '../../../../src/insight/incidents/incident-ids.ts';
import { Incidents } from '../../../../src/insight/incidents/incidents.ts';
import type { IncidentScope, ScopeKind } from '../../../../src/domain/incident-scope.ts';

/** A peer of a made fleet. */
export type FleetPeer = {
  readonly ref: PeerRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
};

/** What happens to a made fleet; times in seconds of its own. */
export type FleetEvent =
  | { readonly at: number; readonly kind: 'connects'; readonly peer: FleetPeer }
  | {
      readonly at: number;
      readonly kind: 'ends';
      readonly peer: FleetPeer;
      readonly reason: DisconnectReason;
      /** Since its last sign of life. */
      readonly silence: number;
    };

/** What was published, as it was at that moment. */
export type PublishedIncident = {
  readonly id: string;
  readonly at: number;
  readonly phase: Incident['phase'];
  readonly scope: IncidentScope;
  readonly also: readonly IncidentScope[];
  readonly ended: number;
  readonly of: number;
  readonly stillDown: number;
  readonly wholeId: string | null;
  readonly contrast: Incident['contrast'];
  readonly began: number;
};

/** Runs what happens through the fold, with a tick each second until `until`. */
export function replay(peers: readonly FleetPeer[], events: readonly FleetEvent[], until: number): PublishedIncident[] {
  const published: PublishedIncident[] = [];
  let now = 0;
  const incidents = new Incidents({
    ids: new IncidentIds(),
    onChange: ({ id, phase, scope, also, ends, of, stillDown, began, wholeId, contrast }) => {
      const [seconds, beganSeconds] = [now, began].map((ms) => ms / 1000);
      published.push({
        id,
        at: seconds ?? 0,
        phase,
        scope,
        also,
        ended: ends.size,
        of,
        stillDown,
        wholeId,
        contrast,
        began: beganSeconds ?? 0,
      });
    },
  });
  const ends = heldEnds(incidents, () => undefined);
  for (const { ref, labels } of peers) {
    const facts = { labels, tls: false, expectsAnswer: false, canAnnounce: false, host: ref.host, port: ref.port };
    ends.peer?.({ type: 'peerAdded', at: 0, peer: ref, facts });
  }
  for (const event of events.toSorted((one, other) => one.at - other.at)) {
    for (; now + 1000 <= event.at * 1000;) Array.from(incidents.tick((now += 1000)));
    ends.connection?.(event.kind === 'connects' ? connected(event) : disconnected(event));
  }
  while (now < until * 1000) Array.from(incidents.tick((now += 1000)));
  return published;
}

function connected({ at, peer }: Extract<FleetEvent, { kind: 'connects' }>): Connected {
  return {
    type: 'connected',
    at: at * 1000,
    peer: peer.ref,
    connectionId: `${peer.ref.id}-${at}`,
    startedAt: at * 1000,
    timings: { totalMs: 1 },
    tried: [],
    remote: { address: peer.address, port: 5432 },
    local: { address: '10.0.0.1', port: 40_000 },
    failuresBefore: 0,
  };
}

function disconnected({ at, peer, reason, silence }: Extract<FleetEvent, { kind: 'ends' }>): Disconnected {
  const silenceMs = silence * 1000;
  return {
    type: 'disconnected',
    ...(reason === 'fin' ? { class: 'eof', reason } : { class: 'error', reason: reason as 'reset' }),
    at: at * 1000,
    peer: peer.ref,
    connectionId: `${peer.ref.id}`,
    remote: { address: peer.address, port: 5432 },
    local: { address: '10.0.0.1', port: 40_000 },
    establishedAt: 0,
    durationMs: Math.max(silenceMs, 3_600_000),
    idleMs: silenceMs,
    quietMs: Math.min(silenceMs, 1000),
    payloadQuietMs: silenceMs,
    receivedBytes: 0,
    sentBytes: 0,
    tcp: {
      state: 'established',
      rttMs: 1,
      minRttMs: 1,
      totalRetransmits: 0,
      pendingRetransmits: 0,
      pendingProbes: 0,
      outstandingBytes: 0,
      silenceMs,
    },
  };
}

/** What ends the connections of a scope: at once, in order, or by silence that keepalive finds. */
export type Cause = 'reset' | 'fin' | 'cut';

/**
 * The ends of these peers, whose connections break at `at`. A cut is found by keepalive at 60 s, 10 s, 3 with its jitter;
 * resets and FINs come within 1.8 s, and the peers are back within 4 s.
 */
export function breakAll(
  peers: readonly FleetPeer[],
  { at, cause }: { readonly at: number; readonly cause: Cause },
  random: () => number,
): FleetEvent[] {
  return peers.flatMap((peer): FleetEvent[] => {
    if (cause === 'cut') {
      const idle = 48 + Math.floor(random() * 13);
      const silentBefore = random() * idle;
      return [
        { at: at - silentBefore + idle + 30, kind: 'ends', peer, reason: 'keepalive_timeout', silence: idle + 30 },
      ];
    }
    const moment = at + random() * 1.8;
    return [
      { at: moment, kind: 'ends', peer, reason: cause, silence: 1 },
      { at: moment + 1 + random() * 3, kind: 'connects', peer },
    ];
  });
}

export type FleetShape = {
  /** Peers of each group. */
  readonly groups: readonly number[];
  readonly zones: number;
  readonly prefixes: number;
};

/** A fleet whose zones and prefixes lie across its groups. */
export function makeFleet({ groups, zones, prefixes }: FleetShape, random: () => number): FleetPeer[] {
  let id = 0;
  return groups.flatMap((count, index) => {
    const group = `group-${index}`;
    return Array.from({ length: count }, (): FleetPeer => {
      id += 1;
      const address = `10.1.${Math.floor(random() * prefixes)}.${1 + (id % 250)}`;
      const peer = `${group}-${id}:5432`;
      return {
        ref: { id, group, peer, host: `${group}-${id}`, port: 5432, isLiteral: false, labels: {} },
        labels: { zone: `z${Math.floor(random() * zones)}`, env: 'prod' },
        address,
      };
    });
  });
}

/** The peers of that scope. */
export function membersOf(peers: readonly FleetPeer[], kind: ScopeKind, value: string): FleetPeer[] {
  return peers.filter(({ ref, labels, address }) => {
    switch (kind) {
      case 'process':
        return true;
      case 'group':
        return ref.group === value;
      case 'label':
        return `zone=${labels['zone']}` === value;
      case 'prefix':
        return `${address.split('.').slice(0, 3).join('.')}.0/24` === value;
    }
  });
}

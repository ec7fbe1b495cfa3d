import type { DisconnectClass, DisconnectReason } from '../../domain/disconnect.ts';
import type { Explained } from '../../domain/events/connection-events.ts';
import type { ObservedExplained } from '../../domain/events/observed-events.ts';
import type { IncidentChanged, IncidentState } from '../../domain/events/incident-event.ts';
import type { ScopeKind } from '../../domain/incident-scope.ts';
import type { Sink } from '../../events/bus.ts';
import { EndBars } from './end-bars.ts';
import { timestamp } from '../../text/timestamp.ts';

/** An incident as `GET /api/v1/incidents` has it. Times are RFC 3339 in UTC, with milliseconds. */
export type IncidentStatus = {
  readonly id: string;
  readonly state: IncidentState;
  readonly scope: ScopeKind;
  /** The group, `NAME=VALUE`, the prefix in CIDR; absent: the process. */
  readonly value?: string;
  readonly began: string;
  /** Absent: it runs. */
  readonly over?: string;
  readonly ended: number;
  readonly of: number;
  readonly reasons: IncidentChanged['reasons'];
  readonly still_down: number;
  /** It is about connections that Finrst only observes. */
  readonly observed: boolean;
  readonly sentence: string;
};

/** A page holds them, and nobody looks further back. */
const KEPT = 100;
/** Peers of one incident that are kept by name. A storm has thousands, and their page is that of the group. */
const PEERS = 200;
/** Each doubling is one; a scope may turn out to be another one now and then. */
const STEPS = 24;

/** When an incident was published, and what it was then. */
export type IncidentStep = Pick<IncidentChanged, 'at' | 'state' | 'scope' | 'ended' | 'of'>;

/** A peer whose connection ended with an incident. */
export type IncidentPeer = {
  /** Never that of another one. */
  readonly id: number;
  readonly group: string;
  readonly peer: string;
  readonly connectionId: string;
  readonly class: DisconnectClass;
  readonly reason: DisconnectReason;
  /** Wall-clock milliseconds. */
  readonly endedAt: number;
};

/** One incident with all that is kept of it. */
export type IncidentRecord = {
  readonly event: IncidentChanged;
  /** The first one, then the newest ones in their order. */
  readonly steps: readonly IncidentStep[];
  /** The first 200 whose end it explained. */
  readonly peers: readonly IncidentPeer[];
  /** How many ends it explained, by group. */
  readonly endsByGroup: ReadonlyMap<string, number>;
  /** All of these ends in time. */
  readonly bars: Pick<EndBars, 'read'>;
};

type Kept = {
  event: IncidentChanged;
  readonly steps: IncidentStep[];
  readonly peers: IncidentPeer[];
  readonly endsByGroup: Map<string, number>;
  readonly bars: EndBars;
};

/** The last 100 incidents, each as it was published last, with the peers whose ends it explained. */
export class KnownIncidents {
  readonly #byId = new Map<string, Kept>();

  readonly sink: Sink = {
    incident: (event) => this.#keep(event),
    connection: (event) => {
      if (event.type === 'explained' && event.by === 'incident') this.#explained(event);
    },
    observed: (event) => {
      if (event.type === 'observedExplained') this.#explained(event);
    },
  };

  /** The newest first. */
  list(): readonly IncidentStatus[] {
    return this.records().map(({ event }) => statusOf(event));
  }

  /** The newest first. */
  records(): readonly IncidentRecord[] {
    return [...this.#byId.values()].toReversed();
  }

  /** Null: there was none with this id, or it is forgotten. */
  record(id: string): IncidentRecord | null {
    return this.#byId.get(id) ?? null;
  }

  #explained(event: ExplainedByIncident): void {
    const kept = this.#byId.get(event.incident);
    if (kept !== undefined) addPeer(kept, event);
  }

  #keep(event: IncidentChanged): void {
    const { at, state, scope, ended, of } = event;
    const known = this.#byId.get(event.id);
    const kept = known ?? { event, steps: [], peers: [], endsByGroup: new Map<string, number>(), bars: new EndBars() };
    kept.event = event;
    kept.steps.push({ at, state, scope, ended, of });
    if (kept.steps.length > STEPS) kept.steps.splice(1, 1);
    if (known !== undefined) return;
    this.#byId.set(event.id, kept);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > KEPT && oldest !== undefined) this.#byId.delete(oldest);
  }
}

type ExplainedByIncident = Extract<Explained, { readonly by: 'incident' }> | ObservedExplained;

/** The groups of a configuration are what bounds the counts. */
function addPeer({ peers, endsByGroup, bars }: Kept, event: ExplainedByIncident): void {
  const { peer: ref, connectionId, class: endClass, reason, endedAt } = event;
  const { id, group, peer } = ref;
  bars.add(endedAt, endClass);
  endsByGroup.set(group, (endsByGroup.get(group) ?? 0) + 1);
  if (peers.length < PEERS) peers.push({ id, group, peer, connectionId, class: endClass, reason, endedAt });
}

function statusOf(event: IncidentChanged): IncidentStatus {
  const { id, state, isObserved, scope, began, over, ended, of, reasons, stillDown, sentence } = event;
  return {
    id,
    state,
    scope: scope.kind,
    ...(scope.value === '' ? {} : { value: scope.value }),
    began: timestamp(began),
    ...(over === undefined ? {} : { over: timestamp(over) }),
    ended,
    of,
    reasons,
    still_down: stillDown,
    observed: isObserved,
    sentence,
  };
}

import type { DisconnectReason } from '../disconnect.ts';
import type { HintName } from '../hint.ts';
import type { Elsewhere, IncidentScope, ScopeShare, ScopeValues } from '../incident-scope.ts';
import type { PeerName } from '../peer-target.ts';
import type { TraceRef } from './connection-events.ts';
import type { Numbered } from './numbered.ts';

/** `interrupted`: the process stopped while it ran. */
export type IncidentState = 'running' | 'over' | 'interrupted';

/** The least and the greatest of some lengths of time, in milliseconds. */
export type LengthRange = { readonly leastMs: number; readonly mostMs: number };

/** What its ends have in common, or do not. */
export type CommonFacts = {
  /** How many of them had which hint. */
  readonly hints: Readonly<Partial<Record<HintName, number>>>;
  /** Packets that this host dropped while its connections waited, by the hint of the end that says most; 0: none says so. */
  readonly droppedPackets: number;
  /** How long our own event loop was held up, by the hint of the end that says most; 0: none says so. */
  readonly stalledMs: number;
  /** `leastMs` over `mostMs`: none of them is known. */
  readonly ages: LengthRange;
  /** Without a packet, before the one that met the end; as with the ages. */
  readonly silences: LengthRange;
};

/**
 * Connections of several peers can have broken at the same moment. Emitted when that is found, when the number of ends has
 * doubled or the scope turns out to be another one, when it runs again, when it is over, and where the process stops meanwhile.
 */
export type IncidentChanged = Numbered & {
  readonly type: 'incident';
  readonly at: number;
  /** A number that grows over restarts; the same in each event about it. */
  readonly id: string;
  readonly state: IncidentState;
  /** It is about connections of other processes to these peers. Never both at once. */
  readonly isObserved: boolean;
  readonly scope: IncidentScope;
  /** Scopes that are the same peers. */
  readonly also: readonly IncidentScope[];
  /** When the connections can have broken. */
  readonly began: number;
  /** Absent: it runs. */
  readonly over?: number;
  /** It is over for that alone: it turned out to be a part of the incident with this id. Absent: it did not. */
  readonly partOf?: string;
  /** Peers whose connection ended with it. */
  readonly ended: number;
  /** Peers of the scope that count: connected then, without an end in the ten minutes before. */
  readonly of: number;
  readonly reasons: Readonly<Partial<Record<DisconnectReason, number>>>;
  readonly stillDown: number;
  /** After which time half of its peers were connected again; absent: they were not, or these are connections of other processes. */
  readonly halfBackMs?: number;
  readonly common: CommonFacts;
  /** The contrast: the others. */
  readonly elsewhere: Elsewhere;
  readonly values: ScopeValues;
  /** Peers of the scope that count and did not end, at most 3 of them. */
  readonly spared: readonly PeerName[];
  /** Scopes with at least three ends at one moment, as they were judged: its own first, then those with the largest weight, at most 8 in all. */
  readonly judged: readonly ScopeShare[];
  /** All of it in plain words. */
  readonly sentence: string;
  /** Spans of its ends, at most 100. */
  readonly traces: readonly TraceRef[];
};

import type { FleetReading } from '../../sinks/status/fleet-history.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import type { HealthReading } from '../../sinks/status/own-health.ts';
import type { HistorySummary } from '../../sinks/status/peer-history.ts';
import type { PeersQuery } from './peers-query.ts';
import type { Selection } from './select-peers.ts';

/** What the page of all peers is made from. */
export type PeersPage = {
  readonly query: PeersQuery;
  readonly selection: Selection;
  readonly fleet: FleetReading;
  /** All that are known, the newest first. */
  readonly incidents: readonly IncidentRecord[];
  readonly historyOf: (id: number) => HistorySummary | null;
  /** Wall-clock milliseconds. */
  readonly now: number;
  readonly prefix: string;
  readonly health: HealthReading;
};

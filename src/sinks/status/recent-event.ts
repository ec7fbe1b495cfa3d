import type { IncidentState } from '../../domain/events/incident-event.ts';
import type { HintName } from '../../domain/hint.ts';
import type { ConnectionEventName } from '../../explanations/connection-fields.ts';
import type { Announcement } from '../../settings/announcement.ts';
import type { TargetLabels } from '../../settings/target-labels.ts';

/** One event as `GET /api/v1/events` and its stream show it; those of observed connections have the fields of their lines. */
export type RecentEvent = RecentConnectionEvent | RecentIncident;

/** News of an incident: it was found, has grown, is over. The whole of it is in `GET /api/v1/incidents`. */
export type RecentIncident = {
  /** Numbered with the events of connections. */
  readonly id: string;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  readonly type: 'incident';
  /** Where its scope is a group. */
  readonly group?: string;
  /** Its own id. */
  readonly incident: string;
  readonly state: IncidentState;
  readonly sentence: string;
  /** It is about connections of other processes. */
  readonly observed?: true;
};

/** An event of a connection as `GET /api/v1/events` shows it. What is unknown or does not apply is absent. */
export type RecentConnectionEvent = {
  /** A decimal number that grows by one with each event, and over restarts. */
  readonly id: string;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  readonly type: ConnectionEventName;
  readonly group: string;
  readonly peer: string;
  /** Its target labels, where it has any. */
  readonly labels?: TargetLabels;
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly goodbye?: string;
  readonly goodbye_code?: string;
  readonly errno?: string;
  /** One sentence, where more is known than the reason: of a failed attempt what was expected and what came. */
  readonly detail?: string;
  /** The addresses of an attempt and how each went, where more than one was tried; as in a line of the log. */
  readonly tried?: string;
  /** Age of the connection at its end; of a failed or successful connect: how long the attempt took. */
  readonly duration_s?: number;
  readonly idle_s?: number;
  readonly quiet_s?: number;
  /** What had announced the end, or came so soon after it that it explains it. */
  readonly announced?: Announcement;
  /** What the evidence of a disconnect supports beside its reason, and what that rests on, in words. */
  readonly hint?: HintName;
  readonly hint_detail?: string;
  /** Of `explained`: what explains the disconnect of this connection. */
  readonly by?: 'announced' | 'incident';
  /** Of `explained` by an incident: its id. */
  readonly incident?: string;
  readonly trace_id?: string;
};

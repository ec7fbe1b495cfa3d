import type {
  ConnectFailed,
  ConnectionEvent,
  Disconnected,
  LocalClosed,
  TraceRef,
} from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { SaidGoodbye } from '../../domain/goodbye.ts';
import { presentLabels } from '../../domain/present-labels.ts';
import { CONNECTION_EVENT_NAMES, triedAddresses } from '../../explanations/connection-fields.ts';
import { hintEvidence } from '../../explanations/hint-words.ts';
import { disconnectDetail } from '../../explanations/reason-words.ts';
import { toSeconds } from '../../text/seconds.ts';
import { timestamp } from '../../text/timestamp.ts';
import type { RecentConnectionEvent, RecentEvent, RecentIncident } from './recent-event.ts';

/** What people and programs are shown of an event, under the id that it has among all. */
export function describeEvent(id: number, event: ConnectionEvent | IncidentChanged): RecentEvent {
  return event.type === 'incident'
    ? { id: String(id), ...incidentSummary(event) }
    : { id: String(id), ...connectionSummary(event) };
}

function incidentSummary({ at, id, state, isObserved, scope, sentence }: IncidentChanged): Omit<RecentIncident, 'id'> {
  const group = scope.kind === 'group' ? { group: scope.value } : {};
  const observed = isObserved ? ({ observed: true } as const) : {};
  return { time: timestamp(at), type: 'incident', ...group, incident: id, state, sentence, ...observed };
}

type Summary = Omit<RecentConnectionEvent, 'id'>;

function connectionSummary(event: ConnectionEvent): Summary {
  switch (event.type) {
    case 'connected':
      return { ...head(event), ...triedOf(event), duration_s: toSeconds(event.timings.totalMs), ...traceOf(event) };
    case 'connectFailed':
      return {
        ...head(event),
        reason: event.reason,
        phase: event.phase,
        ...goodbyeOf(event),
        ...errnoOf(event),
        ...detailOf(event.detail),
        ...triedOf(event),
        duration_s: toSeconds(event.timings.totalMs),
        ...traceOf(event),
      };
    case 'disconnected':
      return {
        ...head(event),
        class: event.class,
        reason: event.reason,
        ...goodbyeOf(event),
        ...errnoOf(event),
        ...detailOf(disconnectDetail(event)),
        ...(event.announced === undefined ? {} : { announced: event.announced }),
        ...hintOf(event),
        ...endOf(event),
      };
    case 'localClosed':
      return { ...head(event), reason: event.reason, ...endOf(event) };
    case 'explained': {
      const { class: endClass, reason, by } = event;
      const what = by === 'announced' ? { announced: event.announced } : { incident: event.incident };
      return { ...head(event), class: endClass, reason, by, ...what };
    }
  }
}

function head({ type, at, peer, connectionId }: ConnectionEvent): Summary {
  const labels = presentLabels(peer.labels);
  return {
    time: timestamp(at),
    type: CONNECTION_EVENT_NAMES[type],
    group: peer.group,
    peer: peer.peer,
    ...(labels === undefined ? {} : { labels }),
    connection_id: connectionId,
  };
}

function endOf(event: Disconnected | LocalClosed): Partial<Summary> {
  const { durationMs, idleMs, quietMs } = event;
  return {
    duration_s: toSeconds(durationMs),
    idle_s: toSeconds(idleMs),
    quiet_s: toSeconds(quietMs),
    ...traceOf(event),
  };
}

function goodbyeOf({ goodbye, goodbyeCode }: Partial<SaidGoodbye>): Partial<Summary> {
  if (goodbye === undefined) return {};
  return goodbyeCode === undefined ? { goodbye } : { goodbye, goodbye_code: goodbyeCode };
}

function hintOf(event: Disconnected): Partial<Summary> {
  const detail = hintEvidence(event);
  return event.hint === undefined || detail === undefined ? {} : { hint: event.hint.name, hint_detail: detail };
}

function errnoOf({ errno }: { readonly errno?: string }): Partial<Summary> {
  return errno === undefined ? {} : { errno };
}

function detailOf(detail: string | undefined): Partial<Summary> {
  return detail === undefined ? {} : { detail };
}

function triedOf(event: Pick<ConnectFailed, 'tried'>): Partial<Summary> {
  const tried = triedAddresses(event.tried);
  return tried === undefined ? {} : { tried };
}

function traceOf({ trace }: { readonly trace?: TraceRef }): Partial<Summary> {
  return trace?.recorded ? { trace_id: trace.traceId } : {};
}

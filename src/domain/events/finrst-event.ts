import type { ConnectionEvent } from './connection-events.ts';
import type { DiscoveryEvent } from './discovery-events.ts';
import type { IncidentChanged } from './incident-event.ts';
import type { ObservedEvent } from './observed-events.ts';
import type { PeerEvent } from './peer-events.ts';
import type { ProcessEvent } from './process-events.ts';
import type { SampleEvent } from './sample-events.ts';

/**
 * Everything that can happen, as plain data: it could cross a thread boundary. Counters, spans, log lines and the status
 * page are folds over this stream and nothing else. `at` is wall-clock milliseconds since the epoch; all `...Ms` lengths
 * come from the monotonic clock, so a stepped wall clock bends no duration.
 */
export type FinrstEvent =
  | ConnectionEvent
  | PeerEvent
  | SampleEvent
  | DiscoveryEvent
  | ObservedEvent
  | IncidentChanged
  | ProcessEvent;

/** The name of an event, as logs and the journal write it. */
export type FinrstEventType = FinrstEvent['type'];

/** The groups that sinks subscribe to. */
export type EventGroup = 'connection' | 'peer' | 'sample' | 'discovery' | 'observed' | 'incident' | 'process';

/** The group of each event type. A type that is missing here does not compile. */
export const EVENT_GROUPS: Readonly<Record<FinrstEventType, EventGroup>> = {
  connected: 'connection',
  connectFailed: 'connection',
  disconnected: 'connection',
  localClosed: 'connection',
  explained: 'connection',
  groupAdded: 'peer',
  groupRemoved: 'peer',
  peerAdded: 'peer',
  peerChanged: 'peer',
  peerRemoved: 'peer',
  stateEntered: 'peer',
  announcementChanged: 'peer',
  peerHandedOver: 'peer',
  traffic: 'sample',
  sampled: 'sample',
  stayedSilent: 'sample',
  heartbeatAnswered: 'sample',
  certificateRead: 'sample',
  silenceMeasured: 'sample',
  loopStalled: 'sample',
  sourcesConfigured: 'discovery',
  sourcesRemoved: 'discovery',
  sourceRefreshed: 'discovery',
  sourceFailed: 'discovery',
  targetsApplied: 'discovery',
  targetRefused: 'discovery',
  labelsLeftOut: 'discovery',
  limitExceeded: 'discovery',
  apiRequested: 'discovery',
  objectChanged: 'discovery',
  observerChanged: 'observed',
  observedLinesLost: 'observed',
  observedConnected: 'observed',
  observedConnectFailed: 'observed',
  observedEnded: 'observed',
  observedReleased: 'observed',
  observedLost: 'observed',
  observedLeak: 'observed',
  observedRetransmits: 'observed',
  observedExplained: 'observed',
  incident: 'incident',
  reloadSucceeded: 'process',
  reloadFailed: 'process',
  scraped: 'process',
  streamEnded: 'process',
  warned: 'process',
  started: 'process',
  shardsChanged: 'process',
  handingOver: 'process',
  stopping: 'process',
  stopped: 'process',
};

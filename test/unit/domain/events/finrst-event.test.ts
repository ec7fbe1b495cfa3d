import { expect, test } from 'vitest';
import type { ConnectionEvent } from '../../../../src/domain/events/connection-events.ts';
import type { DiscoveryEvent } from '../../../../src/domain/events/discovery-events.ts';
import { EVENT_GROUPS } from '../../../../src/domain/events/finrst-event.ts';
import type { IncidentChanged } from '../../../../src/domain/events/incident-event.ts';
import type { ObservedEvent } from '../../../../src/domain/events/observed-events.ts';
import type { PeerEvent } from '../../../../src/domain/events/peer-events.ts';
import type { ProcessEvent } from '../../../../src/domain/events/process-events.ts';
import type { SampleEvent } from '../../../../src/domain/events/sample-events.ts';

/** Each union holds the events of one group: an event in another union than its group says does not compile here. */
const CONNECTION: Record<ConnectionEvent['type'], 'connection'> = {
  connected: 'connection',
  connectFailed: 'connection',
  disconnected: 'connection',
  localClosed: 'connection',
  explained: 'connection',
};
const PEER: Record<PeerEvent['type'], 'peer'> = {
  groupAdded: 'peer',
  groupRemoved: 'peer',
  peerAdded: 'peer',
  peerChanged: 'peer',
  peerRemoved: 'peer',
  stateEntered: 'peer',
  announcementChanged: 'peer',
  peerHandedOver: 'peer',
};
const SAMPLE: Record<SampleEvent['type'], 'sample'> = {
  traffic: 'sample',
  sampled: 'sample',
  stayedSilent: 'sample',
  heartbeatAnswered: 'sample',
  certificateRead: 'sample',
  silenceMeasured: 'sample',
  loopStalled: 'sample',
};
const DISCOVERY: Record<DiscoveryEvent['type'], 'discovery'> = {
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
};
const OBSERVED: Record<ObservedEvent['type'], 'observed'> = {
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
};
const INCIDENT: Record<IncidentChanged['type'], 'incident'> = { incident: 'incident' };
const PROCESS: Record<ProcessEvent['type'], 'process'> = {
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

test('each event belongs to the group of its union: a sink that takes a group gets all of that union', () => {
  expect(EVENT_GROUPS).toEqual({
    ...CONNECTION,
    ...PEER,
    ...SAMPLE,
    ...DISCOVERY,
    ...OBSERVED,
    ...INCIDENT,
    ...PROCESS,
  });
});

import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import { presentLabels } from '../../domain/present-labels.ts';
import type { ObservedEvent } from '../../domain/events/observed-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { observedConnectionFields, observedEndFields } from '../../explanations/observed-fields.ts';
import type { LineFields } from '../../text/line-format.ts';
import { toSeconds } from '../../text/seconds.ts';
import type { Entry, LogLevel } from './log-entry.ts';

/** What applications do in order is for `debug`; errors in a row of one peer are thinned to the 1st, 2nd, 4th, 8th, ..., here as in the journal. */
export function observedLevel(event: ObservedEvent): LogLevel {
  switch (event.type) {
    case 'observerChanged':
      return event.isUp ? 'info' : 'warn';
    case 'observedLinesLost':
    case 'observedLeak':
      return 'warn';
    case 'observedEnded':
      return isPowerOfTwo(event.errorsInARow) ? 'warn' : 'debug';
    case 'observedConnected':
    case 'observedConnectFailed':
    case 'observedReleased':
    case 'observedLost':
    case 'observedRetransmits':
    case 'observedExplained':
      return 'debug';
  }
}

/** The line of an observed event. */
export function observedEntry(event: ObservedEvent): Entry {
  return { level: observedLevel(event), msg: messageOf(event), fields: fieldsOf(event) };
}

function messageOf(event: ObservedEvent): string {
  switch (event.type) {
    case 'observerChanged':
      return event.isUp
        ? 'connections of other processes are observed'
        : 'connections of other processes cannot be observed';
    case 'observedLinesLost':
      return 'the kernel dropped trace lines before they were read';
    case 'observedConnected':
      return event.isFound ? 'observed connection found' : 'observed connection established';
    case 'observedConnectFailed':
      return 'observed connect failed';
    case 'observedEnded':
      return 'observed connection ended';
    case 'observedReleased':
      return 'observed connection closed by its process after its peer';
    case 'observedLost':
      return 'observed connection is gone, and nobody saw how';
    case 'observedLeak':
      return 'the peer has closed a connection and its process has not';
    case 'observedRetransmits':
      return 'observed retransmits';
    case 'observedExplained':
      return 'observed end explained';
  }
}

function fieldsOf(event: ObservedEvent): LineFields {
  switch (event.type) {
    case 'observerChanged':
      return event.problem === undefined ? {} : { why: event.problem };
    case 'observedLinesLost':
      return { lines: event.count };
    case 'observedRetransmits':
      return { ...peerFields(event.peer), retransmits: event.count };
    case 'observedExplained': {
      const { peer, connectionId, class: endClass, reason, incident } = event;
      return { ...peerFields(peer), connection_id: connectionId, class: endClass, reason, incident };
    }
    case 'observedConnected':
    case 'observedReleased':
    case 'observedLost':
      return observedConnectionFields(event);
    case 'observedConnectFailed':
      return { ...observedConnectionFields(event), errno: event.errno };
    case 'observedEnded':
      return { ...observedConnectionFields(event), ...observedEndFields(event) };
    case 'observedLeak':
      return {
        ...observedConnectionFields(event),
        held_s: toSeconds(event.heldMs),
        ...(event.isOlder && { held_longer: 'yes, it was found so' }),
      };
  }
}

function peerFields({ peer, group, labels }: PeerRef): LineFields {
  return { peer, group, labels: presentLabels(labels) };
}

import type { Disconnected } from '../../domain/events/connection-events.ts';
import type { Sink } from '../../events/bus.ts';
import { breakSpan } from './break-span.ts';
import type { Incidents, PeerEnded } from './incidents.ts';

/** What the peers that Finrst holds go through. `ended`: an end may be part of something. */
export function heldEnds(incidents: Incidents, ended: () => void): Sink {
  return {
    peer(event) {
      switch (event.type) {
        case 'peerAdded':
        case 'peerChanged':
          if (event.facts.isHeld !== false) incidents.know(event.peer, event.facts);
          return;
        case 'peerRemoved':
        case 'peerHandedOver':
          return incidents.forget(event.peer.id);
        case 'groupAdded':
        case 'groupRemoved':
        case 'stateEntered':
        case 'announcementChanged':
          return;
      }
    },
    connection(event) {
      switch (event.type) {
        case 'connected':
          return incidents.connected(event.peer.id, event.remote, event.at);
        case 'disconnected':
          incidents.ended(endOf(event));
          return ended();
        case 'localClosed':
          return incidents.closed(event.peer.id);
        case 'explained':
          if (event.by === 'announced') incidents.announced(event.peer.id);
          return;
        case 'connectFailed':
          return;
      }
    },
  };
}

function endOf(event: Disconnected): PeerEnded {
  const { at, peer, announced, connectionId, class: endClass, reason, hint, durationMs, quietMs, trace } = event;
  return {
    peerId: peer.id,
    at,
    span: breakSpan(event),
    isAnnounced: announced !== undefined,
    connectionId,
    class: endClass,
    reason,
    hint: hint ?? null,
    // Whole numbers take no memory of their own.
    ageMs: Math.round(durationMs),
    silentMs: Math.round(quietMs),
    trace: trace ?? null,
  };
}

import type { PeerAdded, PeerChanged, PeerEvent } from '../events/peer-events.ts';
import type { PeerRef } from '../peer-ref.ts';

/** Names of observed groups, and what is kept of each. */
export type ObservedGroupSet = {
  has(group: string): boolean;
  add(group: string): void;
  delete(group: string): void;
};

/** What became of a peer, to those who know the peers of observed groups alone. */
export type ObservedPeerChange =
  /** It is one of them, perhaps it was before. */
  | { readonly kind: 'known'; readonly event: PeerAdded | PeerChanged }
  /** It is none of them any more, perhaps it was none before. */
  | { readonly kind: 'gone'; readonly peer: PeerRef }
  /** What is observed of it goes on as that of another one, whose `known` comes right behind. */
  | { readonly kind: 'replaced'; readonly peer: PeerRef; readonly by: PeerRef };

/** Keeps `groups` to those that are observed. Null: nothing became of any peer. */
export function followObserved(event: PeerEvent, groups: ObservedGroupSet): ObservedPeerChange | null {
  switch (event.type) {
    case 'groupAdded':
      if (event.isObserved === true) groups.add(event.group);
      else groups.delete(event.group);
      return null;
    case 'groupRemoved':
      groups.delete(event.group);
      return null;
    case 'peerAdded':
    case 'peerChanged':
      return groups.has(event.peer.group) ? { kind: 'known', event } : { kind: 'gone', peer: event.peer };
    case 'peerRemoved': {
      const { peer, replacedBy } = event;
      return replacedBy === undefined ? { kind: 'gone', peer } : { kind: 'replaced', peer, by: replacedBy };
    }
    case 'stateEntered':
    case 'announcementChanged':
    case 'peerHandedOver':
      return null;
  }
}

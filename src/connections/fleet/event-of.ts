import type { FinrstEvent } from '../../domain/events/finrst-event.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { EffectOf } from '../../domain/steps/connection-effect.ts';

type Reporting = EffectOf<'reportState' | 'emit' | 'reportAnnouncement' | 'reportHandedOver' | 'explain'>;

/** The event that an effect of the state machine is. `at` is wall-clock milliseconds; an event that is complete has its own. */
export function eventOf(effect: Reporting, peer: PeerRef, at: number): FinrstEvent {
  switch (effect.type) {
    case 'reportState':
      return { type: 'stateEntered', at, peer, from: effect.from, state: effect.state };
    case 'emit':
      return effect.event;
    case 'reportAnnouncement': {
      const { announced, isNew } = effect;
      return { type: 'announcementChanged', at, peer, announced, isNew, ...downOf(effect) };
    }
    case 'reportHandedOver':
      return { type: 'peerHandedOver', at, peer, ...downOf(effect) };
    case 'explain': {
      const { connectionId, class: endClass, reason } = effect.end;
      const { announced } = effect;
      return { type: 'explained', at, peer, connectionId, by: 'announced', announced, class: endClass, reason };
    }
  }
}

function downOf({ downMs }: { readonly downMs: number | null }): { readonly downMs?: number } {
  return downMs === null ? {} : { downMs };
}

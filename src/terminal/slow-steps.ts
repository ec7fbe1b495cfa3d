import type { Clock, Timer } from '../clock/clock.ts';
import type { ConnectionStateName } from '../domain/connection-state.ts';
import type { PeerEvent } from '../domain/events/peer-events.ts';
import type { PeerRef } from '../domain/peer-ref.ts';

/** A step that takes longer than this makes people wonder what it waits for. */
const SLOW_MS = 1000;

const WAITING_FOR: Readonly<Partial<Record<ConnectionStateName, string>>> = {
  resolving: 'still resolving the name',
  connecting: 'still connecting: no answer to the SYN so far',
  handshaking: 'connected, still waiting for the handshake',
};

export type SlowSteps = { readonly add: (event: PeerEvent) => void; readonly stop: () => void };

/** Reports once every step of an attempt that is slow; a quick one is not worth a line. */
export function createSlowSteps(clock: Pick<Clock, 'after'>, report: (peer: PeerRef, text: string) => void): SlowSteps {
  const timers = new Map<number, Timer>();
  return {
    add(event) {
      if (event.type !== 'stateEntered') return;
      timers.get(event.peer.id)?.cancel();
      timers.delete(event.peer.id);
      const text = WAITING_FOR[event.state];
      if (text !== undefined)
        timers.set(
          event.peer.id,
          clock.after(SLOW_MS, () => report(event.peer, text)),
        );
    },
    stop() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}

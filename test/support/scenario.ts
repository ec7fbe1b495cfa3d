import type { Socket } from 'node:net';
import { expect } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { type FakeClock, settled } from './fake-clock.ts';
import type { HeldFleet } from './held-fleet.ts';

/** A peer that answers our FIN with its own, as servers do. */
export const polite = (socket: Socket): void => void socket.resume().on('end', () => socket.end());

/** A peer that reads, and never sends a FIN of its own. */
export const stubborn = (socket: Socket): void => void socket.resume();

/** More turns of the event loop than anything that is waited for here can need. */
const TURNS = 10_000;

/** Lets sockets and due timers work until this holds. Fails when it never does. */
export async function until(clock: FakeClock, holds: () => boolean, stepMs = 0): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    expect(turns, 'turns of the event loop in which it did not happen').toBeLessThan(TURNS);
    clock.advance(stepMs);
    await settled();
  }
}

/** Time passes in steps too small to look like a stall of ours, and sockets work in between. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20) {
    clock.advance(Math.min(20, left));
    await settled();
  }
}

/** The state that was entered last, whichever peer entered it. */
export function stateOf(held: HeldFleet): string | undefined {
  return held.all('stateEntered').at(-1)?.state;
}

/** The connection id of each end: disconnects and local closes. */
export function endsOf(held: HeldFleet): string[] {
  return [...held.all('disconnected'), ...held.all('localClosed')].map(({ connectionId }) => connectionId);
}

/** Every connection that was established has ended, and each once. */
export function expectOneEndEach(held: HeldFleet): void {
  const established = held.all('connected').map(({ connectionId }) => connectionId);
  expect(endsOf(held).toSorted()).toEqual(established.toSorted());
}

/** Each peer's states form a chain that begins at null: who counts `+1 state, -1 from` never goes below zero. */
export function expectStatesToAddUp(events: readonly FinrstEvent[]): void {
  const current = new Map<number, string>();
  for (const event of events) {
    if (event.type !== 'stateEntered') continue;
    expect(event.from, `peer ${event.peer.id} entered ${event.state}`).toBe(current.get(event.peer.id) ?? null);
    current.set(event.peer.id, event.state);
  }
}

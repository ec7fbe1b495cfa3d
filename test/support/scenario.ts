import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Disconnected, LocalClosed } from '../../src/domain/events/connection-events.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { Kernel } from '../../src/os/sockets/kernel.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock, settled } from './fake-clock.ts';
import { type HeldFleet, holdPeers } from './held-fleet.ts';
import { startPeer } from './loopback-peer.ts';
import { peerSettings } from './peer-settings.ts';

/** One established connection, seen from both its sides, whose time a test moves. */
export type HeldScenario = {
  readonly clock: FakeClock;
  readonly held: HeldFleet;
  readonly remote: Remote;
  readonly ended: Ended;
};

/** The peer's side of the connection. */
export type Remote = {
  readonly socket: Socket;
  /** Resolves when the kernel has the bytes: they lie in our receive buffer, whether or not we read them. */
  write(bytes: string): Promise<void>;
  /** Sends a FIN, and resolves when the kernel has it. */
  end(): Promise<void>;
  /** Takes so many bytes from the socket, which must be one that does not flow. */
  read(bytes: number): Promise<Buffer>;
};

export type Ended = {
  readonly settled: boolean;
  /** The one end that the connection has or will have. */
  readonly event: Promise<Disconnected | LocalClosed>;
};

export type HeldScenarioOptions = {
  /** What the peer does with each accepted socket; by default it reads and sends nothing. */
  readonly behave?: (socket: Socket) => void;
  readonly kernel?: Kernel;
};

/**
 * A connection over loopback, established before any of its time has passed. After the test it is stopped, and no timer
 * may be left. A next connection comes only after half an hour.
 */
export async function heldConnection(
  settings: Partial<PeerSettings> = {},
  { behave, ...options }: HeldScenarioOptions = {},
): Promise<HeldScenario> {
  const clock = createFakeClock();
  const peer = await startPeer(behave);
  const reconnect = { initialMs: 3_600_000, maxMs: 3_600_000 };
  const held = await holdPeers([peerSettings(peer.port, { reconnect, ...settings })], {
    clock,
    random: () => 0.5,
    ...options,
  });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
    expect(clock.pending, 'timers left after the stop').toBe(0);
  });
  await until(clock, () => held.all('connected').length === 1);
  return { clock, held, remote: remoteOf(await peer.accepted()), ended: endedOf(held) };
}

function remoteOf(socket: Socket): Remote {
  return {
    socket,
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    end: () => new Promise((resolve) => socket.end(resolve)),
    async read(bytes) {
      for (;;) {
        const chunk = socket.read(bytes) as Buffer | null;
        if (chunk !== null) return chunk;
        await once(socket, 'readable');
      }
    },
  };
}

function endedOf(held: HeldFleet): Ended {
  const event = Promise.race([held.seen('disconnected'), held.seen('localClosed')]);
  return {
    event,
    get settled() {
      return endsOf(held).length > 0;
    },
  };
}

/** A peer that answers our FIN with its own, as servers do. */
export const polite = (socket: Socket): void => void socket.resume().on('end', () => socket.end());

/** A peer that reads, and never sends a FIN of its own. */
export const stubborn = (socket: Socket): void => void socket.resume();

/** More turns of the event loop than anything that is waited for here can need. */
const TURNS = 10_000;
/** Turns that nothing happens in are over within microseconds. After the first ones each tenth takes a millisecond, so that the disk, a hash or a busy machine has time as well. */
const QUICK_TURNS = 100;

/** Lets sockets and due timers work until this holds. Fails when it never does. */
export async function until(clock: FakeClock, holds: () => boolean, stepMs = 0): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    expect(turns, 'turns of the event loop in which it did not happen').toBeLessThan(TURNS);
    clock.advance(stepMs);
    await settled();
    if (turns > QUICK_TURNS && turns % 10 === 0) await sleep(1);
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

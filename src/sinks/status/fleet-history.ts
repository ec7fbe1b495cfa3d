import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { Sink } from '../../events/bus.ts';

/** One bar of the page. */
export const SLOT_MS = 300_000;
/** A rollout replaces one pod after the other, and waits for each to be ready. */
export const ROLLOUT_PAUSE_MS = 600_000;
/** A week. */
export const SLOTS = 2016;

/**
 * What is counted in each slot: ends by class, those in order that were announced apart, and the most peers that were down at
 * once; besides all ends that were announced, whatever their class, how often they began in a group, and our own closes.
 */
export const FLEET_COUNTS = [
  'error',
  'idle_timeout',
  'eof',
  'announced',
  'down',
  'expected',
  'rollouts',
  'local',
] as const;
export type FleetCount = (typeof FLEET_COUNTS)[number];

/** What happened to all peers together. */
export type FleetReading = {
  /** When it began to count, wall-clock milliseconds. */
  readonly since: number;
  readonly peers: number;
  readonly connected: number;
  /** Peers that should be connected and are not. */
  readonly down: number;
  /** The last slots, the oldest first; the last one is not over. `startsAt` in wall-clock milliseconds. */
  slots(count: number): readonly (Readonly<Record<FleetCount, number>> & { readonly startsAt: number })[];
};

/** Counts of all peers together in slots of 5 minutes, kept for a week: 65 KB, however many peers there are. */
export class FleetHistory {
  readonly #counts: Readonly<Record<FleetCount, Uint32Array>>;
  /** Peers by id, and whether each is down. */
  readonly #isDown = new Map<number, boolean>();
  /** When the last announced end came, by group. */
  readonly #expectedAt = new Map<string, number>();
  #connected = 0;
  #down = 0;
  #slot: number;
  readonly #since: number;

  readonly sink: Sink = {
    peer: (event) => this.#foldPeer(event),
    connection: (event) => this.#foldConnection(event),
  };

  /** @param now wall-clock milliseconds */
  constructor(now: number) {
    const empty = FLEET_COUNTS.map((count) => [count, new Uint32Array(SLOTS)]);
    this.#counts = Object.fromEntries(empty) as Record<FleetCount, Uint32Array>;
    this.#slot = Math.floor(now / SLOT_MS);
    this.#since = now;
  }

  /** @param now wall-clock milliseconds */
  read(now: number): FleetReading {
    this.#goTo(now);
    return {
      since: this.#since,
      peers: this.#isDown.size,
      connected: this.#connected,
      down: this.#down,
      slots: (count) => Array.from({ length: count }, (_, index) => this.#slotAt(this.#slot - count + 1 + index)),
    };
  }

  /** Written out, since a page reads two thousand of them at once. */
  #slotAt(slot: number): Readonly<Record<FleetCount, number>> & { readonly startsAt: number } {
    const at = (count: FleetCount): number => this.#counts[count][slot % SLOTS] ?? 0;
    return {
      startsAt: slot * SLOT_MS,
      error: at('error'),
      idle_timeout: at('idle_timeout'),
      eof: at('eof'),
      announced: at('announced'),
      down: at('down'),
      expected: at('expected'),
      rollouts: at('rollouts'),
      local: at('local'),
    };
  }

  #foldPeer(event: PeerEvent): void {
    switch (event.type) {
      case 'peerAdded':
        if (event.facts.isHeld === false) return;
        // It counts as down from its first failure on: before, nobody has tried.
        if (!this.#isDown.has(event.peer.id)) this.#isDown.set(event.peer.id, false);
        return;
      case 'peerRemoved':
        this.#setDown(event.peer.id, false, event.at);
        this.#isDown.delete(event.peer.id);
        return;
      case 'stateEntered':
        if (event.state === 'retired' || event.state === 'stopped') this.#setDown(event.peer.id, false, event.at);
        return;
      case 'groupRemoved':
        this.#expectedAt.delete(event.group);
        return;
      case 'groupAdded':
      case 'peerChanged':
      case 'announcementChanged':
      case 'peerHandedOver':
        return;
    }
  }

  #foldConnection(event: ConnectionEvent): void {
    switch (event.type) {
      case 'connected':
        this.#connected++;
        this.#setDown(event.peer.id, false, event.at);
        return;
      case 'connectFailed':
        this.#setDown(event.peer.id, true, event.at);
        return;
      case 'disconnected': {
        this.#connected--;
        const isAnnounced = event.announced !== undefined;
        this.#count(event.class === 'eof' && isAnnounced ? 'announced' : event.class, event.at);
        if (isAnnounced) this.#countExpected(event);
        this.#setDown(event.peer.id, true, event.at);
        return;
      }
      case 'localClosed':
        this.#connected--;
        this.#count('local', event.at);
        return;
      case 'explained':
        if (event.by === 'announced') this.#countExpected(event);
        return;
    }
  }

  /** Announced ends of a group follow one another in a rollout; one that comes after a pause begins another. */
  #countExpected({ peer: { group }, at }: Pick<ConnectionEvent, 'peer' | 'at'>): void {
    this.#count('expected', at);
    if (at - (this.#expectedAt.get(group) ?? -Infinity) > ROLLOUT_PAUSE_MS) this.#count('rollouts', at);
    this.#expectedAt.set(group, at);
  }

  #setDown(id: number, isDown: boolean, at: number): void {
    const before = this.#isDown.get(id);
    if (before === undefined || before === isDown) return;
    this.#isDown.set(id, isDown);
    this.#down += isDown ? 1 : -1;
    this.#goTo(at);
    const { down } = this.#counts;
    down[this.#slot % SLOTS] = Math.max(down[this.#slot % SLOTS] ?? 0, this.#down);
  }

  #count(count: FleetCount, at: number): void {
    this.#goTo(at);
    const counts = this.#counts[count];
    counts[this.#slot % SLOTS] = (counts[this.#slot % SLOTS] ?? 0) + 1;
  }

  /** Empties the slots that begin up to now. A clock that is set back goes on with the slot that it was in. */
  #goTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const first = Math.max(this.#slot + 1, slot - SLOTS + 1);
    for (let next = first; next <= slot; next++) {
      for (const count of FLEET_COUNTS) this.#counts[count][next % SLOTS] = count === 'down' ? this.#down : 0;
    }
    this.#slot = Math.max(this.#slot, slot);
  }
}

import type { Disconnected } from '../../src/domain/events/connection-events.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { Hint } from '../../src/domain/hint.ts';
import { SilenceTracker } from '../../src/domain/silences.ts';
import type { TcpSample } from '../../src/domain/tcp-sample.ts';
import { EndHints } from '../../src/insight/end-hints.ts';
import { connectedEvent, disconnectedEvent } from './sample-finrst-events.ts';

/** How a connection comes to its end. */
export type SimulatedEnd = 'fin' | 'reset' | 'pathDead';

/** What one connection will do, in milliseconds from its beginning. */
export type SimulatedLife = {
  /** When payload passes, in order. */
  readonly payloadAt: readonly number[];
  /** The keepalive idle time in force; null: off. */
  readonly keepaliveMs: number | null;
  /** When the peer, or a box, ends it; of `pathDead` when the path goes, which is found later. Infinity: it outlives the test. */
  readonly endsAt: number;
  readonly end: SimulatedEnd;
  /** No packet of the connection comes through after so long a silence of packets; absent: any does. */
  readonly forgottenAfterMs?: number;
};

/** Probes that are not answered, 3 of them 10 s apart. */
const PROBING_MS = 30_000;
const SAMPLE_MS = 15_000;

type Packet = { readonly at: number; readonly isPayload: boolean };

/** One connection, played against the code that follows the silences of a real one. */
class Connection {
  readonly endedAt: number;
  readonly #life: SimulatedLife;
  readonly #startedAt: number;
  readonly #packets: readonly Packet[];
  readonly #tracker: SilenceTracker;
  readonly #end: SimulatedEnd;
  #next = 0;
  #packetAt: number;
  #payloadAt: number;

  constructor(startedAt: number, life: SimulatedLife) {
    this.#life = life;
    this.#startedAt = startedAt;
    this.#tracker = new SilenceTracker(startedAt);
    this.#packetAt = startedAt;
    this.#payloadAt = startedAt;
    const { packets, isForgotten } = packetsOf(startedAt, life);
    this.#packets = packets;
    const lastAt = packets.at(-1)?.at ?? startedAt;
    const isDead = isForgotten || life.end === 'pathDead';
    this.#end = isDead ? 'pathDead' : life.end;
    this.endedAt = isDead ? lastAt + (life.keepaliveMs ?? Infinity) + PROBING_MS : startedAt + life.endsAt;
  }

  sample(at: number): FinrstEvent {
    for (let next = this.#packets[this.#next]; next !== undefined && next.at <= at; next = this.#packets[this.#next]) {
      if (next.isPayload) {
        this.#tracker.received(next.at);
        this.#payloadAt = next.at;
      }
      this.#packetAt = next.at;
      this.#next += 1;
    }
    this.#tracker.looked(at, this.#packetAt);
    const { peer } = connectedEvent;
    return { type: 'sampled', at, peer, tcp: this.#tcp(at), newRetransmits: 0, silences: this.#tracker.take(at) };
  }

  ended(): Disconnected {
    const at = this.endedAt;
    const { keepaliveMs } = this.#life;
    const payloadQuietMs = at - this.#payloadAt;
    const packetQuietMs = at - this.#packetAt;
    const facts = {
      at,
      durationMs: at - this.#startedAt,
      payloadQuietMs,
      tcp: this.#tcp(at),
      ...(keepaliveMs === null ? {} : { keepaliveIdleMs: keepaliveMs }),
    };
    switch (this.#end) {
      case 'fin':
        return { ...disconnectedEvent, ...facts, class: 'eof', reason: 'fin', quietMs: payloadQuietMs };
      case 'reset':
        return { ...disconnectedEvent, ...facts, class: 'error', reason: 'reset', quietMs: packetQuietMs };
      case 'pathDead': {
        const quietMs = keepaliveMs ?? packetQuietMs;
        return { ...disconnectedEvent, ...facts, class: 'error', reason: 'keepalive_timeout', quietMs };
      }
    }
  }

  #tcp(at: number): TcpSample {
    const counts = { totalRetransmits: 0, pendingRetransmits: 0, pendingProbes: 0, outstandingBytes: 0 };
    return { state: 'established', rttMs: 1, minRttMs: 1, ...counts, silenceMs: at - this.#packetAt };
  }
}

/** The packets that pass: payload as planned, and probes after each idle time. */
function packetsOf(startedAt: number, life: SimulatedLife): { packets: readonly Packet[]; isForgotten: boolean } {
  const { payloadAt, keepaliveMs, endsAt, forgottenAfterMs = Infinity } = life;
  const packets: Packet[] = [];
  let lastAt = 0;
  let planned = 0;
  while (packets.length < 100_000) {
    const payload = payloadAt[planned] ?? Infinity;
    const probe = keepaliveMs === null ? Infinity : lastAt + keepaliveMs;
    const at = Math.min(payload, probe);
    // What comes after the path has forgotten, a FIN of the peer included, does not come through.
    if (Math.min(at, endsAt) - lastAt >= forgottenAfterMs) return { packets, isForgotten: true };
    if (at >= endsAt || at === Infinity) return { packets, isForgotten: false };
    packets.push({ at: startedAt + at, isPayload: payload <= probe });
    if (payload <= probe) planned += 1;
    lastAt = at;
  }
  return { packets, isForgotten: false };
}

export type SimulatedGroup = {
  readonly peers: number;
  readonly ends: number;
  /** What the next connection of a peer will do. */
  readonly nextLife: () => SimulatedLife;
  /** The wait between two connections of a peer. */
  readonly nextWaitMs: () => number;
};

/**
 * Plays a group until so many of its connections have ended. Each living connection is sampled as often as a real one. Answers
 * the hint of each end, in order; null: it had none.
 */
export function hintsOf({ peers, ends, nextLife, nextWaitMs }: SimulatedGroup): readonly (Hint | null)[] {
  const hints = new EndHints(() => 0);
  const { group } = connectedEvent.peer;
  hints.complete({ type: 'groupAdded', at: 0, group, tls: false, expectsAnswer: false, canAnnounce: false });
  const held = Array.from({ length: peers }, () => new Connection(Math.floor(nextWaitMs()), nextLife()));
  const given: (Hint | null)[] = [];
  let sampledAt = 0;
  while (given.length < ends) {
    const { endedAt: at } = held.reduce((one, other) => (other.endedAt < one.endedAt ? other : one));
    // Samples that nothing happened between tell no more than the last of them.
    if (at - sampledAt >= SAMPLE_MS) {
      sampledAt = at;
      for (const each of held) hints.complete(each.sample(at));
    }
    const index = held.findIndex(({ endedAt }) => endedAt === at);
    const connection = held[index];
    if (connection === undefined || at === Infinity) return given;
    hints.complete(connection.sample(at));
    const event = hints.complete(connection.ended());
    given.push(event.type === 'disconnected' ? (event.hint ?? null) : null);
    held[index] = new Connection(at + nextWaitMs(), nextLife());
  }
  return given;
}

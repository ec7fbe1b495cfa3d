import type { Attempt, Injection } from './injector.ts';
import type { LoopStalls } from './loop-stalls.ts';
import type { Reloads } from './reload.ts';
import type { SoakPeer } from './soak-groups.ts';
import { Tally } from './tally.ts';

/** A line of the journal about an attempt or a connection. */
export type JournalLine = {
  readonly time: string;
  readonly type: 'connected' | 'connect_failed' | 'disconnected' | 'local_closed';
  readonly group: string;
  readonly peer: string;
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly local?: string;
  readonly errno?: string;
};

export type VerifierOptions = {
  readonly peers: readonly SoakPeer[];
  readonly port: number;
  readonly reloads: Reloads;
  readonly stalls: LoopStalls;
};

/** What is known of one peer. */
type Slot = {
  readonly peer: SoakPeer;
  /** Connections that reached it and that the journal has not named yet, in order. */
  waiting: Attempt[];
  held: { readonly id: string; readonly attempt: Attempt } | null;
};

/** Event times are cut off to the millisecond, and the record is written before the deed. */
const CLOCKS_MS = 2;
/** A fault and another cause this near may be seen in either order. */
const NEAR_MS = 1000;
/** The injector's own stalls count when they lie within the longest deadline before an end. */
const LONGEST_DEADLINE_MS = 3000;
const SILENCES = new Set([
  'idle_timeout/no_reply',
  'idle_timeout/no_data',
  'connect protocol/timeout',
  'connect tls/timeout',
  'error/retransmit_timeout',
  'idle_timeout/write_stalled',
]);

/** Holds the journal against the injector's record, line by line: each attempt and each end once, after its cause, under its word. */
export class Verifier {
  readonly tally = new Tally();
  readonly #options: VerifierOptions;
  readonly #slots: ReadonlyMap<string, Slot>;
  #isStopping = false;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#slots = new Map(
      options.peers.map((peer) => [
        `${peer.group.name} ${peer.address}:${options.port}`,
        { peer, waiting: [], held: null },
      ]),
    );
  }

  /** To be called in the order in which a peer's connections were accepted. */
  accepted(attempt: Attempt): void {
    this.#slotOf(attempt.peer).waiting.push(attempt);
  }

  /** From now on each connection that ends by `shutdown` ends rightly. */
  stopping(): void {
    this.#isStopping = true;
  }

  /** To be called in the order of the journal, and not before the record has all that happened until then. */
  check(line: JournalLine): void {
    const slot = this.#slots.get(`${line.group} ${line.peer}`);
    if (slot === undefined) return this.tally.fault(`${line.type} of a peer that is not there: ${line.peer}`);
    switch (line.type) {
      case 'connected':
        return this.#connected(slot, line);
      case 'connect_failed':
        return this.#failed(slot, line);
      case 'disconnected':
      case 'local_closed':
        return this.#ended(slot, line);
    }
  }

  /** Peers that are not held by exactly one healthy connection of which everything is known. */
  unsettled(): readonly string[] {
    return [...this.#slots.values()]
      .filter(({ waiting, held }) => waiting.length > 0 || held === null || held.attempt.injected !== null)
      .map((slot) => `${nameOf(slot)}: ${describe(slot)}`);
  }

  /** What the journal never said, once the daemon has left. */
  finish(): void {
    for (const slot of this.#slots.values()) {
      this.#dropGivenUp(slot, slot.waiting.length);
      if (slot.held !== null) this.tally.fault(`${nameOf(slot)}: connection ${slot.held.id} has no end`);
    }
  }

  #slotOf(peer: SoakPeer): Slot {
    const slot = this.#slots.get(`${peer.group.name} ${peer.address}:${this.#options.port}`);
    if (slot === undefined) throw new TypeError(`no peer ${peer.address}`);
    return slot;
  }

  #connected(slot: Slot, { local = '', connection_id: id }: JournalLine): void {
    const localPort = Number(local.slice(local.lastIndexOf(':') + 1));
    const n = slot.waiting.findIndex((attempt) => attempt.localPort === localPort);
    if (slot.held !== null) this.tally.fault(`${nameOf(slot)}: ${id} begins while ${slot.held.id} is held`);
    this.tally.connected(slot.peer);
    const attempt = slot.waiting[n];
    if (attempt === undefined) return this.tally.fault(`${nameOf(slot)}: ${id} reached nobody`);
    this.#dropGivenUp(slot, n);
    slot.waiting.shift();
    slot.held = { id, attempt };
  }

  #failed(slot: Slot, line: JournalLine): void {
    const word = `connect ${line.phase}/${line.reason}`;
    this.tally.counted(slot.peer, word);
    let n = 0;
    // An attempt that a reload made the daemon give up leaves no line.
    while (wordOf(slot.waiting[n]) !== word && this.#isGivenUp(slot.waiting[n])) n++;
    this.#dropGivenUp(slot, n);
    const attempt = slot.waiting.shift();
    if (attempt === undefined) return this.tally.fault(`${nameOf(slot)}: ${word} of an attempt that reached nobody`);
    this.#judge(attempt, word, line);
  }

  #ended(slot: Slot, line: JournalLine): void {
    const word = line.type === 'local_closed' ? `local/${line.reason}` : `${line.class}/${line.reason}`;
    this.tally.counted(slot.peer, word);
    const { held } = slot;
    if (held?.id !== line.connection_id)
      return this.tally.fault(`${nameOf(slot)}: ${word} of ${line.connection_id}, which is not held`);
    slot.held = null;
    this.#judge(held.attempt, word, line);
    held.attempt.victim.socket.destroy();
  }

  #judge(attempt: Attempt, word: string, line: JournalLine): void {
    const at = Date.parse(line.time);
    // The daemon ended it first; the injector, held up, had not seen that yet.
    const injected = attempt.injected !== null && attempt.injected.at <= at + CLOCKS_MS ? attempt.injected : null;
    const expected = injected === null ? 'nothing was done' : `${injected.fault.name}, expected ${injected.fault.word}`;
    const name = `${attempt.peer.group.name} ${attempt.peer.address}`;
    const what = `${name}: ${expected}: ${word}${line.errno === undefined ? '' : ` (${line.errno})`} at ${line.time}`;
    if (injected?.fault.word === word) return this.tally.right(injected.fault, at - injected.at);
    if (this.#isOwnClose(attempt, injected, { word, at })) {
      const late = injected === null ? -Infinity : at - injected.at - injected.fault.patienceMs;
      return late >= -NEAR_MS ? this.tally.pair(what) : this.tally.localClose(word);
    }
    const began = at - LONGEST_DEADLINE_MS;
    if (injected === null && SILENCES.has(word) && this.#options.stalls.between(began, at))
      return this.tally.excused(what);
    this.tally.fault(what);
  }

  #isOwnClose(
    { peer, acceptedAt }: Attempt,
    injected: Injection | null,
    { word, at }: { readonly word: string; readonly at: number },
  ): boolean {
    if (!word.startsWith('local/')) return false;
    const reason = word.slice('local/'.length);
    // What was done before would have ended it, had the close not come first.
    if (injected !== null && at > injected.at + injected.fault.patienceMs + NEAR_MS) return false;
    if (reason === 'max_age') return peer.group.ages;
    if (reason === 'shutdown') return this.#isStopping;
    const { reloads } = this.#options;
    // An attempt goes on with the settings that it began with, and what it opens is closed at once.
    return reloads.closed(peer, reason, at) || (reason === 'reconfigured' && reloads.isNear(peer, acceptedAt));
  }

  #isGivenUp(attempt: Attempt | undefined): boolean {
    if (attempt === undefined) return false;
    const { peer, injected, closedAt } = attempt;
    const near = [injected?.at, closedAt].filter((at) => typeof at === 'number');
    return this.#isStopping || near.some((at) => this.#options.reloads.isNear(peer, at));
  }

  #dropGivenUp(slot: Slot, count: number): void {
    for (const attempt of slot.waiting.splice(0, count)) {
      const what = `${nameOf(slot)}: an attempt from port ${attempt.localPort} (${wordOf(attempt) ?? 'nothing was done'})`;
      if (!this.#isGivenUp(attempt)) this.tally.fault(`${what} left no line`);
      else if (attempt.injected === null) this.tally.givenUp();
      else this.tally.pair(`${what} was given up at a reload`);
      attempt.victim.socket.destroy();
    }
  }
}

function wordOf(attempt: Attempt | undefined): string | undefined {
  return attempt?.injected?.fault.word;
}

function nameOf({ peer }: Slot): string {
  return `${peer.group.name} ${peer.address}`;
}

function describe({ waiting, held }: Slot): string {
  const attempts = waiting.map((attempt) => wordOf(attempt) ?? 'healthy').join(', ');
  const connection = held === null ? 'none' : (wordOf(held.attempt) ?? 'healthy');
  return `held: ${connection}; attempts without a line: ${attempts === '' ? 'none' : attempts}`;
}

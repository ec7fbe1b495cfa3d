import type { Fault } from './fault.ts';
import type { SoakPeer } from './soak-groups.ts';

/** Kept in full: a right run has none, and a wrong one soon has enough. */
const MOST_FAULTS = 20_000;
const CLASSES = ['eof', 'error', 'idle_timeout'];

/** What the journal said, and how it agreed with the record. */
export class Tally {
  /** By fault: how often it was seen and called by its word. */
  readonly rightly = new Map<string, number>();
  readonly localCloses = new Map<string, number>();
  /** One sentence for each time that a fault and a close of our own met. */
  readonly pairs: string[] = [];
  /** Ends in a silence that was the injector's own, when it was held up. */
  readonly excuses: string[] = [];
  readonly faults: string[] = [];
  /** From the deed to the event, of faults that are seen at once. */
  readonly delaysMs: number[] = [];
  /** By `GROUP WORD`, and by `GROUP connected`. */
  readonly byGroup = new Map<string, number>();
  /** By `GROUP ADDRESS CLASS`. */
  readonly byPeer = new Map<string, number>();
  givenUpAttempts = 0;
  #ends = 0;
  #miscounted = 0;

  /** Disconnects and failed attempts that were held against the record. */
  get ends(): number {
    return this.#ends;
  }

  get miscounted(): number {
    return this.#miscounted;
  }

  connected({ group }: SoakPeer): void {
    add(this.byGroup, `${group.name} connected`);
  }

  /** Whether it is right or not: the metrics count it, too. */
  counted({ group, address }: SoakPeer, word: string): void {
    add(this.byGroup, `${group.name} ${word}`);
    const [endClass = ''] = word.split('/');
    if (CLASSES.includes(endClass)) add(this.byPeer, `${group.name} ${address} ${endClass}`);
    if (!word.startsWith('local/')) this.#ends += 1;
  }

  right(fault: Fault, delayMs: number): void {
    add(this.rightly, `${fault.name} → ${fault.word}`);
    if (fault.patienceMs === 0) this.delaysMs.push(delayMs);
  }

  localClose(word: string): void {
    add(this.localCloses, word);
  }

  pair(what: string): void {
    this.pairs.push(what);
  }

  excused(what: string): void {
    this.excuses.push(what);
  }

  givenUp(): void {
    this.givenUpAttempts += 1;
  }

  fault(what: string): void {
    this.#miscounted += 1;
    if (this.faults.length < MOST_FAULTS) this.faults.push(what);
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

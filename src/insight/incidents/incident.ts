import type { DisconnectReason } from '../../domain/disconnect.ts';
import type { CommonFacts } from '../../domain/events/incident-event.ts';
import { EndsFacts } from './ends-facts.ts';
import type { Finding } from './judge.ts';
import type { Scope } from './scope.ts';
import type { CountedEnd } from './known-peer.ts';
import type { IncidentScope } from '../../domain/incident-scope.ts';

/** Ends are found one after the other. Nothing is published while more may come: so long after the last one ... */
const SETTLE_MS = 2000;
/** ... and, where silence was found by timers, until those of the others are due: they are drawn from 0.8 to 1 of a setting. */
const LONGEST_TIMER = 1.25;
/** But not longer than this: the kernel gives up on unacknowledged data after a quarter of an hour. */
const MOST_SETTLE_MS = 90_000;
/** Without a further end for so long it is over, whoever is still down. */
const QUIET_MS = 900_000;
/** Further ends of its peers belong to it for so long after it was over. */
export const AFTERMATH_MS = 600_000;
/** Of its peers, back or gone from the configuration. */
const RECOVERED_SHARE = 0.9;

/** Spans of its ends that it links to: a span with more links is cut by most collectors. */
export const MOST_TRACES = 100;

/** `forming`: it may still turn out to be another one, and is not published. */
export type IncidentPhase = 'forming' | 'running' | 'over';

/** What an incident knows of its ends without going through them. */
export type EndsSummary = {
  readonly count: number;
  readonly reasons: Readonly<Partial<Record<DisconnectReason, number>>>;
  /** Between the first and the last time one was found. Milliseconds. */
  readonly foundWithinMs: number;
  /** Some were found only after a silence. */
  readonly areSilent: boolean;
  readonly common: CommonFacts;
};

/** Ends looked at between two yields: well under a millisecond. */
export const STEP = 250;

/** One cause: the ends that it explains, and which of the peers are down since. Times are wall-clock milliseconds. */
export class Incident {
  readonly id: string;
  scope: IncidentScope;
  also: readonly IncidentScope[];
  contrast: Finding['contrast'];
  judged: Finding['judged'];
  phase: IncidentPhase = 'forming';
  overAt: number | null = null;
  /** While it is over: the incident that it turned out to be a part of; null: none. */
  wholeId: string | null = null;
  /** By peer. */
  readonly ends = new Map<number, CountedEnd>();
  readonly #down = new Set<number>();
  /** Those that ended again since it was over. */
  readonly #again = new Set<number>();
  #facts = new EndsFacts();
  /** It has another end of a peer than before. */
  #areFactsStale = false;
  #unexplained: CountedEnd[] = [];
  #of: number;
  readonly #firstAt: number;
  #lastEndAt: number;
  #publishedEnds = 0;
  #publishedScope: IncidentScope | null = null;
  /** It was published with the ends that had come since it last was. */
  #isComplete = false;

  constructor(id: string, { scope, also, of, contrast, judged }: Finding, now: number) {
    this.id = id;
    this.scope = scope;
    this.also = also;
    this.#of = of;
    this.contrast = contrast;
    this.judged = judged;
    this.#firstAt = now;
    this.#lastEndAt = now;
  }

  /** When the connections can have broken: after the last sign of life of all that fell silent, else at the first moment. */
  get began(): number {
    return this.#facts.began;
  }

  /** Peers of the scope that count; never fewer than those that ended. */
  get of(): number {
    return Math.max(this.#of, this.ends.size);
  }

  get stillDown(): number {
    return this.#down.size;
  }

  /** After which time half of its peers were connected again, in milliseconds; null: they were not. 15,000 take a millisecond. */
  get halfBackMs(): number | null {
    const half = Math.ceil(this.ends.size / 2) - 1;
    const times = new Float64Array(this.ends.size);
    let known = 0;
    for (const { backMs } of this.ends.values()) if (backMs !== null) times[known++] = backMs;
    return known > half ? (times.subarray(0, known).sort()[half] ?? null) : null;
  }

  get summary(): EndsSummary {
    return {
      count: this.ends.size,
      reasons: this.#facts.reasons,
      foundWithinMs: this.#facts.foundWithinMs,
      areSilent: this.#facts.longestSilenceMs > 0,
      common: this.#facts.common,
    };
  }

  /** What was found last. Ends that it had before and that were not found again stay its own. Yields after small pieces. */
  *take({ scope, also, ends, of, contrast, judged }: Finding, now: number): Generator<void, void> {
    this.scope = scope;
    this.also = also;
    this.contrast = contrast;
    this.judged = judged;
    this.#of = of;
    for (let index = 0; index < ends.length; index++) {
      if (index % STEP === 0) yield;
      const end = ends[index];
      if (end !== undefined) this.#add(end, now);
    }
  }

  /**
   * Lets go of ends that another incident of these explains by now, and of those outside of the scope. Yields after small
   * pieces.
   */
  *letGo(published: ReadonlyMap<string, Incident>): Generator<void, void> {
    const gone: CountedEnd[] = [];
    let index = 0;
    for (const end of this.ends.values()) {
      if (index++ % STEP === 0) yield;
      if (this.#isOfAnother(end, published) || !this.#covers(end)) gone.push(end);
    }
    for (const end of gone) this.#remove(end);
    if (gone.length === 0 && !this.#areFactsStale) return;
    this.#areFactsStale = false;
    this.#publishedEnds = Math.min(this.#publishedEnds, this.ends.size);
    // In one piece, so that nobody sees half of it: 15,000 take a millisecond.
    this.#facts = new EndsFacts();
    for (const end of this.ends.values()) this.#facts.add(end);
  }

  /** A peer of it ended again. */
  endedAgain(peer: number, now: number): void {
    this.#lastEndAt = now;
    this.#down.add(peer);
    if (this.phase === 'over') this.#again.add(peer);
  }

  /** A peer is connected again, or no longer known. */
  recovered(peer: number): void {
    this.#down.delete(peer);
  }

  /** Whether it is time to publish it, since nothing is to be expected any more. */
  isSettled(now: number): boolean {
    return now - this.#firstAt >= MOST_SETTLE_MS || this.#areAllDue(now);
  }

  /** Whether the timers of all that fell silent with it have fired, and the last end is some time ago. */
  #areAllDue(now: number): boolean {
    const areTimersDue = now - this.began >= this.#facts.longestSilenceMs * LONGEST_TIMER;
    return areTimersDue && now - this.#lastEndAt >= SETTLE_MS;
  }

  run(): void {
    this.phase = 'running';
    this.overAt = null;
    this.#again.clear();
  }

  /** @param wholeId the incident that it turned out to be a part of; null: none */
  end(now: number, wholeId: string | null): void {
    this.phase = 'over';
    this.overAt = now;
    this.wholeId = wholeId;
  }

  isOver(now: number): boolean {
    return this.stillDown <= this.ends.size * (1 - RECOVERED_SHARE) || now - this.#lastEndAt >= QUIET_MS;
  }

  /** Whether so many of its peers ended again since it was over that they alone are an incident of its scope. */
  hitsAgain(): boolean {
    return this.#again.size >= 3 && this.#again.size * 3 >= this.of;
  }

  /**
   * Whether its ends have doubled, or its scope is another one, since this was last true; and once more when no more are to be
   * expected, since "46 of 60" says that 14 live.
   */
  hasGrown(now: number): boolean {
    const wasScope = this.#publishedScope !== null && isSameScope(this.#publishedScope, this.scope);
    const hasDoubled = this.ends.size >= 2 * this.#publishedEnds;
    const isFinal = !this.#isComplete && this.ends.size > this.#publishedEnds && this.#areAllDue(now);
    if (wasScope && !hasDoubled && !isFinal) return false;
    this.#isComplete = wasScope && !hasDoubled;
    this.#publishedEnds = this.ends.size;
    this.#publishedScope = this.scope;
    return true;
  }

  /** Whether ends of the same moment came after it was over: more than it was published with, and most of the peers are down. */
  isLarger(now: number): boolean {
    return this.ends.size > this.#publishedEnds && !this.isOver(now);
  }

  /** The one of these that explains most of its ends by now; null: there is none, or they are most of all its own. */
  *partOf(published: ReadonlyMap<string, Incident>): Generator<void, Incident | null> {
    const counts = new Map<string, number>();
    let others = 0;
    let index = 0;
    for (const end of this.ends.values()) {
      if (index++ % STEP === 0) yield;
      if (!this.#isOfAnother(end, published)) continue;
      others += 1;
      counts.set(end.incident ?? '', (counts.get(end.incident ?? '') ?? 0) + 1);
    }
    const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
    return others * 2 > this.ends.size ? (published.get(most?.[0] ?? '') ?? null) : null;
  }

  #covers({ scopes, prefix }: CountedEnd): boolean {
    const isOwn = ({ name }: Scope): boolean => isSameScope(name, this.scope);
    return scopes.some(isOwn) || (prefix !== null && isOwn(prefix));
  }

  #isOfAnother({ incident }: CountedEnd, published: ReadonlyMap<string, Incident>): boolean {
    return incident !== null && incident !== this.id && published.has(incident);
  }

  /** Its ends that no incident has explained: each is explained once. */
  takeUnexplained(): readonly CountedEnd[] {
    const taken = this.#unexplained;
    this.#unexplained = [];
    const own = taken.filter(({ incident, isExplained }) => incident === this.id && !isExplained);
    for (const end of own) end.isExplained = true;
    return own;
  }

  #add(end: CountedEnd, now: number): void {
    const { ref, establishedAt } = end.peer;
    end.incident = this.id;
    const before = this.ends.get(ref.id);
    if (before === end) return;
    if (before !== undefined) this.#areFactsStale = true;
    this.ends.set(ref.id, end);
    if (this.ends.size > MOST_TRACES) end.trace = null;
    this.#unexplained.push(end);
    this.#lastEndAt = now;
    if (establishedAt === null) this.#down.add(ref.id);
    this.#facts.add(end);
  }

  #remove(end: CountedEnd): void {
    const { id } = end.peer.ref;
    this.ends.delete(id);
    this.#down.delete(id);
    this.#again.delete(id);
    if (end.incident === this.id) end.incident = null;
  }
}

function isSameScope(one: IncidentScope, other: IncidentScope): boolean {
  return one.kind === other.kind && one.value === other.value;
}

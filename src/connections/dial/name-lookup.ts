import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import type { IpFamily } from '../../settings/peer-settings.ts';
import { descriptorShortage } from './descriptor-shortage.ts';
import { HostsFile } from './hosts-file.ts';
import { type LookupRank, LookupQueue } from './lookup-queue.ts';

export type LookupAnswer =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string };

/** A look-up that has no answer yet. */
export type PendingLookup = {
  /** How long it waited for a place before it began, so far or in all: no resolver was asked in that time. */
  waitedMs(): number;
  hasBegun(): boolean;
  /** Nobody waits for the answer any more. The look-up goes on, keeps its place, and may serve the next attempt. */
  cancel(): void;
};

/**
 * Calls back once with every address of the name, in the order the resolver gave; at once, and then nothing is pending,
 * where no resolver has to be asked.
 */
export type NameLookup = (
  host: string,
  family: IpFamily,
  callback: (answer: LookupAnswer) => void,
) => PendingLookup | undefined;

/** Asks the resolver of the host. */
export type Resolve = (host: string, family: IpFamily, callback: (answer: LookupAnswer) => void) => void;

export type NameLookupOptions = {
  readonly clock: Clock;
  /** Look-ups that may run at a time. */
  readonly places: number;
  /** Tests hand in a resolver and a hosts file of their own. */
  readonly resolve?: Resolve;
  readonly hostsFile?: string;
};

/** A name whose last look-up took longer waits for those that answer. */
const SLOW_MS = 1000;
/** An answer that nobody waited for any more serves an attempt that comes within this time. */
const LATE_ANSWER_MS = 60_000;
/** A look-up that waits and that nobody asked for since this long is not begun: its peer is gone. Beyond any usual backoff. */
const FORGOTTEN_MS = 300_000;
/** Names whose last look-up is remembered; the oldest are forgotten first. More than any fleet has. */
const REMEMBERED_NAMES = 100_000;

/** Left to others that look names up, the collector of spans for one. */
const OTHERS_PLACES = 2;

/**
 * Places for look-ups, given the size of libuv's thread pool as UV_THREADPOOL_SIZE has it. libuv lets look-ups use half of
 * its threads (4 unless set, uv__slow_work_thread_threshold), and queues further ones without regard to who they are for.
 */
export function lookupPlaces(threadPoolSize: string | undefined): number {
  const threads = Math.min(1024, Number.parseInt(threadPoolSize ?? '4', 10) || 1);
  const half = Math.floor((threads + 1) / 2);
  return half > 2 * OTHERS_PLACES ? half - OTHERS_PLACES : half;
}

/** One look-up for all that asked for this name. */
type Running = {
  readonly key: string;
  readonly host: string;
  readonly family: IpFamily;
  /** When somebody asked for it last. */
  wantedAt: number;
  begunAt: number | null;
  readonly callbacks: Set<(answer: LookupAnswer) => void>;
};

/**
 * Resolves as the host does (getaddrinfo: hosts file, search domains). Look-ups of one name at the same time are one, and a
 * name that has answered does not wait for names that hang (LookupQueue). A literal address needs no look-up.
 */
export function createNameLookup(options: NameLookupOptions): NameLookup {
  const lookups = new NameLookups(options);
  return (host, family, callback) => lookups.request(host, family, callback);
}

class NameLookups {
  readonly #clock: Clock;
  readonly #resolve: Resolve;
  readonly #hosts: HostsFile;
  readonly #queue: LookupQueue<Running>;
  /** Waiting and running ones by key. */
  readonly #current = new Map<string, Running>();
  /** How the last look-up of a name went. */
  readonly #history = new Map<string, LookupRank>();
  /** In the order of their time. */
  readonly #lateAnswers = new Map<string, { readonly answer: LookupAnswer; readonly until: number }>();

  constructor({ clock, places, resolve = resolveByHost, hostsFile }: NameLookupOptions) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#queue = new LookupQueue(places);
    this.#hosts = new HostsFile(clock, () => this.#hostsChanged(), hostsFile);
  }

  request(host: string, family: IpFamily, callback: (answer: LookupAnswer) => void): PendingLookup | undefined {
    if (isIP(host) !== 0) {
      callback({ kind: 'found', addresses: [host] });
      return undefined;
    }
    const key = `${family} ${host}`;
    const late = this.#takeLateAnswer(key);
    if (late !== null) {
      callback(late);
      return undefined;
    }
    this.#hosts.refresh();
    const running = this.#current.get(key) ?? this.#enqueue(key, host, family);
    running.wantedAt = this.#clock.monotonic();
    running.callbacks.add(callback);
    this.#begin();
    return this.#pendingFor(running, callback);
  }

  #enqueue(key: string, host: string, family: IpFamily): Running {
    const now = this.#clock.monotonic();
    const running: Running = { key, host, family, wantedAt: now, begunAt: null, callbacks: new Set() };
    this.#current.set(key, running);
    this.#queue.add(running, this.#rankOf(running));
    return running;
  }

  #pendingFor(running: Running, callback: (answer: LookupAnswer) => void): PendingLookup {
    const askedAt = this.#clock.monotonic();
    return {
      waitedMs: () => Math.max(0, (running.begunAt ?? this.#clock.monotonic()) - askedAt),
      hasBegun: () => running.begunAt !== null,
      cancel: () => void running.callbacks.delete(callback),
    };
  }

  /** Begins what may begin. */
  #begin(): void {
    for (let next = this.#queue.next(); next !== null; next = this.#queue.next()) {
      const { lookup: running, rank } = next;
      const now = this.#clock.monotonic();
      if (running.callbacks.size === 0 && now - running.wantedAt > FORGOTTEN_MS) {
        this.#current.delete(running.key);
        this.#queue.done(rank);
        continue;
      }
      running.begunAt = now;
      this.#resolve(running.host, running.family, (answer) => this.#answered(running, rank, answer));
    }
  }

  #answered(running: Running, rank: LookupRank, answer: LookupAnswer): void {
    const now = this.#clock.monotonic();
    this.#current.delete(running.key);
    this.#queue.done(rank);
    this.#remember(running.key, rankAfter(answer, now - (running.begunAt ?? now)));
    if (running.callbacks.size === 0 && answer.kind === 'found') this.#keepLateAnswer(running.key, answer, now);
    for (const callback of running.callbacks) callback(answer);
    this.#begin();
  }

  #rankOf({ host, family, key }: Running): LookupRank {
    return this.#hosts.has(host, family) ? 'hosts' : (this.#history.get(key) ?? 'new');
  }

  #remember(key: string, rank: LookupRank): void {
    this.#history.delete(key); // the one asked last is forgotten last
    this.#history.set(key, rank);
    const oldest = this.#history.keys().next();
    if (this.#history.size > REMEMBERED_NAMES && oldest.done !== true) this.#history.delete(oldest.value);
  }

  #hostsChanged(): void {
    this.#queue.rerank((running) => this.#rankOf(running));
    this.#begin();
  }

  #keepLateAnswer(key: string, answer: LookupAnswer, now: number): void {
    for (const [each, { until }] of this.#lateAnswers) {
      if (until > now) break;
      this.#lateAnswers.delete(each);
    }
    this.#lateAnswers.delete(key);
    this.#lateAnswers.set(key, { answer, until: now + LATE_ANSWER_MS });
  }

  /** An answer serves one attempt: the next one asks again, as every attempt does. */
  #takeLateAnswer(key: string): LookupAnswer | null {
    const late = this.#lateAnswers.get(key);
    if (late === undefined) return null;
    this.#lateAnswers.delete(key);
    return late.until > this.#clock.monotonic() ? late.answer : null;
  }
}

/** Names that do not exist were answered, too; what failed quickly in another way is worth another try. */
function rankAfter(answer: LookupAnswer, tookMs: number): LookupRank {
  if (tookMs > SLOW_MS) return 'slow';
  return answer.kind === 'found' || answer.code === 'ENOTFOUND' ? 'answered' : 'new';
}

const FAMILY: Readonly<Record<IpFamily, 0 | 4 | 6>> = { any: 0, ipv4: 4, ipv6: 6 };

function resolveByHost(host: string, family: IpFamily, callback: (answer: LookupAnswer) => void): void {
  lookup(host, { all: true, family: FAMILY[family], order: 'verbatim' }, (error, found) => {
    if (error === null) callback({ kind: 'found', addresses: found.map(({ address }) => address) });
    else callback({ kind: 'failed', code: descriptorShortage() ?? error.code ?? 'UNKNOWN' });
  });
}

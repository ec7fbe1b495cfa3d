import type { Clock, Timer } from '../../clock/clock.ts';
import type { ApiClient } from './api-client.ts';
import { type Attempt, errorAttempt, failed, refusedAttempt } from './attempt.ts';
import { exchange, type Exchange } from './exchange.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseWatchEvent, type WatchEvent } from './watch-event.ts';
import { describeScope, pathOf, type WatchScope } from './watched-resource.ts';

/** What changes something. */
type Change = Extract<WatchEvent, { readonly kind: 'set' | 'deleted' | 'bookmark' }>;

export type WatchOptions = {
  readonly client: Pick<ApiClient, 'get'>;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly scope: WatchScope;
  /** Where the watch begins; null: with all objects that are there, and a bookmark after them. */
  readonly version: string | null;
  readonly signal: AbortSignal;
  /** Called when the server has taken the request, before the first event. */
  readonly onAccepted: () => void;
  /** False: no more is wanted. */
  readonly onEvent: (event: Change) => boolean;
};

/** The server ends a watch after a time between these: loops that began together do not stay together. */
const [SHORTEST_S, LONGEST_S] = [300, 600];
/** A server that is alive ends the watch itself; after this much more it is not. */
const GRACE_MS = 30_000;
/** A server that sends the objects and no bookmark after them (before 1.27): without an object for this long none comes. */
const INITIAL_SILENCE_MS = 10_000;

/** One watch to its end. Never rejects. */
export async function watchObjects(options: WatchOptions): Promise<Attempt> {
  const { client, clock, random, scope, version, signal, onAccepted, onEvent } = options;
  const what = `watch ${describeScope(scope)}`;
  const seconds = SHORTEST_S + Math.round(random() * (LONGEST_S - SHORTEST_S));
  const silence = new Silence(clock, signal);
  let isInitial = version === null;
  let error: Attempt | null = null;
  const result = await exchange({
    client,
    clock,
    signal: silence.signal,
    splitter: new LineSplitter(),
    path: pathOf(scope, {
      ...WATCH,
      ...(version === null ? INITIAL : { resourceVersion: version }),
      timeoutSeconds: String(seconds),
    }),
    withinMs: seconds * 1000 + GRACE_MS,
    onAccepted: () => {
      if (isInitial) silence.begin();
      onAccepted();
    },
    onObject: (text) => {
      const event = parseWatchEvent(text);
      if (event === null) return false;
      if (event.kind === 'error') error = errorAttempt(event.code, what);
      if (event.kind === 'error') return false;
      if (event.kind === 'unknown') return true;
      if (event.kind === 'bookmark' && event.endsInitial) {
        isInitial = false;
        silence.end();
      } else if (isInitial) silence.begin();
      return onEvent(event);
    },
  });
  silence.end();
  if (isInitial && silence.isOver) return { kind: 'noInitialEvents' };
  return error ?? attemptOf(result, { isInitial, what });
}

const WATCH = { watch: 'true', allowWatchBookmarks: 'true' };
const INITIAL = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };

type Watched = {
  /** It ended before all objects were there. */
  readonly isInitial: boolean;
  readonly what: string;
};

function attemptOf(result: Exchange, { isInitial, what }: Watched): Attempt {
  if (result.kind === 'read') {
    if (isInitial) return failed('network', `the answer was cut before all objects were there, asked to ${what}`);
    return result.end === 'ended' ? { kind: 'ended', lastedMs: result.lastedMs } : { kind: 'cut' };
  }
  // 400 and 422: a server that does not know the parameters, or has the feature turned off.
  const isUnable = result.kind === 'refused' && (result.status === 400 || result.status === 422);
  return isInitial && isUnable ? { kind: 'noInitialEvents' } : refusedAttempt(result, what);
}

/** Gives the request up when no object has come for too long. */
class Silence {
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly signal: AbortSignal;
  #timer: Timer | null = null;

  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.signal = AbortSignal.any([stopping, this.#over.signal]);
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** From now on, again. */
  begin(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(INITIAL_SILENCE_MS, () => this.#over.abort());
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

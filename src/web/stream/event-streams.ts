import type { Response } from 'express';
import type { Clock, Timer } from '../../clock/clock.ts';
import type { Pace } from '../../clock/turn-slices.ts';
import type { StreamEnded } from '../../domain/events/process-events.ts';
import type { EventFilter } from '../../sinks/status/event-query.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';
import type { EventFeed } from '../../sinks/status/recent-events.ts';
import { Places, refuse } from '../server/places.ts';
import { Audience } from './audience.ts';
import { EventReader } from './event-reader.ts';
import { QuietNews } from './quiet-news.ts';
import {
  beatMessage,
  eventMessage,
  placeMessage,
  quietMessage,
  STREAM_GAP,
  STREAM_START,
  wantsQuiet,
} from './stream-text.ts';

export type EventStreamsOptions = {
  readonly clock: Clock;
  readonly feed: EventFeed;
  readonly publish: (event: StreamEnded) => void;
};

export type StreamRequest = {
  readonly filter: EventFilter;
  /** The last event that the reader has; null: it wants what comes from now on. */
  readonly sinceId: number | null;
  readonly pace: Pace;
};

/** The type of server-sent events; they are UTF-8 always. */
export const STREAM_TYPE = 'text/event-stream';

/** A few people with a few tabs each; every reader costs a write for each message. */
const MOST_READERS = 32;
/** Proxies close what was silent for a minute, some after 30 s. */
const BEAT_MS = 15_000;
/** Readers see an event in the next turn of the event loop, and those that come right behind it together. */
const TOGETHER_MS = 250;
/** More at once are no news that a reader can use: it gets their counts, and a storm costs no texts. Making so many takes 4 ms. */
const MOST_EVENTS = 500;
/** Texts of so many events are made between two looks at the pace: half a millisecond. */
const REPLAY_STEP = 64;
/** A reader that takes nothing for so long is given up. */
const PATIENCE_MS = 60_000;

/**
 * The readers of `GET /api/v1/events/stream`. An event is made a text once, however many read, and nobody waits for a reader:
 * one that is more than 256 KiB behind is dropped.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #places = new Places(MOST_READERS);
  /** All that are not over, those that still get what they missed included. */
  readonly #readers = new Set<EventReader>();
  /** Those that get what comes, by what they want. */
  readonly #live = new Map<string, Audience>();
  readonly #quiet: QuietNews;
  /** What came since readers were last told: what is quiet is counted apart, it hides nothing else. */
  #came = { quiet: 0, other: 0 };
  #unfollow: () => void = () => undefined;
  #flush: Timer | null = null;
  #beat: Timer | null = null;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#quiet = new QuietNews({
      clock: options.clock,
      tell: (groups) => {
        this.#send((filter) => quietMessage(groups, filter));
      },
    });
  }

  /** Answers with a stream, or with 503 where there are too many. Resolves when the reader has what it missed. */
  async serve(response: Response, request: StreamRequest): Promise<void> {
    if (this.#isStopped || !this.#places.take(response)) {
      this.#report('rejected');
      refuse(response, `${MOST_READERS} streams are read already; try again in a second\n`);
      return;
    }
    const { clock } = this.#options;
    const reader = new EventReader({ response, filter: request.filter, clock });
    this.#readers.add(reader);
    response.once('close', () => this.#closed(reader));
    response.setHeader('Content-Type', STREAM_TYPE);
    // nginx would keep messages back until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no').setHeader('Connection', 'close');
    reader.write(STREAM_START);
    const giveUp = clock.after(PATIENCE_MS, () => reader.drop());
    await this.#replay(reader, request);
    giveUp.cancel();
  }

  /** Ends every stream at once, and opens no other. */
  stop(): void {
    this.#isStopped = true;
    this.#sendWaiting();
    for (const reader of this.#readers) {
      reader.end();
      this.#leave(reader);
    }
  }

  /** Writes what came after the event that the reader has, at its pace and that of the event loop; then it gets what comes. */
  async #replay(reader: EventReader, { sinceId, pace }: StreamRequest): Promise<void> {
    const { feed } = this.#options;
    if (sinceId === null) return this.#goLive(reader, feed.lastId());
    let isGap = false;
    let lastId = sinceId;
    for (;;) {
      const wasGap: boolean = isGap;
      isGap = feed.isGapAfter(lastId);
      if (isGap && !wasGap) reader.write(STREAM_GAP);
      const events = feed.after(lastId, REPLAY_STEP);
      lastId = events.at(-1)?.id ?? feed.lastId();
      if (reader.isOver) return;
      if (events.length === 0) return this.#goLive(reader, lastId);
      const wanted = events.filter((event) => event.matches(reader.filter));
      if (wanted.length > 0) reader.write(wanted.map(eventMessage).join(''));
      await reader.drained();
      if (pace.isOver()) await pace.next();
    }
  }

  /** In the same turn as the look at what came last: nothing comes in between. */
  #goLive(reader: EventReader, lastId: number): void {
    this.#sendWaiting();
    reader.write(placeMessage(lastId));
    const isFirst = this.#live.size === 0;
    const audience = this.#live.get(reader.wanted) ?? new Audience(reader.filter);
    this.#live.set(reader.wanted, audience);
    audience.readers.add(reader);
    if (!isFirst) return;
    this.#unfollow = this.#options.feed.follow((event) => this.#add(event));
    this.#beat = this.#options.clock.after(BEAT_MS, () => this.#sendBeat());
  }

  #add(event: KeptEvent): void {
    const { isQuiet } = event;
    if (isQuiet) {
      this.#quiet.add(event);
      if (!Array.from(this.#live.values()).some(({ filter }) => wantsQuiet(filter))) return;
    }
    const came = ++this.#came[isQuiet ? 'quiet' : 'other'];
    for (const audience of this.#live.values()) {
      if (came === MOST_EVENTS + 1) audience.countWaiting(isQuiet);
      audience.add(event, came > MOST_EVENTS);
    }
    if (this.#flush !== null) return;
    const { clock } = this.#options;
    const left = this.#flushedAt + TOGETHER_MS - clock.monotonic();
    const flush = (): void => this.#sendWaiting();
    this.#flush = left > 0 ? clock.after(left, flush) : clock.afterPoll(flush);
  }

  #sendWaiting(): void {
    if (this.#flush !== null) this.#send(() => '');
  }

  /** What waits, and behind it what is of no event. In one message: a second one would find its reader behind by the first. */
  #send(behind: (filter: EventFilter) => string): void {
    if (this.#flush !== null) this.#flushedAt = this.#options.clock.monotonic();
    this.#flush?.cancel();
    this.#flush = null;
    this.#came = { quiet: 0, other: 0 };
    for (const audience of this.#live.values()) this.#write(audience, audience.take(behind(audience.filter)));
  }

  #sendBeat(): void {
    const beat = beatMessage(this.#options.feed.lastId());
    this.#send(() => beat);
    this.#beat = this.#options.clock.after(BEAT_MS, () => this.#sendBeat());
  }

  /** One buffer for all of them. */
  #write({ readers }: Audience, messages: Buffer): void {
    for (const reader of readers) {
      if (messages.length > 0) reader.write(messages);
      if (reader.isOver) this.#leave(reader);
    }
  }

  #closed(reader: EventReader): void {
    this.#readers.delete(reader);
    this.#leave(reader);
    this.#report(reader.outcome);
  }

  #leave(reader: EventReader): void {
    const readers = this.#live.get(reader.wanted)?.readers;
    if (readers?.delete(reader) !== true || readers.size > 0) return;
    this.#live.delete(reader.wanted);
    if (this.#live.size > 0) return;
    this.#unfollow();
    this.#beat?.cancel();
    this.#flush?.cancel();
    this.#quiet.stop();
    this.#flush = null;
    this.#came = { quiet: 0, other: 0 };
  }

  #report(outcome: StreamEnded['outcome']): void {
    const { publish, clock } = this.#options;
    publish({ type: 'streamEnded', at: clock.now(), outcome });
  }
}

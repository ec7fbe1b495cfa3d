import type { Response } from 'express';
import type { Clock } from '../../clock/clock.ts';
import type { StreamOutcome } from '../../domain/events/process-events.ts';
import type { EventFilter } from '../../sinks/status/event-query.ts';
import { STREAM_GAP } from './stream-text.ts';

/** What waits in this process for one reader, one message aside. */
const MOST_BEHIND_BYTES = 256 * 1024;
/** What was written before a reader was dropped has so long to reach it. */
const LAST_WORDS_MS = 5000;

export type EventReaderOptions = {
  readonly response: Response;
  readonly filter: EventFilter;
  readonly clock: Pick<Clock, 'after'>;
};

/** One reader of a stream. Nothing is written to it after its end. */
export class EventReader {
  readonly filter: EventFilter;
  /** The same for readers that want the same. */
  readonly wanted: string;
  readonly #response: Response;
  readonly #clock: EventReaderOptions['clock'];
  #outcome: StreamOutcome = 'closed';

  constructor({ response, filter, clock }: EventReaderOptions) {
    this.#response = response;
    this.#clock = clock;
    this.filter = filter;
    this.wanted = JSON.stringify([filter.group, filter.peer, filter.class, filter.type]);
  }

  /** What its end counts as. */
  get outcome(): StreamOutcome {
    return this.#outcome;
  }

  get isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Never waits. One who is too far behind gets no more: the end of its stream says that events are missing. */
  write(messages: Buffer | string): void {
    if (this.isOver) return;
    if (this.#response.writableLength > MOST_BEHIND_BYTES) this.drop();
    else this.#response.write(messages);
  }

  /** It does not read, or not fast enough. */
  drop(): void {
    if (this.isOver) return;
    this.#outcome = 'slow';
    this.#response.end(STREAM_GAP);
    const cut = this.#clock.after(LAST_WORDS_MS, () => this.#response.destroy());
    this.#response.once('close', () => cut.cancel());
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }

  /** Resolves when what was written is with the kernel, or the reader is gone. */
  async drained(): Promise<void> {
    if (this.isOver || !this.#response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }
}

import type { Clock, Timer } from '../../clock/clock.ts';
import {
  classifyFirstAnswer,
  type FirstAnswerFailure,
  type FirstAnswerFault,
} from '../../domain/classify-first-answer.ts';
import type { Session, Step } from '../../protocols/session.ts';
import { afterReading } from '../link/after-reading.ts';
import type { Link } from '../link/link.ts';

/** A conversation that a peer has joined, to be carried on over the established connection. */
export type OpenedSession = {
  readonly session: Session;
  /** When what was answered was written, monotonic. */
  readonly sentAt: number;
  /** From that write to the read that completed the answer; null: our own event loop was held up in between. */
  readonly rttMs: number | null;
};

export type FirstAnswerOptions = {
  readonly link: Link;
  readonly session: Session;
  /** How long the answer may take, counted from the write. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Whether what is read now may have waited for our own event loop. */
  readonly justStalled: () => boolean;
  /** One of these two is called, once, unless it is stopped first. */
  readonly answered: (opened: OpenedSession) => void;
  readonly failed: (failure: FirstAnswerFailure) => void;
};

/**
 * Waits for the answer that makes a connection established: has the session speak, and holds its answer against a deadline of
 * its own. What arrives until then, the read that completes the answer included, belongs to the attempt.
 */
export class FirstAnswer {
  readonly #options: FirstAnswerOptions;
  #isOver = false;
  #sentAt = 0;
  #receivedBytes = 0;
  #deadline: Timer | null = null;

  constructor(options: FirstAnswerOptions) {
    this.#options = options;
  }

  start(): void {
    const { link, session, clock, timeoutMs } = this.#options;
    // First: an end that happened before is reported during the call.
    link.listen({
      received: (bytes) => this.#received(bytes),
      ended: (signal, tcp) => {
        if (signal.kind !== 'decided') this.#fail({ kind: 'ended', signal, tcp });
      },
    });
    if (this.#isOver) return;
    this.#sentAt = clock.monotonic();
    this.#deadline = clock.after(timeoutMs, () => this.#recheck());
    this.#run(session.start());
  }

  /** Nothing is called any more. */
  stop(): void {
    this.#isOver = true;
    this.#deadline?.cancel();
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#receivedBytes += bytes.length;
    this.#run(this.#options.session.received(bytes));
  }

  #run(steps: readonly Step[]): void {
    for (const step of steps) {
      switch (step.kind) {
        case 'send':
          // Where the link is dead nothing is written; its end is reported.
          this.#options.link.write(step.bytes);
          break;
        case 'ready':
          this.#answered();
          break;
        case 'answered':
          break; // of a heartbeat; there was none yet
      }
    }
  }

  #answered(): void {
    const { session, clock, justStalled, answered } = this.#options;
    this.stop();
    const rttMs = justStalled() ? null : clock.monotonic() - this.#sentAt;
    answered({ session, sentAt: this.#sentAt, rttMs });
  }

  /** The answer may lie in the kernel while our loop was held up: read first, then judge. */
  #recheck(): void {
    const { clock, link } = this.#options;
    const receivedBytes = (): number => this.#receivedBytes;
    this.#deadline = afterReading(clock, receivedBytes, () => {
      const outstandingBytes = link.outstandingBytes();
      this.#fail({ kind: 'deadline', receivedBytes: this.#receivedBytes, outstandingBytes });
    });
  }

  #fail(fault: FirstAnswerFault): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.failed(classifyFirstAnswer(fault));
  }
}

import type { Timer } from '../../clock/clock.ts';
import {
  classifyFirstAnswer,
  type FirstAnswerFailure,
  type FirstAnswerFault,
} from '../../domain/classify-first-answer.ts';
import type { StallMonitor } from '../fleet/stall-monitor.ts';
import type { Step } from '../../protocols/session.ts';
import { afterReading } from '../link/after-reading.ts';
import type { SessionOpening } from './session-opening.ts';

export type FirstAnswerOptions = SessionOpening<FirstAnswerFailure> & {
  /** How long the answer may take, counted from the write. */
  readonly timeoutMs: number;
  /** Whether what is read now may have waited for our own event loop. */
  readonly stalls: Pick<StallMonitor, 'justStalled' | 'watchFor'>;
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
    const { link, session, clock, stalls, timeoutMs } = this.#options;
    // First: an end that happened before is reported during the call.
    link.listen({
      received: (bytes) => this.#received(bytes),
      ended: (signal, tcp) => {
        if (signal.kind !== 'decided') this.#fail({ kind: 'ended', signal, tcp });
      },
    });
    if (this.#isOver) return;
    stalls.watchFor(timeoutMs);
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
        case 'answered': // of a heartbeat; there was none yet
        case 'startTls':
        case 'derive':
        case 'refused':
        case 'goodbye':
        case 'left':
        case 'broken':
          break; // of sessions that log in
      }
    }
  }

  #answered(): void {
    const { session, clock, stalls, opened } = this.#options;
    this.stop();
    const rttMs = stalls.justStalled ? null : clock.monotonic() - this.#sentAt;
    opened({ session, sentAt: this.#sentAt, rttMs, beatWithinMs: null, leaveWithinMs: null, rest: [] });
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

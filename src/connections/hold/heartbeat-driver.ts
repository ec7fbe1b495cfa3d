import type { Clock, Timer } from '../../clock/clock.ts';
import { heartbeatWaitMs } from '../../domain/heartbeat-wait.ts';
import type { Session, Step } from '../../protocols/session.ts';
import { afterReading } from '../link/after-reading.ts';

export type HeartbeatDriverOptions = {
  readonly session: Session;
  /** From send to send, at most. */
  readonly intervalMs: number;
  /** How long an answer may take, counted from the write; null: none is needed. */
  readonly timeoutMs: number | null;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  /** False: earlier bytes have not drained, so no heartbeat is sent now. */
  readonly canSend: () => boolean;
  /** Writes the bytes; false: nothing was written. */
  readonly send: (bytes: Uint8Array) => boolean;
  /** The answer was complete this long after the write. */
  readonly answered: (rttMs: number) => void;
  /** Bytes of ours that the peer's kernel has not acknowledged; null where it cannot be asked. */
  readonly outstandingBytes: () => number | null;
  /**
   * The deadline passed: `protocol` when something else than the answer arrived since the send, `no_reply` when nothing did.
   * A heartbeat that the peer's kernel does not have whole cannot have been answered: that is `no_reply`, whatever arrived.
   */
  readonly missed: (reason: 'no_reply' | 'protocol') => void;
  /** Whether what is read now may have waited for our own event loop; the round trip is not reported then. */
  readonly justStalled: () => boolean;
};

/** The timers of an idle wait and a reply deadline that fall due together are this far apart at most: one is set a moment after the other. */
const TIE_MS = 10;

/**
 * Drives the session of one established connection, which has no clock of its own: runs its steps, asks it for a heartbeat
 * from send to send, and holds each answer against its deadline. A session that was opened by the attempt is carried on; one
 * that begins here, since a reload brought its heartbeat, is started instead of the first heartbeat.
 */
export class HeartbeatDriver {
  readonly #options: HeartbeatDriverOptions;
  #next: Timer | null = null;
  #deadline: Timer | null = null;
  /** When the unanswered heartbeat was written; null: none is outstanding. */
  #sentAt: number | null = null;
  #receivedSinceSend = false;
  #receivedBytes = 0;
  #isStarted = false;

  constructor(options: HeartbeatDriverOptions) {
    this.#options = options;
  }

  /** The session begins now. */
  start(): void {
    this.#beat();
  }

  /** The session is ready since its first answer; the next heartbeat is due one wait after what was answered was written. */
  carryOn(sentAt: number): void {
    this.#isStarted = true;
    this.#beatAt(sentAt + this.#wait());
  }

  received(bytes: Uint8Array): void {
    if (this.#sentAt !== null) this.#receivedSinceSend = true;
    this.#receivedBytes += bytes.length;
    this.#run(this.#options.session.received(bytes));
  }

  /** Whether an answer is due: what comes now was asked for. */
  get isAwaiting(): boolean {
    return this.#sentAt !== null;
  }

  /** What an idle timeout that expires now should be called: a tie with a reply deadline goes to the heartbeat. */
  verdictIfOverdue(): 'no_reply' | 'protocol' | null {
    const { clock, timeoutMs } = this.#options;
    if (this.#sentAt === null || timeoutMs === null) return null;
    return clock.monotonic() >= this.#sentAt + timeoutMs - TIE_MS ? this.#missedReason() : null;
  }

  stop(): void {
    this.#next?.cancel();
    this.#deadline?.cancel();
    this.#sentAt = null;
  }

  /** True when all that the steps wanted sent was written. */
  #run(steps: readonly Step[]): boolean {
    let written = true;
    for (const step of steps) {
      switch (step.kind) {
        case 'send':
          written = this.#options.send(step.bytes) && written;
          break;
        case 'ready':
          // Where it needed no answer the first heartbeat follows at once.
          if (this.#sentAt === null) written = this.#run(this.#options.session.beat()) && written;
          else this.#answered();
          break;
        case 'answered':
          this.#answered();
          break;
      }
    }
    return written;
  }

  #beatAt(dueAt: number): void {
    const { clock } = this.#options;
    this.#next = clock.after(Math.max(0, dueAt - clock.monotonic()), () => this.#beat());
  }

  #wait(): number {
    return heartbeatWaitMs(this.#options, this.#options.random());
  }

  #beat(): void {
    const { clock, timeoutMs, canSend } = this.#options;
    this.#beatAt(clock.monotonic() + this.#wait());
    // An answer still due when the next send is due can only be one whose deadline is being looked at right now.
    if (this.#sentAt !== null || !canSend()) return;
    const written = this.#run(this.#nextSteps());
    if (timeoutMs === null || !written) return;
    this.#sentAt = clock.monotonic();
    this.#receivedSinceSend = false;
    this.#deadline = clock.after(timeoutMs, () => this.#recheck());
  }

  #nextSteps(): readonly Step[] {
    const { session } = this.#options;
    if (this.#isStarted) return session.beat();
    this.#isStarted = true;
    return session.start();
  }

  /** The answer may lie in the kernel while our loop was held up: read first, then judge. */
  #recheck(): void {
    const receivedBytes = (): number => this.#receivedBytes;
    this.#deadline = afterReading(this.#options.clock, receivedBytes, () => {
      if (this.#sentAt !== null) this.#options.missed(this.#missedReason());
    });
  }

  #answered(): void {
    if (this.#sentAt === null) return;
    const rttMs = this.#options.clock.monotonic() - this.#sentAt;
    this.#sentAt = null;
    this.#deadline?.cancel();
    if (!this.#options.justStalled()) this.#options.answered(rttMs);
  }

  #missedReason(): 'no_reply' | 'protocol' {
    const hasArrived = (this.#options.outstandingBytes() ?? 0) === 0;
    return hasArrived && this.#receivedSinceSend ? 'protocol' : 'no_reply';
  }
}

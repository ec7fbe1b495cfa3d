import type { Clock, Timer } from '../../clock/clock.ts';
import type { Heartbeat } from '../../settings/peer-settings.ts';
import { type AnswerMatcher, createAnswerMatcher } from './answer-matcher.ts';

export type HeartbeatOptions = {
  readonly heartbeat: Heartbeat;
  readonly clock: Clock;
  /** Writes the bytes; false: an earlier write has not drained, so nothing was written. */
  readonly send: (bytes: Uint8Array) => boolean;
  /** The expected bytes arrived this long after the write. */
  readonly answered: (rttMs: number) => void;
  /** The deadline passed: `no_reply` when nothing arrived since the send, `protocol` when something else did. */
  readonly missed: (reason: 'no_reply' | 'protocol') => void;
  /** Whether what is read now may have waited for our own event loop; the round trip is not told then. */
  readonly justStalled: () => boolean;
};

/** The timers of an idle wait and a reply deadline that fall due together are this far apart at most: one is set a moment after the other. */
const TIE_MS = 10;

/** Sends a heartbeat at once and then from send to send, and holds each answer against its deadline. One per connection. */
export class HeartbeatLoop {
  readonly #options: HeartbeatOptions;
  readonly #matcher: AnswerMatcher | null;
  #next: Timer | null = null;
  #deadline: Timer | null = null;
  #look: Timer | null = null;
  /** When the unanswered heartbeat was written; null: none is outstanding. */
  #sentAt: number | null = null;
  #heardSinceSend = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#matcher = options.heartbeat.answer === null ? null : createAnswerMatcher(options.heartbeat.answer.expect);
    this.#beat();
  }

  received(bytes: Uint8Array): void {
    if (this.#sentAt === null || this.#matcher === null) return;
    this.#heardSinceSend = true;
    if (!this.#matcher.feed(bytes)) return;
    const sentAt = this.#sentAt;
    this.#sentAt = null;
    this.#deadline?.cancel();
    this.#look?.cancel();
    if (!this.#options.justStalled()) this.#options.answered(this.#options.clock.monotonic() - sentAt);
  }

  /** What an idle timeout that expires now should be called: a tie with a reply deadline goes to the heartbeat. */
  verdictIfOverdue(): 'no_reply' | 'protocol' | null {
    const { answer } = this.#options.heartbeat;
    if (this.#sentAt === null || answer === null) return null;
    const overdue = this.#options.clock.monotonic() >= this.#sentAt + answer.timeoutMs - TIE_MS;
    return overdue ? this.#missedReason() : null;
  }

  stop(): void {
    this.#next?.cancel();
    this.#deadline?.cancel();
    this.#look?.cancel();
    this.#sentAt = null;
  }

  #beat(): void {
    const { heartbeat, clock, send } = this.#options;
    this.#next = clock.after(heartbeat.intervalMs, () => this.#beat());
    // An answer still due when the next send is due can only be one whose deadline is being looked at right now.
    if (this.#sentAt !== null || !send(heartbeat.send)) return;
    if (heartbeat.answer === null) return;
    this.#sentAt = clock.monotonic();
    this.#heardSinceSend = false;
    this.#matcher?.reset();
    this.#deadline = clock.after(heartbeat.answer.timeoutMs, () => {
      // The answer may lie in the kernel while our loop was held up: read first, then judge.
      this.#look = clock.afterPoll(() => {
        if (this.#sentAt !== null) this.#options.missed(this.#missedReason());
      });
    });
  }

  #missedReason(): 'no_reply' | 'protocol' {
    return this.#heardSinceSend ? 'protocol' : 'no_reply';
  }
}

import type { Clock, Timer } from '../../clock/clock.ts';
import type { OpenSilent, SilentConnection } from './silent-connection.ts';

export type ControlOptions = {
  readonly clock: Clock;
  readonly open: OpenSilent;
  /** The first answer came. Called once. */
  readonly ready: () => void;
  /** Nothing answers any more, or never did. Called once at most. */
  readonly died: (why: string, hadAnswer: boolean) => void;
};

/** How often it is asked. */
const EVERY_MS = 1000;

/**
 * A connection that is never silent for long: while it is answered, a connection that dies does so of its silence. A proxy may
 * count nothing of what asks it, and close it in order: one that was answered and is then ended by the peer is replaced,
 * since a new connection is an answer, too.
 */
export class ControlConnection {
  readonly #options: ControlOptions;
  #connection: SilentConnection | null = null;
  #timer: Timer | null = null;
  #askedAt = 0;
  #hasAnswered = false;
  /** Whether the connection that stands now was answered. */
  #isAnswered = false;
  #confirm: { readonly since: number; readonly done: () => void } | null = null;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isAnswered = false;
    this.#connection = this.#options.open({
      established: () => this.#askLater(),
      greeted: () => {},
      failed: (why) => this.#died(why),
      answered: () => this.#answered(),
      ended: (how) => {
        if (this.#isAnswered && how !== 'silent') this.#replace();
        else this.#died(how === 'silent' ? 'it had no answer' : how === 'fin' ? 'it was closed' : 'it was reset');
      },
      spoke: () => {},
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#connection?.close();
    this.#connection = null;
    this.#confirm = null;
  }

  /** Calls back when it was answered to a question that was asked after now. */
  confirm(done: () => void): void {
    this.#confirm = { since: this.#options.clock.monotonic(), done };
  }

  #replace(): void {
    this.#timer?.cancel();
    this.#connection?.close();
    this.start();
  }

  #askLater(): void {
    const { clock } = this.#options;
    this.#timer = clock.after(EVERY_MS, () => {
      this.#askedAt = clock.monotonic();
      this.#connection?.ask();
    });
  }

  #answered(): void {
    const isFirst = !this.#hasAnswered;
    this.#hasAnswered = true;
    this.#isAnswered = true;
    this.#askLater();
    if (isFirst) this.#options.ready();
    const confirm = this.#confirm;
    if (confirm === null || this.#askedAt < confirm.since) return;
    this.#confirm = null;
    confirm.done();
  }

  #died(why: string): void {
    const hadAnswer = this.#hasAnswered;
    this.stop();
    this.#options.died(why, hadAnswer);
  }
}

import { classifyFirstAnswer } from '../../domain/classify-first-answer.ts';
import type { Step } from '../../protocols/session.ts';
import type { Link } from '../link/link.ts';
import type { AttemptFailure } from './attempt-listener.ts';
import type { KeyDerivation } from './key-derivation.ts';
import type { SessionOpening } from './session-opening.ts';

export type LoginOptions = SessionOpening<AttemptFailure> & {
  readonly keys: KeyDerivation;
  /** The server agreed to TLS: it has to begin now, and `secured` to be called. */
  readonly startTls: () => void;
};

/**
 * Drives a session until its login is done or refused. It has no deadline of its own: that of the attempt is over all of it.
 * What arrives until then belongs to the attempt. What a server said counts before what its socket did after it.
 */
export class Login {
  readonly #options: LoginOptions;
  #link: Link;
  #isOver = false;
  #sentAt = 0;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#link = options.link;
  }

  start(): void {
    this.#listen();
    if (!this.#isOver) this.#run(this.#options.session.start());
  }

  /** TLS stands; the login goes on over this link. */
  secured(link: Link, certificate: Uint8Array | null): void {
    this.#link = link;
    this.#listen();
    if (!this.#isOver) this.#run(this.#options.session.secured(certificate));
  }

  /** The certificate is not to be trusted. What the session says of it goes out over this link, which is closed next. */
  untrusted(link: Link): void {
    const farewell = this.#options.session.farewell();
    if (farewell !== null) link.reply(farewell.bytes);
  }

  /** Nothing is called any more. */
  stop(): void {
    this.#isOver = true;
  }

  /** An end that happened before is reported during the call. */
  #listen(): void {
    this.#link.listen({
      received: (bytes) => {
        if (!this.#isOver) this.#run(this.#options.session.received(bytes));
      },
      ended: (signal, tcp) => {
        if (signal.kind !== 'decided') this.#fail(classifyFirstAnswer({ kind: 'ended', signal, tcp }));
      },
    });
  }

  #run(steps: readonly Step[]): void {
    for (const [at, step] of steps.entries()) {
      if (this.#isOver) return;
      switch (step.kind) {
        case 'send':
          this.#sentAt = this.#options.clock.monotonic();
          // Where the link is dead nothing is written; its end is reported.
          this.#link.reply(step.bytes);
          break;
        case 'startTls':
          this.#options.startTls();
          break;
        case 'derive':
          this.#options.keys.derive(step.derivation, (key) => {
            if (!this.#isOver) this.#run(this.#options.session.derived(key));
          });
          break;
        case 'ready':
          this.#ready(step, steps.slice(at + 1));
          break;
        case 'refused': {
          const { goodbye, code } = step;
          const failure = { phase: 'protocol', reason: 'rejected' } as const;
          this.#fail({ failure, goodbye, ...(code === undefined ? {} : { goodbyeCode: code }) });
          break;
        }
        case 'broken': {
          const failure = { phase: 'protocol', reason: 'other' } as const;
          this.#fail({ failure, goodbye: 'protocol_error', detail: step.expected });
          break;
        }
        case 'answered':
        case 'goodbye':
        case 'left':
          break; // of a session that is ready
      }
    }
  }

  #ready({ beatWithinMs, leaveWithinMs }: Step & { kind: 'ready' }, rest: readonly Step[]): void {
    const { session, opened } = this.#options;
    this.stop();
    opened({
      session,
      sentAt: this.#sentAt,
      rttMs: null, // that of a login is no round trip of a heartbeat
      beatWithinMs: beatWithinMs ?? null,
      leaveWithinMs: leaveWithinMs ?? null,
      rest,
    });
  }

  #fail(failure: AttemptFailure): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.failed(failure);
  }
}

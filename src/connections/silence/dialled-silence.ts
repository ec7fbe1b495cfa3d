import type { Timer } from '../../clock/clock.ts';
import type { Signal } from '../../domain/evidence.ts';
import { DEFAULT_HEARTBEAT } from '../../settings/heartbeat.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { Step } from '../../protocols/session.ts';
import type { AttemptFailure } from '../dial/attempt-listener.ts';
import type { AttemptFacts } from '../dial/attempt-record.ts';
import { type AttemptContext, ConnectAttempt } from '../dial/connect-attempt.ts';
import type { OpenedSession } from '../dial/session-opening.ts';
import { takeLeave } from '../hold/take-leave.ts';
import type { Link } from '../link/link.ts';
import type { ClosingConnections } from './closing-connections.ts';
import type { SilentConnection, SilentListener } from './silent-connection.ts';

export type DialledSilenceOptions = {
  readonly settings: PeerSettings;
  readonly context: AttemptContext;
  readonly listener: SilentListener;
  readonly closing: ClosingConnections;
  /** Called before `established`, with what was found out about the peer. */
  readonly connected: (link: Link, facts: AttemptFacts) => void;
};

/** How often the kernel is asked whether a probe was answered. */
const LOOK_MS = 20;
/** A packet that came so shortly before the question proves as much as an answer to it. */
const RECENT_MS = 500;
/** What arrives so shortly before the end belongs to it. */
const LAST_WORDS_MS = 100;
/** A banner, a session ticket: silence begins behind what a peer says at the beginning. */
const GREETING_MS = 3000;

/**
 * A connection to a real peer that is left silent. Where a session was opened the application is asked by its heartbeat, else the
 * kernel of whoever ends TCP by keepalive probes.
 */
export class DialledSilence implements SilentConnection {
  readonly #options: DialledSilenceOptions;
  readonly #turn: Timer;
  readonly #attempt: ConnectAttempt;
  #isDialling = false;
  #isClosed = false;
  #link: Link | null = null;
  #opened: OpenedSession | null = null;
  #establishedAt = 0;
  #askedAt: number | null = null;
  #wordsAt: number | null = null;
  /** The next look at the kernel, or the deadline of an answer. */
  #answerTimer: Timer | null = null;
  #wordsTimer: Timer | null = null;

  constructor(options: DialledSilenceOptions) {
    const { settings, context, listener, closing } = options;
    this.#options = options;
    this.#attempt = new ConnectAttempt(settings, context, {
      resolved: () => {},
      tcpConnected: () => {},
      established: (link, facts, opened) => this.#established(link, facts, opened),
      failed: (failure, _facts, close) => {
        this.#isDialling = false;
        if (close !== null) closing.close(close, context.drainMs);
        if (!this.#isClosed) listener.failed(failureWords(failure));
      },
    });
    this.#turn = context.rate.request(() => {
      this.#isDialling = true;
      this.#attempt.start();
    });
  }

  ask(): void {
    const { clock } = this.#options.context;
    const { heartbeat } = this.#options.settings;
    this.#askedAt = clock.monotonic();
    if (this.#opened === null) {
      this.#link?.probe();
      this.#look();
      return;
    }
    this.#answerTimer = clock.after(heartbeat?.timeoutMs ?? DEFAULT_HEARTBEAT.timeoutMs, () => this.#ended('silent'));
    this.#run(this.#opened.session.beat());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#turn.cancel();
    this.#answerTimer?.cancel();
    this.#wordsTimer?.cancel();
    const { closing, context } = this.#options;
    const { clock, drainMs } = context;
    if (this.#isDialling) closing.close((ms, done) => this.#attempt.close(ms, done), drainMs);
    const link = this.#link;
    if (link === null) return;
    closing.close(
      this.#opened === null
        ? (ms, done) => link.close(ms, done)
        : takeLeave({ link, session: this.#opened.session, clock }),
      drainMs,
    );
  }

  #established(link: Link, facts: AttemptFacts, opened: OpenedSession | null): void {
    const { context, connected, listener } = this.#options;
    this.#isDialling = false;
    this.#link = link;
    this.#opened = opened;
    this.#establishedAt = context.clock.monotonic();
    connected(link, facts);
    listener.established();
    link.listen({
      received: (bytes) => this.#received(bytes),
      ended: (signal) => this.#ended(howItEnded(signal)),
    });
  }

  #received(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const wasAsked = this.#askedAt !== null;
    if (this.#opened !== null) this.#run(this.#opened.session.received(bytes));
    if (wasAsked || this.#isClosed || this.#wordsTimer !== null) return;
    const { clock } = this.#options.context;
    const now = clock.monotonic();
    if (now - this.#establishedAt < GREETING_MS) {
      this.#options.listener.greeted();
      return;
    }
    this.#wordsAt = now;
    this.#wordsTimer = clock.after(LAST_WORDS_MS, () => this.#options.listener.spoke());
  }

  #run(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'send') this.#link?.reply(step.bytes);
      else if (step.kind === 'answered' || step.kind === 'ready') this.#answered(null);
    }
  }

  /** Looks whether the probe was answered, until the kernel gives the connection up. */
  #look(): void {
    const { clock } = this.#options.context;
    this.#answerTimer = clock.after(LOOK_MS, () => {
      const sample = this.#link?.sample() ?? null;
      const elapsedMs = clock.monotonic() - (this.#askedAt ?? 0);
      if (sample !== null && sample.state === 'established' && sample.silenceMs < elapsedMs + RECENT_MS)
        this.#answered(Math.max(0, elapsedMs - sample.silenceMs));
      else this.#look();
    });
  }

  /** @param afterMs null: just now */
  #answered(afterMs: number | null): void {
    if (this.#askedAt === null || this.#isClosed) return;
    const took = afterMs ?? this.#options.context.clock.monotonic() - this.#askedAt;
    this.#askedAt = null;
    this.#answerTimer?.cancel();
    this.#options.listener.answered(took);
  }

  #ended(how: 'silent' | 'reset' | 'fin'): void {
    if (this.#isClosed) return;
    const lastWordsMs = this.#wordsAt === null ? 0 : this.#options.context.clock.monotonic() - this.#wordsAt;
    this.#answerTimer?.cancel();
    this.#wordsTimer?.cancel();
    this.#options.listener.ended(how, lastWordsMs);
  }
}

function failureWords({ failure: { phase, reason }, detail }: AttemptFailure): string {
  return `${phase}/${reason}${detail === undefined ? '' : ` (${detail})`}`;
}

function howItEnded(signal: Signal): 'silent' | 'reset' | 'fin' {
  switch (signal.kind) {
    case 'end':
      return signal.pendingError === 'ECONNRESET' ? 'reset' : 'fin';
    case 'errno':
      return signal.errno === 'ECONNRESET' ? 'reset' : signal.errno === 'EPIPE' ? 'fin' : 'silent';
    case 'closeNotify':
      return 'fin';
    case 'tlsAlert':
    case 'tlsBroken':
      return 'reset';
    case 'decided':
      return 'silent';
  }
}

import type { Timer } from '../../clock/clock.ts';
import { heartbeatWaitMs, shortestWaitMs } from '../../domain/heartbeat-wait.ts';
import type { Session, Step } from '../../protocols/session.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import type { StallMonitor } from '../fleet/stall-monitor.ts';
import { afterReading } from '../link/after-reading.ts';
import type { Link } from '../link/link.ts';
import { TURN_MS, type WaitingTaker } from './timer-wheel.ts';

/** How often to send, and how long an answer may take. */
export type Beat = {
  /** From send to send, at most. */
  readonly intervalMs: number;
  /** Counted from the write; null: none is needed. */
  readonly timeoutMs: number | null;
};

/** What comes of the conversation. */
export type HeartbeatNews =
  /** The peer said why it leaves; or what came is not of the protocol. */
  | (Step & { readonly kind: 'goodbye' | 'broken' })
  /** The answer was complete this long after the write. Not reported where what was read may have waited for our own event loop. */
  | { readonly kind: 'answered'; readonly rttMs: number }
  /**
   * The deadline passed: `protocol` when something else than the answer arrived since the send, `no_reply` when nothing did.
   * A heartbeat that the peer's kernel does not have whole cannot have been answered: that is `no_reply`, whatever arrived.
   */
  | { readonly kind: 'missed'; readonly reason: 'no_reply' | 'protocol' };

/** The connection whose session is driven. An object and no functions of its own: those would be kept for each connection. */
export type HeartbeatHolder = {
  /** `reply`: what the peer asked for, also behind earlier bytes. False: nothing was written. */
  writeWords(bytes: Uint8Array, how: 'write' | 'reply'): boolean;
  take(news: HeartbeatNews): void;
};

/** What of it is kept is kept for as long as the connection. */
export type HeartbeatDriverOptions = {
  readonly session: Session;
  /** Null: no heartbeats, the session only listens. */
  readonly beat: Beat | null;
  readonly context: HeartbeatContext;
  /** While earlier bytes have not drained no heartbeat is sent. */
  readonly link: Pick<Link, 'queuedBytes' | 'outstandingBytes'>;
  readonly holder: HeartbeatHolder;
};

type HeartbeatContext = Pick<RunnerContext, 'clock' | 'random' | 'wheel'> & {
  readonly stalls: Pick<StallMonitor, 'justStalled' | 'watchFor'>;
};

const UNREAD = { kind: 'broken', expected: 'the peer asks for answers and does not read them' } as const;

/** The timers of an idle wait and a reply deadline that fall due together are this far apart at most: one is set a moment after the other. */
const TIE_MS = 10;

/**
 * Drives the session of one established connection, which has no clock of its own: runs its steps, asks it for a heartbeat
 * from send to send, and holds each answer against its deadline. A session that was opened by the attempt is carried on; one
 * that begins here, since a reload brought its heartbeat, is started instead of the first heartbeat.
 */
export class HeartbeatDriver implements WaitingTaker {
  readonly #session: Session;
  readonly #context: HeartbeatContext;
  readonly #link: HeartbeatDriverOptions['link'];
  readonly #holder: HeartbeatHolder;
  /** When the next heartbeat is due: the turn of the wheel, or a timer of its own where turns are too coarse; null: none is. */
  #next: number | Timer | null = null;
  #deadline: Timer | null = null;
  /** When the unanswered heartbeat was written; null: none is outstanding. */
  #sentAt: number | null = null;
  #receivedSinceSend = false;
  #receivedBytes = 0;
  #isStarted = false;
  #beat: Beat | null;
  /** When the last heartbeat was written or its turn was missed. */
  #lastBeatAt: number;
  #isSilent = false;

  constructor({ session, beat, context, link, holder }: HeartbeatDriverOptions) {
    this.#session = session;
    this.#context = context;
    this.#link = link;
    this.#holder = holder;
    this.#beat = beat;
    this.#lastBeatAt = context.clock.monotonic();
  }

  /** The session begins now. */
  start(): void {
    this.#send();
  }

  /** The session is ready since its first answer; the next heartbeat is due one wait after what was answered was written. */
  carryOn(sentAt: number, rest: readonly Step[] = []): void {
    this.#isStarted = true;
    this.#lastBeatAt = sentAt;
    this.#arm();
    this.#run(rest, 'reply');
  }

  /** Other times for the same session: the next heartbeat is due one new wait after the last one. */
  reconfigure(beat: Beat | null): void {
    this.#beat = beat;
    this.#arm();
  }

  received(bytes: Uint8Array): void {
    if (this.#sentAt !== null) this.#receivedSinceSend = true;
    this.#receivedBytes += bytes.length;
    this.#run(this.#session.received(bytes), 'reply');
  }

  /** Whether an answer is due: what comes now was asked for. */
  get isAwaiting(): boolean {
    return this.#sentAt !== null;
  }

  /** What an idle timeout that expires now should be called: a tie with a reply deadline goes to the heartbeat. */
  verdictIfOverdue(): 'no_reply' | 'protocol' | null {
    const timeoutMs = this.#beat?.timeoutMs ?? null;
    if (this.#sentAt === null || timeoutMs === null) return null;
    return this.#context.clock.monotonic() >= this.#sentAt + timeoutMs - TIE_MS ? this.#missedReason() : null;
  }

  stop(): void {
    this.#isSilent = true;
    this.#disarm();
    this.#deadline?.cancel();
    this.#sentAt = null;
  }

  /** True when all that the steps wanted sent was written. */
  #run(steps: readonly Step[], how: 'write' | 'reply'): boolean {
    const holder = this.#holder;
    let written = true;
    for (const step of steps) {
      switch (step.kind) {
        case 'send':
          written = holder.writeWords(step.bytes, how) && written;
          if (!written && how === 'reply') holder.take(UNREAD);
          break;
        case 'ready':
          // Where it needed no answer the first heartbeat follows at once.
          if (this.#sentAt === null) written = this.#run(this.#session.beat(), how) && written;
          else this.#answered();
          break;
        case 'goodbye':
          if (step.then !== 'goesOn') this.stop();
          holder.take(step);
          break;
        case 'broken':
          holder.take(step);
          break;
        case 'answered':
          this.#answered();
          break;
        case 'startTls':
        case 'derive':
        case 'refused':
        case 'left':
          break; // of a session that is not ready, or took its leave
      }
    }
    return written;
  }

  /** The next heartbeat, one wait after the last. */
  #arm(): void {
    this.#disarm();
    if (this.#beat === null || this.#isSilent) return;
    const { clock, random, wheel } = this.#context;
    const passedMs = clock.monotonic() - this.#lastBeatAt;
    const leastMs = shortestWaitMs(this.#beat) - passedMs;
    const waitMs = heartbeatWaitMs(this.#beat, random()) - passedMs;
    const isCoarse = this.#beat.intervalMs - passedMs - leastMs < TURN_MS;
    this.#next = isCoarse
      ? clock.after(Math.max(0, waitMs), () => this.due())
      : wheel.addBetween(this, leastMs, waitMs);
  }

  #disarm(): void {
    const next = this.#next;
    this.#next = null;
    if (typeof next === 'number') this.#context.wheel.remove(this, next);
    else next?.cancel();
  }

  /** For the wheel alone: the next heartbeat is. */
  due(): void {
    this.#next = null;
    this.#send();
  }

  #send(): void {
    const { clock, stalls } = this.#context;
    this.#lastBeatAt = clock.monotonic();
    this.#arm();
    const timeoutMs = this.#beat?.timeoutMs ?? null;
    // An answer still due when the next send is due can only be one whose deadline is being looked at right now.
    if (this.#sentAt !== null || this.#link.queuedBytes() > 0) return;
    if (timeoutMs !== null) stalls.watchFor(timeoutMs);
    const written = this.#run(this.#nextSteps(), 'write');
    if (timeoutMs === null || !written) return;
    this.#sentAt = clock.monotonic();
    this.#receivedSinceSend = false;
    this.#deadline = clock.after(timeoutMs, () => this.#recheck());
  }

  #nextSteps(): readonly Step[] {
    if (this.#isStarted) return this.#session.beat();
    this.#isStarted = true;
    return this.#session.start();
  }

  /** The answer may lie in the kernel while our loop was held up: read first, then judge. */
  #recheck(): void {
    const receivedBytes = (): number => this.#receivedBytes;
    this.#deadline = afterReading(this.#context.clock, receivedBytes, () => {
      if (this.#sentAt !== null) this.#holder.take({ kind: 'missed', reason: this.#missedReason() });
    });
  }

  #answered(): void {
    if (this.#sentAt === null) return;
    const { clock, stalls } = this.#context;
    const rttMs = clock.monotonic() - this.#sentAt;
    this.#sentAt = null;
    this.#deadline?.cancel();
    this.#deadline = null;
    if (!stalls.justStalled) this.#holder.take({ kind: 'answered', rttMs });
  }

  #missedReason(): 'no_reply' | 'protocol' {
    const hasArrived = (this.#link.outstandingBytes() ?? 0) === 0;
    return hasArrived && this.#receivedSinceSend ? 'protocol' : 'no_reply';
  }
}

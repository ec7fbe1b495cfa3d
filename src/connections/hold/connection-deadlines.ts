import type { Timer } from '../../clock/clock.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import { afterReading } from '../link/after-reading.ts';
import type { HeldContext } from './held-connection-options.ts';
import type { TimerWheel, WaitingTaker } from './timer-wheel.ts';

/** The settings that are lengths of time, in milliseconds; 0 = never. */
export type DeadlineSettings = Pick<
  PeerSettings,
  'idleTimeoutMs' | 'writeTimeoutMs' | 'maxConnectionAgeMs' | 'sampleIntervalMs'
>;

/** One whose socket is to be sampled. */
export type SampleTaker = { sampleDue(): void };

/** The connection whose deadlines they are. Functions made for it would be memory of every peer. */
export type DeadlineHolder = {
  /** When the last byte arrived, or the connection was established; monotonic. */
  readonly lastReceivedAt: number;
  readonly receivedBytes: number;
  /** Bytes of ours that the kernel has not taken yet. */
  readonly queuedBytes: number;
  /** These are called when a deadline has passed. */
  idleTooLong(): void;
  writeStalled(): void;
  tooOld(): void;
};

export type ConnectionDeadlinesOptions = {
  readonly settings: DeadlineSettings;
  readonly holder: DeadlineHolder;
  readonly sampled: SampleTaker;
  readonly context: Pick<HeldContext, 'clock' | 'random' | 'wheel'>;
};

/** Ages differ by up to this share either way, so that connections begun together do not all reconnect together. */
export const AGE_JITTER = 0.1;

/**
 * The deadlines of one held connection: idle, write, age, and when to sample. Where one passes, the sockets are read before
 * it counts: what would have kept it, or the end that came first, may lie in the kernel while our loop was held up.
 */
export class ConnectionDeadlines implements WaitingTaker {
  readonly #holder: DeadlineHolder;
  readonly #context: ConnectionDeadlinesOptions['context'];
  readonly #establishedAt: number;
  #settings: DeadlineSettings;
  #idle: Timer | null = null;
  #write: Timer | null = null;
  #age: Timer | null = null;
  /** The turn of the wheel in which the next sample is due; null: none is. */
  #sampleTurn: number | null = null;
  // Here, and not looked up in the context: samples are most of what an idle process does, and what they touch is in no cache.
  readonly #wheel: TimerWheel;
  readonly #sampled: SampleTaker;
  #sampleIntervalMs: number;

  constructor({ settings, holder, sampled, context }: ConnectionDeadlinesOptions) {
    this.#settings = settings;
    this.#holder = holder;
    this.#context = context;
    this.#wheel = context.wheel;
    this.#sampled = sampled;
    this.#sampleIntervalMs = settings.sampleIntervalMs;
    this.#establishedAt = context.clock.monotonic();
  }

  start(): void {
    this.#armAge();
    this.#beginSamples();
    this.#armIdle(this.#settings.idleTimeoutMs);
  }

  /** What did not change is not touched. A changed idle wait and age are counted from when their clock started, not from now. */
  reconfigure(settings: DeadlineSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#sampleIntervalMs = settings.sampleIntervalMs;
    if (before.maxConnectionAgeMs !== settings.maxConnectionAgeMs) this.#armAge();
    if (before.sampleIntervalMs !== settings.sampleIntervalMs) this.#beginSamples();
    if (before.idleTimeoutMs !== settings.idleTimeoutMs) {
      this.#armIdle(settings.idleTimeoutMs - (this.#context.clock.monotonic() - this.#holder.lastReceivedAt));
    }
    if (before.writeTimeoutMs !== settings.writeTimeoutMs) this.#watchQueue();
  }

  /** To be called after each write. */
  written(): void {
    this.#watchQueue();
  }

  stop(): void {
    this.#idle?.cancel();
    this.#write?.cancel();
    this.#age?.cancel();
    this.#cancelSample();
  }

  #armIdle(waitMs: number): void {
    const { clock } = this.#context;
    this.#idle?.cancel();
    if (this.#settings.idleTimeoutMs === 0) return;
    this.#idle = clock.after(Math.max(0, waitMs), () => {
      this.#idle = clock.afterPoll(() => {
        const left = this.#holder.lastReceivedAt + this.#settings.idleTimeoutMs - clock.monotonic();
        if (left > 0) this.#armIdle(left);
        else this.#holder.idleTooLong();
      });
    });
  }

  /** Watches the bytes that the kernel would not take. Any progress, however small, starts the wait over. */
  #watchQueue(): void {
    const { clock } = this.#context;
    this.#write?.cancel();
    const queued = this.#holder.queuedBytes;
    if (this.#settings.writeTimeoutMs === 0 || queued === 0) return;
    this.#write = clock.after(this.#settings.writeTimeoutMs, () => {
      this.#write = this.#afterReading(() => {
        const left = this.#holder.queuedBytes;
        if (left === 0) return;
        if (left < queued) this.#watchQueue();
        else this.#holder.writeStalled();
      });
    });
  }

  #armAge(): void {
    const { clock, random } = this.#context;
    this.#age?.cancel();
    if (this.#settings.maxConnectionAgeMs === 0) return;
    const age = this.#settings.maxConnectionAgeMs * (1 + AGE_JITTER * (2 * random() - 1));
    const left = Math.max(0, this.#establishedAt + age - clock.monotonic());
    this.#age = clock.after(left, () => {
      this.#age = this.#afterReading(() => this.#holder.tooOld());
    });
  }

  #afterReading(decide: () => void): Timer {
    return afterReading(this.#context.clock, () => this.#holder.receivedBytes, decide);
  }

  /** For the wheel alone: a sample is. */
  due(): void {
    this.#sampleTurn = this.#wheel.add(this, this.#sampleIntervalMs);
    this.#sampled.sampleDue();
  }

  /** The first sample at a random moment, so that connections begun, or changed, together are not all sampled together. */
  #beginSamples(): void {
    this.#cancelSample();
    const sampleIntervalMs = this.#sampleIntervalMs;
    if (sampleIntervalMs > 0) this.#sampleTurn = this.#wheel.add(this, this.#context.random() * sampleIntervalMs);
  }

  #cancelSample(): void {
    if (this.#sampleTurn !== null) this.#wheel.remove(this, this.#sampleTurn);
    this.#sampleTurn = null;
  }
}

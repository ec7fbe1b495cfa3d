import type { Clock, Timer } from '../../clock/clock.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import { afterReading } from '../link/after-reading.ts';
import type { TimerWheel, WaitingTaker } from './timer-wheel.ts';

/** The settings that are lengths of time, in milliseconds; 0 = never. */
export type DeadlineSettings = Pick<
  PeerSettings,
  'idleTimeoutMs' | 'writeTimeoutMs' | 'maxConnectionAgeMs' | 'sampleIntervalMs'
>;

/** One whose socket is to be sampled. */
export type SampleTaker = { sampleDue(): void };

export type ConnectionDeadlinesOptions = {
  readonly settings: DeadlineSettings;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  /** When the last byte arrived, or the connection was established; monotonic. */
  readonly lastReceivedAt: () => number;
  readonly receivedBytes: () => number;
  /** Bytes of ours that the kernel has not taken yet. */
  readonly queuedBytes: () => number;
  readonly idle: () => void;
  readonly writeStalled: () => void;
  readonly tooOld: () => void;
  readonly sampled: SampleTaker;
  readonly wheel: TimerWheel;
};

/** Ages differ by up to this share either way, so that connections begun together do not all reconnect together. */
export const AGE_JITTER = 0.1;

/**
 * The deadlines of one held connection: idle, write, age, and when to sample. Where one passes, the sockets are read before
 * it counts: what would have kept it, or the end that came first, may lie in the kernel while our loop was held up.
 */
export class ConnectionDeadlines implements WaitingTaker {
  readonly #options: ConnectionDeadlinesOptions;
  readonly #establishedAt: number;
  #settings: DeadlineSettings;
  readonly #timers: { idle?: Timer; write?: Timer; age?: Timer } = {};
  /** The turn of the wheel in which the next sample is due; null: none is. */
  #sampleTurn: number | null = null;
  // Here, and not looked up in the options: samples are most of what an idle process does, and what they touch is in no cache.
  readonly #wheel: TimerWheel;
  readonly #sampled: SampleTaker;
  #sampleIntervalMs: number;

  constructor(options: ConnectionDeadlinesOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#wheel = options.wheel;
    this.#sampled = options.sampled;
    this.#sampleIntervalMs = options.settings.sampleIntervalMs;
    this.#establishedAt = options.clock.monotonic();
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
    const { clock, lastReceivedAt } = this.#options;
    if (before.maxConnectionAgeMs !== settings.maxConnectionAgeMs) this.#armAge();
    if (before.sampleIntervalMs !== settings.sampleIntervalMs) this.#beginSamples();
    if (before.idleTimeoutMs !== settings.idleTimeoutMs) {
      this.#armIdle(settings.idleTimeoutMs - (clock.monotonic() - lastReceivedAt()));
    }
    if (before.writeTimeoutMs !== settings.writeTimeoutMs) this.#watchQueue();
  }

  /** To be called after each write. */
  written(): void {
    this.#watchQueue();
  }

  stop(): void {
    const { idle, write, age } = this.#timers;
    idle?.cancel();
    write?.cancel();
    age?.cancel();
    this.#cancelSample();
  }

  #armIdle(waitMs: number): void {
    const { clock, lastReceivedAt, idle } = this.#options;
    this.#timers.idle?.cancel();
    if (this.#settings.idleTimeoutMs === 0) return;
    this.#timers.idle = clock.after(Math.max(0, waitMs), () => {
      this.#timers.idle = clock.afterPoll(() => {
        const left = lastReceivedAt() + this.#settings.idleTimeoutMs - clock.monotonic();
        if (left > 0) this.#armIdle(left);
        else idle();
      });
    });
  }

  /** Watches the bytes that the kernel would not take. Any progress, however small, starts the wait over. */
  #watchQueue(): void {
    const { clock, receivedBytes, queuedBytes, writeStalled } = this.#options;
    this.#timers.write?.cancel();
    const queued = queuedBytes();
    if (this.#settings.writeTimeoutMs === 0 || queued === 0) return;
    this.#timers.write = clock.after(this.#settings.writeTimeoutMs, () => {
      this.#timers.write = afterReading(clock, receivedBytes, () => {
        const left = queuedBytes();
        if (left === 0) return;
        if (left < queued) this.#watchQueue();
        else writeStalled();
      });
    });
  }

  #armAge(): void {
    const { clock, random, receivedBytes, tooOld } = this.#options;
    this.#timers.age?.cancel();
    if (this.#settings.maxConnectionAgeMs === 0) return;
    const age = this.#settings.maxConnectionAgeMs * (1 + AGE_JITTER * (2 * random() - 1));
    const left = Math.max(0, this.#establishedAt + age - clock.monotonic());
    this.#timers.age = clock.after(left, () => {
      this.#timers.age = afterReading(clock, receivedBytes, tooOld);
    });
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
    if (sampleIntervalMs > 0) this.#sampleTurn = this.#wheel.add(this, this.#options.random() * sampleIntervalMs);
  }

  #cancelSample(): void {
    if (this.#sampleTurn !== null) this.#wheel.remove(this, this.#sampleTurn);
    this.#sampleTurn = null;
  }
}

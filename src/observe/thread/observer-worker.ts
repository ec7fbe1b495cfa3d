import { parentPort } from 'node:worker_threads';
import type { Timer } from '../../clock/clock.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { PodNames } from '../../os/proc/pod-names.ts';
import { TraceInstance } from '../../os/tracefs/trace-instance.ts';
import type { ObservedStep } from '../observed-step.ts';
import { TraceFollower } from '../trace-follower.ts';
import type { ObserverAnswer, ObserverRequest } from './observer-messages.ts';

/** The ring holds about a second of the busiest host; an end is reported 100 ms after it. */
const READ_EVERY_MS = 50;
/** Steps in one message: it takes the event loop two milliseconds to read them. Twice what the busiest host makes in 50 ms. */
const STEPS_A_MESSAGE = 2000;
/** Where so many wait for the event loop, nothing more is read: the ring runs over then, and counts what it loses. */
const MOST_WAITING = 50_000;

type Opening = Extract<ObserverRequest, { ask: 'open' }>;

/** Reads one ring for as long as the thread lives. */
class Observing {
  readonly #instance: TraceInstance;
  readonly #follower: TraceFollower;
  readonly #isPending: Opening['isPending'];
  readonly #waiting: ObservedStep[] = [];
  #sent = 0;
  #isAsked = false;
  #reportedLost = 0;
  #timer: Timer | null = null;

  constructor(instance: TraceInstance, { proc, podLogs, isPending }: Opening) {
    this.#instance = instance;
    this.#isPending = isPending;
    const emit = (step: ObservedStep): void => void this.#waiting.push(step);
    const pods = new PodNames({ folders: podLogs, now: () => systemClock.monotonic() });
    this.#follower = new TraceFollower({ instance, clock: systemClock, proc, pods, emit });
    this.#readAgain();
  }

  change(changes: Extract<ObserverRequest, { ask: 'change' }>['changes']): void {
    this.#follower.change(changes);
  }

  /** Answers when all that it was asked to watch is watched, and what it found was handed on. */
  askWhenWatching(): void {
    this.#isAsked = true;
  }

  close(): void {
    this.#timer?.cancel();
    this.#instance.close();
  }

  #readAgain(): void {
    this.#timer = systemClock.after(READ_EVERY_MS, () => {
      if (this.#waiting.length - this.#sent < MOST_WAITING) this.#follower.read();
      this.#send();
      this.#readAgain();
    });
  }

  #send(): void {
    this.#sendSteps();
    if (!this.#isAsked || !this.#follower.isWatching || this.#waiting.length > 0) return;
    this.#isAsked = false;
    answer({ answer: 'watching' });
  }

  #sendSteps(): void {
    const { lostLines, nowNs } = this.#follower;
    if (
      Atomics.load(this.#isPending, 0) === 1 ||
      (this.#sent === this.#waiting.length && lostLines === this.#reportedLost)
    )
      return;
    const steps = this.#waiting.slice(this.#sent, this.#sent + STEPS_A_MESSAGE);
    this.#sent += steps.length;
    if (this.#sent === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#sent = 0;
    }
    Atomics.store(this.#isPending, 0, 1);
    this.#reportedLost = lostLines;
    answer({ answer: 'steps', steps, originMs: systemClock.now() - nowNs / 1e6, lostLines });
  }
}

let observing: Observing | null = null;

/** Runs in a thread of its own: with 9,000 connections a second there are 50,000 lines, and a look at /proc takes its time. */
parentPort?.on('message', (request: ObserverRequest) => {
  switch (request.ask) {
    case 'open':
      return open(request);
    case 'change':
      return observing?.change(request.changes);
    case 'watching':
      return observing?.askWhenWatching();
    case 'close':
      observing?.close();
      parentPort?.close();
  }
});

function open(opening: Opening): void {
  const result = TraceInstance.open(opening.tracefs, opening.suffix);
  if (result.kind === 'failed') return answer({ answer: 'failed', problem: result.problem });
  observing = new Observing(result.instance, opening);
  answer({ answer: 'opened' });
}

function answer(message: ObserverAnswer): void {
  parentPort?.postMessage(message);
}

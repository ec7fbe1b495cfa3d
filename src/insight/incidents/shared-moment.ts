import type { BreakSpan } from './break-span.ts';

/** Both sides of a span are this much wider: clocks, timers and a stalled loop are late by some of it. */
const WIDENED_MS = 5000;
/** Moments nearer to each other than this are one. */
const STEP_MS = 500;
const MOST_STEPS = 4096;

/** `at`: wall-clock milliseconds. `indices`: of the ends whose connection can have broken then, ascending. */
export type SharedMoment = { readonly at: number; readonly indices: readonly number[] };

/** Spans between two yields: well under a millisecond. */
const STEP = 1000;

/**
 * The moment at which most of these connections can have broken, each span widened; of a time in which it is the same the
 * middle, of equal ones the first. Yields after small pieces of the work.
 */
export function* sharedMoment(ends: readonly BreakSpan[]): Generator<void, SharedMoment> {
  let first = Infinity;
  let last = -Infinity;
  // Over places, here and in all that judges: in a generator `for of` makes an object for each element.
  for (let index = 0; index < ends.length; index++) {
    if (index % STEP === 0) yield;
    const span = ends[index];
    if (span === undefined) continue;
    first = Math.min(first, span.from - WIDENED_MS);
    last = Math.max(last, span.to + WIDENED_MS);
  }
  const stepMs = Math.max(STEP_MS, (last - first) / MOST_STEPS);
  const stepOf = (moment: number): number => Math.floor((moment - first) / stepMs);
  const changes = new Int32Array(stepOf(last) + 2);
  for (let index = 0; index < ends.length; index++) {
    if (index % STEP === 0) yield;
    const span = ends[index];
    if (span === undefined) continue;
    change(changes, stepOf(span.from - WIDENED_MS), 1);
    change(changes, stepOf(span.to + WIDENED_MS) + 1, -1);
  }
  const step = fullestStep(changes);
  const indices: number[] = [];
  for (let index = 0; index < ends.length; index++) {
    if (index % STEP === 0) yield;
    const span = ends[index];
    if (span === undefined) continue;
    if (stepOf(span.from - WIDENED_MS) <= step && step <= stepOf(span.to + WIDENED_MS)) indices.push(index);
  }
  return { at: first + (step + 0.5) * stepMs, indices };
}

function change(changes: Int32Array, step: number, by: number): void {
  changes[step] = (changes[step] ?? 0) + by;
}

function fullestStep(changes: Int32Array): number {
  let most = 0;
  let first = 0;
  let last = 0;
  let now = 0;
  changes.forEach((by, step) => {
    now += by;
    if (now > most) [most, first] = [now, step];
    if (now === most && (first === step || last === step - 1)) last = step;
  });
  return Math.floor((first + last) / 2);
}

/** Whether a connection with this span can have broken at that moment. */
export function canBeAt({ from, to }: BreakSpan, at: number): boolean {
  return from - WIDENED_MS <= at && at <= to + WIDENED_MS;
}

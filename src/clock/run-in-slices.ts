import type { Clock } from './clock.ts';

/** What else waits, an end or a probe, waits for one slice and the collections of garbage in it. */
const SLICE_MS = 1;

/**
 * Runs work that grows with the number of peers, step by step, and gives the event loop back after each 1 ms: the sockets
 * that are readable then are read first. Resolves with the result; with null, and without another step, once
 * `isCancelled` says so. What fits one slice is done before this returns.
 */
export async function runInSlices<Result>(
  clock: Clock,
  steps: Generator<void, Result>,
  isCancelled: () => boolean = () => false,
): Promise<Result | null> {
  let startedAt = clock.monotonic();
  while (!isCancelled()) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() - startedAt < SLICE_MS) continue;
    await new Promise<void>((resolve) => clock.afterPoll(resolve));
    startedAt = clock.monotonic();
  }
  return null;
}

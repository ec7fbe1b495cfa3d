/** Shorter silences are forgotten by no box that connections are held through. */
const SHORTEST_MS = 15_000;

/** The silences to try up to this one, itself included: those of the edges that are long enough. Milliseconds, ascending. */
export function ladderSteps(edgesMs: readonly number[], upToMs: number): readonly number[] {
  return [...edgesMs.filter((edge) => edge >= SHORTEST_MS && edge < upToMs), upToMs];
}

/** Half of what was survived, in whole seconds: room for the kernel's timer, which is up to 16 s late beyond 131 s. */
export function advisedKeepaliveSeconds(survivedMs: number): number {
  return Math.max(1, Math.floor(survivedMs / 2000));
}

/** Beginning 0.5 s apart, probes, a login that is slow: what comes to each silence. */
const OVERHEAD_MS = 10_000;

/** How long a ladder takes at most, with the repetition of its longest step, where so many are silent at a time. */
export function longestLadderMs(stepsMs: readonly number[], atATime: number): number {
  const longest = stepsMs.at(-1) ?? 0;
  if (atATime >= stepsMs.length) return 2 * (longest + OVERHEAD_MS);
  const sum = stepsMs.reduce((total, step) => total + step + OVERHEAD_MS, 0);
  return sum / atATime + 2 * (longest + OVERHEAD_MS);
}

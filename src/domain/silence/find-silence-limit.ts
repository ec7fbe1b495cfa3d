import { type SilenceOutcome, type SilenceResult, toldSilenceMs } from './silence-result.ts';

/** What the results of a ladder show. */
export type SilenceFinding =
  /** Everything that was silent for up to `survivedMs` was answered. Null: nothing has been asked yet. */
  | { readonly kind: 'none'; readonly survivedMs: number | null }
  /** The path forgets between the two; null: nothing was survived. */
  | {
      readonly kind: 'limit';
      readonly survivedMs: number | null;
      readonly fatalMs: number;
      readonly how: Exclude<SilenceOutcome, 'survived'>;
      /** The connections ended by themselves after this silence; null: they were found dead when they were asked. */
      readonly endedAfterMs: number | null;
      /** How many died of it. */
      readonly deaths: number;
    }
  /** One died, and nothing else says whether that was an accident. */
  | { readonly kind: 'unconfirmed'; readonly survivedMs: number | null; readonly stepMs: number }
  /** One died of a silence, and another survived a longer one. */
  | { readonly kind: 'contradicted'; readonly survivedMs: number; readonly diedMs: number }
  /** They ended at one moment, after different silences: no timer. */
  | {
      readonly kind: 'together';
      readonly survivedMs: number | null;
      readonly stepMs: number;
      readonly ends: number;
      readonly at: number;
      readonly withinMs: number;
    };

/** A timer that is exact is no further from its setting. */
const NEAR = 0.02;
/** What the path and our own event loop add to it. */
const LATE_MS = 250;

/**
 * What these results show, whatever their order. A limit takes two deaths, and no survivor beyond. `steps`: all steps of the
 * ladder, from the shortest; those that ended by themselves name the first step that they did not reach.
 */
export function findSilenceLimit(results: readonly SilenceResult[], steps: readonly number[]): SilenceFinding {
  const survivors = results.filter(({ outcome }) => outcome === 'survived');
  const survivedMs = survivors.length === 0 ? null : Math.max(...survivors.map(toldSilenceMs));
  const deaths = results.filter(({ outcome }) => outcome !== 'survived');
  const [first] = deaths.toSorted((one, other) => one.silentMs - other.silentMs);
  if (first === undefined) return { kind: 'none', survivedMs };
  const together = endsTogether(deaths);
  if (together !== null) return { kind: 'together', survivedMs, stepMs: stepOf(first, steps), ...together };
  // A survivor at the very limit won a race against a timer.
  if (survivedMs !== null && survivedMs > first.silentMs * (1 + NEAR) + LATE_MS)
    return { kind: 'contradicted', survivedMs, diedMs: first.silentMs };
  if (deaths.length < 2) return { kind: 'unconfirmed', survivedMs, stepMs: stepOf(first, steps) };
  const { outcome: how, asked, silentMs } = first;
  return {
    kind: 'limit',
    survivedMs,
    fatalMs: stepOf(first, steps),
    how: how === 'survived' ? 'silent' : how,
    endedAfterMs: asked === 'unasked' ? silentMs : null,
    deaths: deaths.length,
  };
}

/** Whether this many milliseconds are as long as those, for a timer. */
export function isSameSilence(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(one, other) * NEAR + LATE_MS;
}

/** The shortest step that this silence, which was fatal, did not reach or was asked at. */
function stepOf({ asked, stepMs, silentMs }: SilenceResult, steps: readonly number[]): number {
  if (asked === 'onTime') return stepMs;
  return steps.find((step) => step >= silentMs) ?? stepMs;
}

/** Connections begin apart from one another: a timer ends them after equal silences, an accident at one moment. */
function endsTogether(deaths: readonly SilenceResult[]) {
  const ended = deaths.filter(({ asked }) => asked === 'unasked');
  if (ended.length < 2) return null;
  const withinMs = spread(ended.map(({ at }) => at));
  if (withinMs >= spread(ended.map(({ silentMs }) => silentMs))) return null;
  return { ends: ended.length, at: Math.min(...ended.map(({ at }) => at)), withinMs };
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

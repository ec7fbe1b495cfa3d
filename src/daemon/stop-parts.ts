import type { Clock } from '../clock/clock.ts';
import type { Part } from './part.ts';

export type StopOptions = {
  readonly clock: Clock;
  /** For all parts together. */
  readonly timeoutMs: number;
  /** Called for a part that could not deliver all it had. */
  readonly onLost: (part: Part, lost: number) => void;
};

/**
 * Stops the parts one after the other in their order. Each gets what is left of the deadline, less what is kept for the
 * parts behind it; a part with a `stopMs` gets just that.
 */
export async function stopParts(parts: readonly Part[], { clock, timeoutMs, onLost }: StopOptions): Promise<void> {
  const sharedUntil = clock.monotonic() + timeoutMs - stopMsOf(parts);
  for (const part of parts) {
    const { lost } = await part.stop(part.stopMs ?? Math.max(0, sharedUntil - clock.monotonic()));
    if (lost > 0) onLost(part, lost);
  }
}

/** The time that is kept for parts with a `stopMs`. */
export function stopMsOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { stopMs = 0 }) => sum + stopMs, 0);
}

import type { Sink } from '../events/bus.ts';
import type { StartResult } from '../settings/start-result.ts';

/** One of the things that a daemon is built from. All of them start and stop in the same way. */
export type Part = {
  readonly name: string;
  /** Gets the events. Absent: it takes none. */
  readonly sink?: Sink;
  /** Opens what it needs. Absent: there is nothing to open. */
  readonly start?: () => Promise<StartResult>;
  /** Ends within `deadlineMs`. Never rejects. `lost`: how many things it still had and could not deliver. */
  readonly stop: (deadlineMs: number) => Promise<{ readonly lost: number }>;
  /** Stopping gets this long, whatever the parts before it used. Absent: what the shared deadline leaves. */
  readonly stopMs?: number;
  /** What is logged, with the number, where something was lost. */
  readonly lossMessage?: string;
};

/** A part that only takes events. */
export function sinkPart(name: string, sink: Sink): Part {
  return { name, sink, stop: async () => ({ lost: 0 }) };
}

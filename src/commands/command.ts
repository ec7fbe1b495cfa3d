import type { Flags, FlagValues } from './flags/parse-flags.ts';
import type { Runtime } from './runtime.ts';

/** One command of the command line, as the help and the dispatcher see it. */
export type Command<F extends Flags = Flags> = {
  readonly name: string;
  /** `finrst watch HOST:PORT... [flags]` */
  readonly usage: string;
  /** What it does, in one line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for its own help page. */
  readonly about: string;
  readonly flags: F;
  readonly examples: readonly string[];
  /** How many operands it takes; null: any number, at least one. */
  readonly operands: 0 | null;
  /** Resolves with the exit code. */
  readonly run: (runtime: Runtime, values: FlagValues<F>, operands: readonly string[]) => Promise<number>;
};

/** Exit codes of the contract. */
export const EXIT = { ok: 0, failed: 1, misused: 2 } as const;

/** Keeps the flags' types for `run`, then forgets them so that commands of all kinds fit one list. */
export function command<F extends Flags>(of: Command<F>): Command {
  return of as unknown as Command;
}

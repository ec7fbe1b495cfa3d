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
  readonly operands: Operands;
  /** Resolves with the exit code. */
  readonly run: (runtime: Runtime, values: FlagValues<F>, operands: readonly string[]) => Promise<number>;
};

/** How many operands a command takes, and what a shell may complete them with; absent: nothing is known. */
export type Operands = {
  readonly least: number;
  readonly most: number;
  readonly completes?: 'files' | 'hosts' | (() => readonly string[]);
};

export const NO_OPERANDS: Operands = { least: 0, most: 0 };

/** Exit codes of the contract. */
export const EXIT = { ok: 0, failed: 1, misused: 2 } as const;

/** Keeps the flags' types for `run`, then forgets them so that commands of all kinds fit one list. */
export function command<F extends Flags>(of: Command<F>): Command {
  return of as unknown as Command;
}

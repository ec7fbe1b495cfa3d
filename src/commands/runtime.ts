import type { Clock } from '../clock/clock.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import type { Sink } from '../events/bus.ts';
import type { Daemon, DaemonOptions } from '../daemon/daemon-options.ts';
import type { BuildInfo } from '../settings/build-info.ts';

/** A signal that ends a command; SIGPIPE: nobody reads its output any more. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGPIPE';

/**
 * What the process gives a command. `main.ts` makes the real one, tests make their own: no command touches `process`, and
 * none knows how a line reaches a terminal.
 */
export type Runtime = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly build: BuildInfo;
  /** Descriptors this process may have open; null: unknown or unlimited. */
  readonly openFileLimit: number | null;
  /** One line (or several) for people, to stdout. A reader that went away ends the command quietly. */
  readonly print: (text: string) => void;
  /** The same to stderr. */
  readonly printError: (text: string) => void;
  /** Whether stdout is a terminal that shows colours (NO_COLOR and FORCE_COLOR are honoured). */
  readonly colours: boolean;
  /** What the process itself is, platform and environment, is added by `main.ts`. */
  readonly createDaemon: (options: CommandDaemonOptions) => Daemon;
  /** The daemon's log, on stderr. */
  readonly createLog: (options: LogSettings) => Sink;
  /** The live view of `watch` and `demo`, on stdout. */
  readonly createTerminal: (options: TerminalSettings) => Terminal;
  readonly signals: Signals;
};

export type CommandDaemonOptions = Omit<DaemonOptions, 'platform' | 'env'>;

export type LogSettings = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'logfmt' | 'json';
};

export type TerminalSettings = {
  /** One JSON object per line instead of text for people. */
  readonly json: boolean;
  /** Ends and failures alone, without advice: for many peers that end all the time. */
  readonly brief: boolean;
  /** How a peer is called on screen. */
  readonly nameOf: (peer: PeerRef) => string;
  /** Names that will appear, for the width of the column. */
  readonly names: readonly string[];
};

/** A view that is written as things happen, and sums up at the end. */
export type Terminal = {
  readonly sink: Sink;
  /** Prints the summary over `watchedMs`. Call it once, after the last event. */
  readonly summarize: (watchedMs: number) => void;
  /** Prints columns of text after an empty line; the first row is the header. */
  readonly table: (rows: readonly (readonly string[])[]) => void;
};

export type Signals = {
  /** Resolves with the first signal that ends the command. A second one ends the process at once. */
  readonly stop: () => Promise<StopSignal>;
  /** Calls back for every SIGHUP. Until this is called SIGHUP ends the process, as it does for any program. */
  readonly onReload: (listener: () => void) => void;
};

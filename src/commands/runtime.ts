import type { Clock } from '../clock/clock.ts';
import type { ConfigLoader } from '../config/config-loader.ts';
import type { Daemon, DaemonOptions } from '../daemon/daemon-options.ts';
import type { Discovered, DiscoverOptions } from '../daemon/discover-targets.ts';
import type { DiscoverHostOptions, HostDiscovered } from '../daemon/discover-host.ts';
import type { MeasureSilenceOptions, SilenceMeasured } from '../daemon/measure-silence.ts';
import type { FileContent, ReadFile } from '../files/file-content.ts';
import type { BuildInfo } from '../settings/build-info.ts';
import type { LineWriter, TextOutput } from '../text/line-writer.ts';

/** A signal that ends a command; SIGPIPE: its output has no reader any more. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGPIPE';

/** What the process gives a command. `main.ts` makes the real one, tests make their own: no command touches `process`. */
export type Runtime = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  /** The variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly build: BuildInfo;
  /** Descriptors this process may have open; null: unknown or unlimited. */
  readonly openFileLimit: number | null;
  /** net.core.netdev_max_backlog; null: unknown. */
  readonly packetBacklog: number | null;
  /** Reads regular files off the event loop; one that hangs is given up. */
  readonly readFile: ReadFile;
  /** Reads a file of any kind to its end; `-` is standard input. For commands that do nothing else meanwhile. */
  readonly readOperand: (name: string) => Promise<FileContent>;
  /** One line (or several) for people, to stdout. A reader that went away ends the command quietly. */
  readonly print: LineWriter;
  /** Lines of any number to stdout: none is lost, however slow the reader is. Resolves when they are written or nobody reads. */
  readonly printWhole: (lines: readonly string[]) => Promise<void>;
  /** `print` to stderr. */
  readonly printError: LineWriter;
  /** Stderr itself, for the daemon's log. */
  readonly stderr: TextOutput;
  /** Whether stdout is a terminal that shows colours (NO_COLOR and FORCE_COLOR are honoured). */
  readonly colours: boolean;
  /** Columns of the terminal that stdout is, now: it may be resized. Null: stdout is no terminal. */
  readonly columns: () => number | null;
  /** Where the pages of docs/ are that the package carries. */
  readonly docsFolder: string;
  /** Checks configurations off the event loop; asked for once by what serves one. */
  readonly openConfigLoader: () => ConfigLoader;
  /** What the process itself is, platform and environment, `readFile`, `docsFolder` and `hostName` are added by `main.ts`. */
  readonly createDaemon: (options: CommandDaemonOptions) => Daemon;
  /** Runs the discovery of groups and holds nothing. Environment and `readFile` are added by `main.ts`. */
  readonly discoverTargets: (options: Omit<DiscoverOptions, 'env' | 'readFile'>) => Promise<Discovered>;
  /** Looks at what other processes of this host hold. `readFile` is added by `main.ts`. */
  readonly discoverHost: (options: Omit<DiscoverHostOptions, 'readFile'>) => Promise<HostDiscovered>;
  /** Measures how long a path tolerates silence. What the process itself is, and `readFile`, are added by `main.ts`. */
  readonly measureSilence: (
    options: Omit<MeasureSilenceOptions, 'platform' | 'env' | 'readFile'>,
  ) => Promise<SilenceMeasured>;
  readonly signals: Signals;
};

export type CommandDaemonOptions = Omit<DaemonOptions, 'platform' | 'env' | 'readFile' | 'docsFolder' | 'hostName'>;

export type Signals = {
  /** Resolves with the first signal that ends the command. A second one ends the process at once. */
  readonly stop: () => Promise<StopSignal>;
  /** Calls back for every SIGHUP. Until this is called SIGHUP ends the process, as it does for any program. */
  readonly onReload: (listener: () => void) => void;
};

import type { CommandDaemonOptions, LogSettings, Runtime, StopSignal } from '../../src/commands/runtime.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { ReloadResult } from '../../src/settings/reload-result.ts';
import type { StartResult } from '../../src/settings/start-result.ts';
import type { Sink } from '../../src/events/bus.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export type FakeRuntime = Runtime & {
  readonly clock: FakeClock;
  readonly printed: string[];
  readonly printedErrors: string[];
  readonly logged: FinrstEvent[];
  readonly logSettings: LogSettings[];
  /** What commands asked of the daemon, in order: `create`, `start`, `reload`, `stop SIGTERM 10000`. */
  readonly asked: string[];
  readonly daemons: CommandDaemonOptions[];
  /** A signal of the process. */
  readonly send: (signal: StopSignal | 'SIGHUP') => void;
};

export type FakeDaemon = {
  readonly start?: () => Promise<StartResult>;
  readonly stop?: () => Promise<void>;
};

/** Keeps every event. */
function sinkInto(events: FinrstEvent[]): Required<Sink> {
  const keep = (event: FinrstEvent) => void events.push(event);
  return { connection: keep, peer: keep, sample: keep, process: keep };
}

/** A process that only a test moves: signals are sent by hand, lines are kept, the daemon does what it is told. */
export function createFakeRuntime(daemon: FakeDaemon = {}): FakeRuntime {
  const printed: string[] = [];
  const printedErrors: string[] = [];
  const logged: FinrstEvent[] = [];
  const logSettings: LogSettings[] = [];
  const asked: string[] = [];
  const daemons: CommandDaemonOptions[] = [];
  const stopped = Promise.withResolvers<StopSignal>();
  let onReload: () => void = () => {};
  const print = (text: string) => void printed.push(...text.split('\n'));
  return {
    printed,
    printedErrors,
    logged,
    logSettings,
    asked,
    daemons,
    clock: createFakeClock(),
    random: () => 0.5,
    build: { version: '1.2.3', revision: 'abc', nodeVersion: '24.0.0' },
    openFileLimit: null,
    colours: false,
    print,
    printError: (text) => void printedErrors.push(...text.split('\n')),
    createLog(settings) {
      logSettings.push(settings);
      return sinkInto(logged);
    },
    createTerminal: () => ({
      sink: sinkInto(logged),
      summarize: (watchedMs) => print(`summary of ${watchedMs} ms`),
      table: (rows) => print(`table of ${rows.length} rows`),
    }),
    createDaemon(options) {
      daemons.push(options);
      asked.push('create');
      return {
        async start() {
          asked.push('start');
          return (await daemon.start?.()) ?? { kind: 'started', listening: [] };
        },
        async reload(): Promise<ReloadResult> {
          asked.push('reload');
          options.load();
          return { kind: 'reloaded' };
        },
        async stop(signal, timeoutMs) {
          asked.push(`stop ${signal} ${timeoutMs}`);
          await daemon.stop?.();
        },
      };
    },
    signals: {
      stop: async () => stopped.promise,
      onReload: (listener) => {
        onReload = listener;
      },
    },
    send(signal) {
      if (signal === 'SIGHUP') onReload();
      else stopped.resolve(signal);
    },
  };
}

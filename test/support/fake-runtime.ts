import type { CommandExporterOptions, LogSettings, Runtime, StopSignal } from '../../src/commands/runtime.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import type { ReloadResult } from '../../src/settings/reload-result.ts';
import type { Sink } from '../../src/events/bus.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export type FakeRuntime = Runtime & {
  readonly clock: FakeClock;
  readonly printed: string[];
  readonly complained: string[];
  readonly logged: FinrstEvent[];
  readonly logSettings: LogSettings[];
  /** What commands asked of the exporter, in order: `create`, `start`, `reload`, `stop SIGTERM 10000`. */
  readonly asked: string[];
  readonly exporters: CommandExporterOptions[];
  /** A signal of the process. */
  readonly send: (signal: StopSignal | 'SIGHUP') => void;
};

export type FakeExporter = {
  readonly start?: () => Promise<readonly string[]>;
  readonly stop?: () => Promise<void>;
};

/** Keeps every event. */
function sinkInto(events: FinrstEvent[]): Required<Sink> {
  const keep = (event: FinrstEvent) => void events.push(event);
  return { connection: keep, peer: keep, sample: keep, process: keep };
}

/** A process that only a test moves: signals are sent by hand, lines are kept, the exporter does what it is told. */
export function createFakeRuntime(exporter: FakeExporter = {}): FakeRuntime {
  const printed: string[] = [];
  const complained: string[] = [];
  const logged: FinrstEvent[] = [];
  const logSettings: LogSettings[] = [];
  const asked: string[] = [];
  const exporters: CommandExporterOptions[] = [];
  const stopped = Promise.withResolvers<StopSignal>();
  let onReload: () => void = () => {};
  const print = (text: string) => void printed.push(...text.split('\n'));
  return {
    printed,
    complained,
    logged,
    logSettings,
    asked,
    exporters,
    clock: createFakeClock(),
    random: () => 0.5,
    build: { version: '1.2.3', revision: 'abc', nodeVersion: '24.0.0' },
    openFileLimit: null,
    colours: false,
    print,
    complain: (text) => void complained.push(...text.split('\n')),
    createLog(settings) {
      logSettings.push(settings);
      return sinkInto(logged);
    },
    createTerminal: () => ({
      sink: sinkInto(logged),
      summarize: (watchedMs) => print(`summary of ${watchedMs} ms`),
      table: (rows) => print(`table of ${rows.length} rows`),
    }),
    createExporter(options) {
      exporters.push(options);
      asked.push('create');
      return {
        async start() {
          asked.push('start');
          return (await exporter.start?.()) ?? [];
        },
        reload(): ReloadResult {
          asked.push('reload');
          options.load();
          return { kind: 'reloaded' };
        },
        async stop(signal, timeoutMs) {
          asked.push(`stop ${signal} ${timeoutMs}`);
          await exporter.stop?.();
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

import { fileURLToPath } from 'node:url';
import type { CommandDaemonOptions, Runtime, StopSignal } from '../../src/commands/runtime.ts';
import type { ReloadResult } from '../../src/settings/reload-result.ts';
import type { StartResult } from '../../src/settings/start-result.ts';
import { loadSnapshot } from '../../src/config/load-config.ts';
import { namesIn } from '../../src/config/snapshot/names-in.ts';
import { readFileNow } from './read-file.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export type FakeRuntime = Runtime & {
  readonly clock: FakeClock;
  readonly printed: string[];
  readonly printedErrors: string[];
  /** The daemon's log, line by line. */
  readonly logLines: string[];
  /** What commands asked of the daemon, in order: `create`, `start`, `reload byHand`, `stop SIGTERM 10000`. */
  readonly asked: string[];
  readonly daemons: CommandDaemonOptions[];
  /** A signal of the process. */
  readonly send: (signal: StopSignal | 'SIGHUP') => void;
};

export type FakeDaemon = {
  readonly start?: () => Promise<StartResult>;
  readonly stop?: () => Promise<void>;
};

/** A process that only a test moves: signals are sent by hand, lines are kept, the daemon does what it is told. */
export function createFakeRuntime(daemon: FakeDaemon = {}): FakeRuntime {
  const printed: string[] = [];
  const printedErrors: string[] = [];
  const logLines: string[] = [];
  const asked: string[] = [];
  const daemons: CommandDaemonOptions[] = [];
  const stopped = Promise.withResolvers<StopSignal>();
  let onReload: () => void = () => {};
  const print = (text: string) => void printed.push(...text.split('\n'));
  return {
    printed,
    printedErrors,
    logLines,
    asked,
    daemons,
    clock: createFakeClock(),
    random: () => 0.5,
    environment: {},
    build: { version: '1.2.3', revision: 'abc', nodeVersion: '24.0.0' },
    openFileLimit: null,
    packetBacklog: null,
    readFile: async (path) => readFileNow(path),
    readOperand: async (path) => readFileNow(path),
    colours: false,
    columns: () => null,
    docsFolder: fileURLToPath(new URL('../../docs', import.meta.url)),
    print,
    printError: (text) => void printedErrors.push(...text.split('\n')),
    stderr: { write: (text) => logLines.push(text.trimEnd()) > 0, writableLength: 0, on: () => {} },
    printWhole: async (lines) => lines.forEach(print),
    discoverTargets: async () => ({
      targets: [],
      dropped: {},
      failures: [],
      unanswered: [],
      overLimit: [],
      isCut: false,
    }),
    discoverHost: async () => ({ kind: 'failed', problem: 'nobody looks around here' }),
    measureSilence: async () => ({ kind: 'failed', problem: 'nothing is measured here' }),
    createDaemon(options) {
      daemons.push(options);
      asked.push('create');
      return {
        async start() {
          asked.push('start');
          return (await daemon.start?.()) ?? { kind: 'started', listening: [] };
        },
        async reload(trigger): Promise<ReloadResult> {
          asked.push(`reload ${trigger}`);
          await options.load();
          return { kind: 'reloaded' };
        },
        handOver: async () => undefined,
        async stop(signal, timeoutMs) {
          asked.push(`stop ${signal} ${timeoutMs}`);
          await daemon.stop?.();
        },
      };
    },
    openConfigLoader: () => ({
      findNames: async (text, file) => namesIn(text, file),
      load: async (snapshot, options) => loadSnapshot(snapshot, options),
      stop: async () => undefined,
    }),
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

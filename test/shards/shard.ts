import { runCommandLine } from '../../src/commands/run-command-line.ts';
import type { Runtime, StopSignal } from '../../src/commands/runtime.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { ConfigThread } from '../../src/config/thread/config-thread.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import { FileReader } from '../../src/files/file-reader.ts';
import { plainServer } from '../unit/discovery/kubernetes/kubernetes-scenario.ts';

/**
 * `finrst serve` as one pod of a StatefulSet, but for one thing: its API server is a stand-in over plain HTTP at API_SERVER,
 * since that of a cluster is known by files of root. Started with the arguments of `serve`; each connection event goes to the
 * parent as a message.
 */
const { read: readFile } = new FileReader(systemClock);
const apiServer = process.env['API_SERVER'] ?? '';
const runtime: Runtime = {
  clock: systemClock,
  random: Math.random,
  environment: process.env,
  build: { version: 'test', revision: 'test', nodeVersion: process.versions.node },
  openFileLimit: null,
  packetBacklog: null,
  readFile,
  readOperand: readFile,
  print: (line) => void process.stdout.write(`${line}\n`),
  printWhole: async () => undefined,
  printError: (line) => void process.stderr.write(`${line}\n`),
  stderr: process.stderr,
  colours: false,
  columns: () => null,
  docsFolder: '',
  createDaemon(options) {
    const { shards = null } = options;
    if (shards?.kind !== 'statefulSet') throw new TypeError('the test starts pods of a StatefulSet');
    const events = {
      connection: ({ type, ...event }: { type: string }) => void process.send?.({ type, ...reasonOf(event) }),
    };
    return createDaemon({
      ...options,
      sinks: { ...options.sinks, events },
      shards: { ...shards, server: plainServer(apiServer), namespace: 'monitoring' },
      readFile,
      hostName: 'finrst-0',
      docsFolder: '',
      platform: process.platform,
      env: process.env,
    });
  },
  discoverHost: () => Promise.reject(new TypeError('only serve is run')),
  measureSilence: () => Promise.reject(new TypeError('only serve is run')),
  discoverTargets: () => Promise.reject(new TypeError('only serve is run')),
  signals: {
    stop: () => new Promise<StopSignal>((resolve) => void process.once('SIGTERM', () => resolve('SIGTERM'))),
    onReload: () => undefined,
  },
  openConfigLoader: () => new ConfigThread(systemClock),
};

function reasonOf(event: object): { readonly reason?: string } {
  return 'reason' in event && typeof event.reason === 'string' ? { reason: event.reason } : {};
}

process.exit(await runCommandLine(runtime, ['serve', ...process.argv.slice(2)]));

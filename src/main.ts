// Old versions of Node.js must get as far as our own message: nothing newer than theirs is imported before it.
import { readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Runtime, Signals, StopSignal } from './commands/runtime.ts';
import type { DiscoverHostOptions, HostDiscovered } from './daemon/discover-host.ts';
import type { Discovered, DiscoverOptions } from './daemon/discover-targets.ts';
import type { MeasureSilenceOptions, SilenceMeasured } from './daemon/measure-silence.ts';
import type { FileContent, ReadFile } from './files/file-content.ts';
import type { TextOutput } from './text/line-writer.ts';

type Manifest = {
  readonly version: string;
  readonly engines: { readonly node: string };
  /** The commit that a tarball was made from, as npm names it. */
  readonly gitHead?: string;
};
const MANIFEST = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
const DOCS_FOLDER = fileURLToPath(new URL('../docs', import.meta.url));
/** What a daemon is told of its process. */
const DAEMON_PROCESS = { hostName: hostname(), docsFolder: DOCS_FOLDER, platform: process.platform, env: process.env };
/** The oldest that the tests run on, by major and minor version. Node.js 22 reports a reset behind data as an end of stream. */
const [OLDEST_NODE = ''] = /\d+\.\d+/.exec(MANIFEST.engines.node) ?? [];
/**
 * getaddrinfo(3) runs in libuv's thread pool, which lets look-ups use half of it (uv__slow_work_thread_threshold): of the
 * usual 4 threads two, so two slow names would keep all others waiting. 64 make 30 look-ups at once (`lookupPlaces`), of
 * which a broken resolver (5 s each) lets 6 a second finish; an idle thread cost 10 kB of memory when measured.
 */
const THREAD_POOL_SIZE = '64';
/**
 * V8 collects old garbage when the heap is several times what was in use at the last time. At half as much again a daemon
 * with 5,000 peers took 10 to 20 MB less after scrapes and a storm of ends, and one that is flooded with connections to
 * its web port grew by 10 MB, not by 40; a storm cost no measurable CPU more (docs/performance.md). A V8 without the flag
 * says so on stderr and goes on. The young generation cannot be bounded from here: scripts/launch.cjs does.
 */
const HEAP_GROWING_PERCENT = 50;
/** What waits for a slow reader of stdout or stderr at the end gets this long; then the process goes. */
const FLUSH_MS = 500;

if (!isNewEnough(process.versions.node)) {
  process.stderr.write(`finrst needs Node.js ${OLDEST_NODE} or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  setFlagsFromString('--no-flush-bytecode');
  // The pool takes its size when the first job comes; modules are loaded without it.
  process.env['UV_THREADPOOL_SIZE'] ??= THREAD_POOL_SIZE;
  process.on('uncaughtException', dieOfBug);
  void main().catch(dieOfBug);
}

/** Writes the lines that wait for the end of this turn of the event loop; nothing waits before the log is there. */
let flushLog = (): void => undefined;

async function main(): Promise<void> {
  // First, since commands load parts of the daemon as well, and would leave their functions for later.
  const runtime = await createRuntime();
  const { runCommandLine } = await import('./commands/run-command-line.ts');
  const { systemClock } = await import('./clock/system-clock.ts');
  const exitCode = await runCommandLine(runtime, process.argv.slice(2));
  const exit = () => void leave(exitCode);
  flushLog();
  systemClock.after(FLUSH_MS, exit);
  process.stdout.write('', () => process.stderr.write('', exit));
}

/**
 * Has all functions of a module and of what it imports compiled as they are loaded. V8 compiles each at its first call, and
 * forgets it after some collections of garbage in which it was not called: then the first end of a process, and the first one
 * after quiet hours, waits until all that is done about an end is compiled (docs/performance.md).
 */
async function loadWhole<T>(load: () => Promise<T>): Promise<T> {
  setFlagsFromString('--no-lazy');
  try {
    return await load();
  } finally {
    setFlagsFromString('--lazy');
  }
}

async function createRuntime(): Promise<Runtime> {
  const { systemClock } = await import('./clock/system-clock.ts');
  const { createDaemon } = await loadWhole(() => import('./daemon/daemon.ts'));
  const { ConfigThread } = await import('./config/thread/config-thread.ts');
  const { openFileLimit } = await import('./os/process/open-file-limit.ts');
  const { packetBacklog } = await import('./os/process/packet-backlog.ts');
  const { nameProcess } = await import('./os/process/name-process.ts');
  const { FileReader } = await import('./files/file-reader.ts');
  const { GatheredOutput } = await import('./text/gathered-output.ts');
  const { createLineWriter } = await import('./text/line-writer.ts');
  const { styleText } = await import('node:util');
  nameProcess();
  const signals = createSignals();
  const stdout = outputOf(process.stdout, signals.readerGone);
  const stderr = new GatheredOutput(
    outputOf(process.stderr, () => undefined),
    systemClock,
  );
  flushLog = () => stderr.flush();
  const describeLost = (lost: number) => `(${lost} lines were lost: they were not read in time)`;
  const print = createLineWriter(stdout, describeLost);
  const { read: readFile } = new FileReader(systemClock);
  const colours = styleText('red', 'x', { stream: process.stdout }) !== 'x';
  return {
    clock: systemClock,
    random: Math.random,
    environment: process.env,
    build: {
      version: MANIFEST.version,
      revision: process.env['FINRST_REVISION'] ?? MANIFEST.gitHead ?? 'unknown',
      nodeVersion: process.versions.node,
    },
    openFileLimit: openFileLimit(),
    packetBacklog: packetBacklog(),
    readFile,
    readOperand,
    print,
    printWhole,
    printError: createLineWriter(stderr, describeLost),
    stderr,
    colours,
    // A terminal that was never given a size has 0 columns.
    columns: () => (process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : null),
    docsFolder: DOCS_FOLDER,
    createDaemon: (options) => createDaemon({ ...options, ...DAEMON_PROCESS, readFile }),
    ...oneLook(readFile),
    signals,
    openConfigLoader: () => new ConfigThread(systemClock),
  };
}

/** What commands do that look once and hold nothing. */
function oneLook(readFile: ReadFile): Pick<Runtime, 'discoverTargets' | 'discoverHost' | 'measureSilence'> {
  return {
    discoverTargets: (options) => discoverTargets({ ...options, readFile, env: process.env }),
    discoverHost: (options) => discoverHost({ ...options, readFile }),
    measureSilence: (options) => measureSilence({ ...options, readFile, platform: process.platform, env: process.env }),
  };
}

async function discoverTargets(options: DiscoverOptions): Promise<Discovered> {
  const discovery = await import('./daemon/discover-targets.ts');
  return discovery.discoverTargets(options);
}

async function discoverHost(options: DiscoverHostOptions): Promise<HostDiscovered> {
  const looking = await import('./daemon/discover-host.ts');
  return looking.discoverHost(options);
}

async function measureSilence(options: MeasureSilenceOptions): Promise<SilenceMeasured> {
  const measuring = await import('./daemon/measure-silence.ts');
  return measuring.measureSilence(options);
}

async function printWhole(lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  return new Promise((resolve) => void process.stdout.write(text, () => resolve()));
}

async function readOperand(name: string): Promise<FileContent> {
  const { readStream, readWholeFile } = await import('./files/read-whole-file.ts');
  return name === '-' ? readStream(process.stdin) : readWholeFile(name, { anyKind: true });
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** What the runtime keeps to itself: terminals are written to with the whole process waiting. */
type WithHandle = { readonly _handle?: { readonly setBlocking?: (blocking: boolean) => unknown } };

/**
 * A stream of the process as sinks know it. Once its reader went away, lines go nowhere and nothing waits. Pipes do not
 * block by themselves (Linux); a terminal does while its output is held (Ctrl-S), and would stop every heartbeat.
 */
function outputOf(stream: NodeJS.WriteStream, onReaderGone: () => void): TextOutput {
  let gone = false;
  (stream as WithHandle)._handle?.setBlocking?.(false);
  stream.on('error', () => {
    if (!gone) onReaderGone();
    gone = true;
  });
  return {
    write: (text) => gone || stream.write(text),
    get writableLength() {
      return gone ? 0 : stream.writableLength;
    },
    on: (event, listener) => stream.on(event, listener),
  };
}

function createSignals(): Signals & { readonly readerGone: () => void } {
  let first: StopSignal | null = null;
  const waiting = new Set<(signal: StopSignal) => void>();
  const stopped = (signal: StopSignal) => {
    first ??= signal;
    for (const resolve of waiting) resolve(first);
  };
  return {
    async stop() {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => {
          if (first !== null) void leave(1);
          stopped(signal);
        });
      }
      return new Promise((resolve) => waiting.add(resolve));
    },
    onReload: (listener) => void process.on('SIGHUP', listener),
    readerGone: () => stopped('SIGPIPE'),
  };
}

/** Look-ups and reads of files that are under way, as the runtime names them. */
const THREADS_AT_WORK = /^(?:GetAddrInfoReqWrap|FSReq|FileHandle)/;

/** Ends the process, also while a look-up or a file hangs: process.exit() would wait for its thread. */
async function leave(exitCode: number): Promise<void> {
  flushLog();
  if (process.getActiveResourcesInfo().some((name) => THREADS_AT_WORK.test(name))) {
    const { exitNow } = await import('./os/process/exit-now.ts');
    await exitNow(exitCode);
  }
  process.exit(exitCode);
}

/** A bug ends the process: what it knows may be wrong. One line, written before the exit even where stderr is a pipe. */
function dieOfBug(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const line = stack
    .split('\n')
    .map((part) => part.trim())
    .join(' | ');
  try {
    flushLog();
    writeSync(2, `finrst: this is a bug, please report it: ${line}\n`);
  } finally {
    process.exit(1);
  }
}

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Answers one kind of request; `words` are those after the first. */
export type Answer = (words: readonly string[]) => string | Promise<string>;

/** Ends that have been counted, kept so that an end costs a few numbers and no system call. */
const ended: { readonly hosts: string[]; readonly ports: number[]; readonly at: number[]; readonly words: string[] } = {
  hosts: [],
  ports: [],
  at: [],
  words: [],
};
/**
 * From `performance.now()` to the machine's monotonic clock, in milliseconds: the greatest of some differences, since each is
 * too small by what the process waited between its two readings.
 */
const offsetMs = Math.max(
  ...Array.from({ length: 50 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
);

/** Keeps the moment at which an end has been counted. `host` is the peer's address, `port` ours. */
export function stampEnd(host: string, port: number, word: string): void {
  ended.hosts.push(host);
  ended.ports.push(port);
  ended.at.push(performance.now());
  ended.words.push(word);
}

/**
 * Connects this process to the bench, which asks for its ends and for the longest turn of its event loop as well as for
 * what `answers` has. The connection keeps no process alive.
 */
export function answerBench(facts: readonly string[], answers: Readonly<Record<string, Answer>> = {}): void {
  const own = { ends: takeEnds, watch: watchTurns, turns: longestTurns, kept: keptBytes };
  const all: Readonly<Record<string, Answer>> = { ...own, ...answers };
  const socket = connect(process.env['BENCH_CONTROL'] ?? '');
  socket.unref();
  socket.on('close', () => process.exit());
  socket.write(['hello', process.pid, ...facts].join(' ') + '\n');
  createInterface({ input: socket }).on('line', (line) => {
    const [name = '', ...words] = line.split(' ');
    void Promise.resolve(all[name]?.(words) ?? `unknown request ${name}`).then((text) => socket.write(`${text}\n`));
  });
}

function takeEnds(): string {
  const list = ended.at.map((at, i) => {
    const [, , third, fourth] = (ended.hosts[i] ?? '').split('.').map(Number);
    const key = (((third ?? 0) << 8) | (fourth ?? 0)) * 65536 + (ended.ports[i] ?? 0);
    return `${key}:${Math.round((at + offsetMs) * 1e6)}:${ended.words[i] ?? ''}`;
  });
  for (const column of [ended.hosts, ended.ports, ended.at, ended.words]) column.length = 0;
  return [list.length, ...list].join(' ');
}

type Mallinfo = () => Readonly<Record<'uordblks' | 'hblkhd', number | bigint>>;

let mallinfo: Promise<Mallinfo> | null = null;

/** mallinfo2(3), glibc 2.33: of all that was allocated outside of the heap, the bytes that are in use. */
async function loadMallinfo(): Promise<Mallinfo> {
  const { default: koffi } = await import('koffi');
  const before = ['arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks'];
  const fields = [...before, 'uordblks', 'fordblks', 'keepcost'];
  const answer = koffi.struct('mallinfo2', Object.fromEntries(fields.map((name) => [name, 'size_t'])));
  return koffi.load('libc.so.6').func('mallinfo2', answer, []) as Mallinfo;
}

/**
 * Bytes that the process has in use once it is rid of what nobody needs: objects of the heap behind forced collections, and
 * what is allocated outside of it. Unlike the size of the process they depend neither on when the collector ran nor on what
 * it keeps for later. Two collections: what the first one finalizes goes with the second.
 */
async function keptBytes(): Promise<string> {
  const readAllocated = await (mallinfo ??= loadMallinfo());
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 2; times++) collect();
  const { uordblks, hblkhd } = readAllocated();
  return `${process.memoryUsage().heapUsed + Number(uordblks) + Number(hblkhd)}`;
}

type TurnMonitor = {
  readonly watch: () => void;
  readonly cpuNanos: () => number | bigint;
  readonly busyNanos: () => number | bigint;
};

let monitor: Promise<TurnMonitor> | null = null;

/** Loaded when first asked for: its memory is in no figure that was taken before. */
async function loadMonitor(): Promise<TurnMonitor> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(process.env['BENCH_TURN_MONITOR'] ?? '');
  return {
    watch: library.func('void watch_turns()') as () => void,
    cpuNanos: library.func('int64_t longest_turn_cpu()') as () => number | bigint,
    busyNanos: library.func('int64_t longest_turn_busy()') as () => number | bigint,
  };
}

async function watchTurns(): Promise<string> {
  (await (monitor ??= loadMonitor())).watch();
  return 'ok';
}

/** `CPU_NANOS BUSY_NANOS` of the longest turn since `watch`. */
async function longestTurns(): Promise<string> {
  const { cpuNanos, busyNanos } = await (monitor ??= loadMonitor());
  return `${cpuNanos()} ${busyNanos()}`;
}

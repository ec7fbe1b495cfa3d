import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { loadLibc } from '../../src/os/libc.ts';

/** Memory of a process as its pages are mapped; what the kernel keeps for its sockets is in neither figure. */
export type Memory = { readonly rssBytes: number; readonly pssBytes: number };

/** Resident and proportional set size of a process. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') };
}

const clockGettime = loadLibc().func('int clock_gettime(int clock, _Out_ int64_t *time)') as (
  clock: number,
  time: BigInt64Array,
) => number;

/**
 * CPU of a process in seconds, user and system, of all threads that it has and had: Finrst checks each configuration in a
 * thread that ends afterwards. It is the kernel's clock of that process, to the nanosecond; its number is made of the pid
 * as clock_getcpuclockid(3) does it.
 */
export function cpuSecondsOf(pid: number): number {
  const time = new BigInt64Array(2);
  if (clockGettime((~pid << 3) | 2, time) !== 0) throw new Error(`process ${pid} is gone`);
  return Number(time[0]) + Number(time[1]) / 1e9;
}

/** Packets that all CPUs dropped since boot because a backlog queue was full: the second column of softnet_stat, in hex. */
export function droppedPackets(text = readFileSync('/proc/net/softnet_stat', 'utf8')): number {
  const rows = text.trim().split('\n');
  return rows.reduce((sum, row) => sum + parseInt(row.trim().split(/\s+/)[1] ?? '0', 16), 0);
}

/** What a reader needs in order to compare figures. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, Linux ${release()}, Node.js ${process.versions.node}`;
}

/** Programs that run or wait to run, averaged over a minute: above 1 before the bench began, its delays mean little. */
export function loadAverage(): number {
  return loadavg()[0] ?? NaN;
}

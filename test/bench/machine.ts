import { readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

/** Memory of a process as its pages are mapped; what the kernel keeps for its sockets is in neither figure. */
export type Memory = { readonly rssBytes: number; readonly pssBytes: number };

/** Resident and proportional set size of a process. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') };
}

/**
 * CPU of all threads of a process in seconds, user and system. The first figure of schedstat is `se.sum_exec_runtime` in
 * nanoseconds; that of a thread that runs right now is up to a tick old. Threads that ended are not in it: no holder ends any.
 */
export function cpuSecondsOf(pid: number): number {
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanos / 1e9;
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

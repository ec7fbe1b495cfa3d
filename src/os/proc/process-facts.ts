import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What /proc says about a process. */
export type ProcessFacts = {
  readonly pid: number;
  /** The base name of what was started. */
  readonly executable: string | null;
  /** The uid of its pod in Kubernetes. */
  readonly pod: string | null;
  /** It is Finrst, by the name that it gives itself. */
  readonly isFinrst: boolean;
};

/** The name of the main thread of a process that runs Finrst. */
export const FINRST_COMM = 'finrst';
/** A process chooses its name itself. */
const LONGEST_NAME = 64;
/** `pod` and a uid, with - or with _ as systemd's names of slices want it. */
const POD = /pod([\da-f]{8}(?:[-_][\da-f]{4}){3}[-_][\da-f]{12})/;

/** The first namespace of process ids has this inode (include/uapi/linux/nsfs.h, PID_NS_INIT_INO). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Whether process ids here are those that the kernel writes into its trace. In a container they are others, unless it has the host's. */
export function hasHostIds(proc: string): boolean {
  try {
    return readlinkSync(join(proc, 'self/ns/pid')) === FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}

/** The process that a thread belongs to; null: it is gone, or may not be looked at. */
export function processOfThread(proc: string, threadId: number): ProcessFacts | null {
  const status = read(join(proc, String(threadId), 'status'));
  const pid = /^Tgid:\s*(\d+)$/m.exec(status ?? '')?.[1];
  return pid === undefined ? null : processFacts(proc, Number(pid));
}

/** What is known of a process; null: it is gone, or may not be looked at. */
export function processFacts(proc: string, pid: number): ProcessFacts | null {
  const folder = join(proc, String(pid));
  const comm = read(join(folder, 'comm'));
  if (comm === null) return null;
  return {
    pid,
    executable: executableOf(read(join(folder, 'cmdline')) ?? '', comm.trimEnd()),
    pod: podOf(read(join(folder, 'cgroup')) ?? ''),
    isFinrst: comm.trimEnd() === FINRST_COMM,
  };
}

/** The base name of argv[0]: the name of the main thread is the runtime's in some languages. A kernel thread has no argv. */
export function executableOf(cmdline: string, comm: string): string {
  const [first = ''] = cmdline.split('\0');
  return (basename(first.trim()) || comm).slice(0, LONGEST_NAME);
}

/** The uid of the pod in /proc/PID/cgroup; null: it is in none. */
export function podOf(cgroup: string): string | null {
  return POD.exec(cgroup)?.[1]?.replaceAll('_', '-') ?? null;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

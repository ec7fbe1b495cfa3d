import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Connections are made to this port of so many addresses of one loopback interface, in a network namespace of its own. */
export const LOAD_PORT = 15_900;
export const LOAD_ADDRESSES = 20;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export function compileLoad(folder: string): string {
  const binary = join(folder, 'connections');
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-pthread', '-o', binary, here('connections.c')], {
    stdio: 'inherit',
  });
  return binary;
}

/** Connections that were made, and how long that took. */
export type Made = { readonly count: number; readonly seconds: number };

/** Makes `perSecond` connections a second, or as many as the machine can, for so long; each is closed at once. */
export async function makeConnections(binary: string, perSecond: number, seconds: number): Promise<Made> {
  const numbers = [perSecond, seconds, LOAD_PORT, LOAD_ADDRESSES].map(String);
  const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', binary, ...numbers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = collect(child);
  await until(() => text().startsWith('ready'));
  child.stdin.end('go\n');
  await once(child, 'close');
  const [, count, ms] = /made (\d+) (\d+)/.exec(text()) ?? [];
  return { count: Number(count), seconds: Number(ms) / 1000 };
}

/** bpftrace with a program that tells what Finrst tells; its lines go to a file. */
export async function startBpftrace(folder: string): Promise<ChildProcess & { readonly output: string }> {
  const program = join(folder, 'observer.bt');
  writeFileSync(program, readFileSync(here('observer.bt'), 'utf8').replaceAll('PORT', String(LOAD_PORT)));
  const output = join(folder, 'bpftrace.txt');
  const file = openSync(output, 'w');
  const mounted = 'mount -t debugfs nodev /sys/kernel/debug && exec bpftrace "$0"';
  const child = spawn('unshare', ['-m', 'sh', '-c', mounted, program], {
    stdio: ['ignore', file, file],
    env: { ...process.env, BPFTRACE_PERF_RB_PAGES: '1024' },
  });
  closeSync(file);
  onTestFinished(() => void child.kill('SIGKILL'));
  await until(
    () => readFileSync(output, 'utf8').includes('ready'),
    () => child.exitCode,
  );
  return Object.assign(child, { output });
}

/** CPU time that a process has used, user and system, in seconds; and each of its threads by id. */
export type CpuTime = { readonly all: number; readonly threads: ReadonlyMap<string, number> };

export function cpuTimeOf(pid: number): CpuTime {
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => [id, ticks(`/proc/${pid}/task/${id}/stat`)] as const);
  return { all: ticks(`/proc/${pid}/stat`), threads: new Map(threads) };
}

/** The thread that used the most beside the main one: of a daemon that only observes, the observer's. */
export function busiestThread(pid: number, before: CpuTime, after: CpuTime): number {
  const used = Array.from(after.threads, ([id, time]) =>
    id === String(pid) ? 0 : time - (before.threads.get(id) ?? 0),
  );
  return Math.max(0, ...used);
}

export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** A clock tick of /proc is 10 ms on every machine that Node.js runs on. */
const TICKS_A_SECOND = 100;

function ticks(file: string): number {
  const stat = readFileSync(file, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => void (text += part));
  return () => text;
}

const DEADLINE_MS = 60_000;

export async function until(
  isSo: () => boolean | Promise<boolean>,
  exitCode: () => number | null = () => null,
): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (exitCode() !== null) throw new Error(`it left with ${exitCode()}`);
    if (Date.now() > deadline) throw new Error('it did not come about in a minute');
    await sleep(50);
  }
}

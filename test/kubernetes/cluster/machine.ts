import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE_IP } from './addresses.ts';
import { waitUntil } from './wait-until.ts';

const PREPARE = join(import.meta.dirname, 'prepare.sh');
const CGROUPS = '/sys/fs/cgroup';
/** What a cgroup and the folder are called, before the id of the process that made them. */
const NAME = 'finrst-k8s-';
const MOUNT_POINTS = ['/var/lib/kubelet', '/var/lib/cni'];

/** A mount, network and pid namespace with everything in it, named by its first process. Plain data. */
export type Machine = {
  readonly folder: string;
  readonly firstProcess: number;
};

/** A machine that this process has made. */
export type OwnedMachine = Machine & {
  /** The path that every hierarchy of cgroups has for it. */
  readonly cgroup: string;
  /** Ends every process in it and removes its cgroups and its folder. */
  close(): Promise<void>;
};

/** Makes the namespaces and a folder. The namespaces end with this process, however it ends. */
export async function openMachine(podProgram: string): Promise<OwnedMachine> {
  await removeLeftovers();
  const cgroup = `${NAME}${process.pid}`;
  const folder = join(tmpdir(), cgroup);
  mkdirSync(folder);
  const made = MOUNT_POINTS.filter((path) => !existsSync(path));
  for (const path of made) mkdirSync(path, { recursive: true });
  for (const hierarchy of hierarchies()) makeCgroup(hierarchy, cgroup);
  const log = openSync(join(folder, 'machine.log'), 'a');
  const flags = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const command = ['unshare', ...flags, 'sh', PREPARE, folder, NODE_IP, podProgram];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', log, log] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const firstProcess = await waitUntil('the namespaces', async () => {
    if (child.exitCode !== null) throw new Error(readFileSync(join(folder, 'machine.log'), 'utf8'));
    const { stdout } = await promisify(execFile)('pgrep', ['--parent', String(child.pid), '--exact', 'pod']);
    return Number(stdout);
  });
  return {
    folder,
    firstProcess,
    cgroup,
    async close() {
      process.kill(firstProcess, 'SIGKILL');
      await closed;
      for (const hierarchy of hierarchies()) await removeCgroups(join(CGROUPS, hierarchy, cgroup));
      for (const path of made) rmdirSync(path);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command inside and resolves with what it printed. Throws with what it complained about when it fails. */
export function runInside(machine: Machine, command: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [...entryOf(machine), ...command];
    const child = execFile('nsenter', args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command.slice(0, 8).join(' ')}: ${stderr}${stdout}`.slice(0, 8000), { cause: error }));
    });
    child.stdin?.on('error', () => undefined); // it ended without reading: the callback says how
    child.stdin?.end(input);
  });
}

/**
 * Starts a program inside that runs as long as the machine. What it prints goes to `NAME.log` in the machine's folder, and
 * its id inside to `NAME.pid`.
 */
export function startInside(machine: Machine, name: string, command: readonly string[]): void {
  const log = openSync(join(machine.folder, `${name}.log`), 'a');
  const writeId = ['sh', '-c', 'echo $$ >"$0"; exec "$@"', join(machine.folder, `${name}.pid`)];
  spawn('nsenter', [...entryOf(machine), ...writeId, ...command], {
    stdio: ['ignore', log, log],
    detached: true,
  }).unref();
}

/** Ends a program of `startInside` without a word, as a crash does, and resolves once it is gone: its ports are free then. */
export async function killInside(machine: Machine, name: string): Promise<void> {
  const id = readFileSync(join(machine.folder, `${name}.pid`), 'utf8').trim();
  await runInside(machine, ['kill', '-KILL', id]);
  await waitUntil(`the end of ${name}`, () => runInside(machine, ['test', '!', '-e', `/proc/${id}`]), 60_000);
}

/** The last lines that a program of `startInside` has printed. */
export function lastLinesOf(machine: Machine, name: string): string {
  return readFileSync(join(machine.folder, `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-20)
    .join('\n');
}

/** The arguments of nsenter before a command that is to run inside. */
export function entryOf({ firstProcess }: Machine): readonly string[] {
  return ['--target', String(firstProcess), '--mount', '--net', '--pid', `--wd=${process.cwd()}`, '--'];
}

function hierarchies(): readonly string[] {
  return readdirSync(CGROUPS).filter((name) => name !== 'unified' && existsSync(join(CGROUPS, name, 'cgroup.procs')));
}

function makeCgroup(hierarchy: string, cgroup: string): void {
  const parent = join(CGROUPS, hierarchy);
  mkdirSync(join(parent, cgroup), { recursive: true });
  if (!existsSync(join(parent, 'cpuset.cpus'))) return;
  // A new cpuset has no processor and takes no process.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(parent, cgroup, file), readFileSync(join(parent, file)));
  }
}

/** A run that was killed has left its folder and empty cgroups: its processes ended with it, and its namespaces with them. */
async function removeLeftovers(): Promise<void> {
  const isLeft = (name: string): boolean => name.startsWith(NAME) && !existsSync(`/proc/${name.slice(NAME.length)}`);
  for (const hierarchy of hierarchies()) {
    for (const name of readdirSync(join(CGROUPS, hierarchy)).filter(isLeft)) {
      await removeCgroups(join(CGROUPS, hierarchy, name));
    }
  }
  for (const name of readdirSync(tmpdir()).filter(isLeft))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

/** Children first. The kernel refuses while a process is still ending in one. */
async function removeCgroups(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeCgroups(join(path, entry.name));
  }
  await waitUntil(`the removal of ${path}`, async () => rmdirSync(path), 20_000);
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, runToEnd } from './run-to-end.ts';

/** Where this machine keeps the control groups that only name things; systemd needs a writable one. */
const CGROUPS = '/sys/fs/cgroup/systemd';
/** A start of systemd took 2 s on a busy machine. */
const BOOT_MS = 60_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Of the machine around it; what would touch that has to stay away. */
const MASKED = ['systemd-sysctl', 'systemd-modules-load', 'systemd-udevd', 'systemd-udev-trigger', 'console-getty'];

/** A folder with a Debian in it, run by its own systemd: other processes, network, mounts and host name than ours. */
export type BootedMachine = {
  /** Runs a shell command as root in it, in /root. */
  run(command: string): Promise<Finished>;
  /** Kills all of it. */
  halt(): Promise<void>;
};

/**
 * Starts systemd in this root. Loopback is its only network. Programs that `hidden` names, by their paths in it, cannot be
 * run. Throws when it does not come up within a minute.
 */
export async function bootMachine(root: string, hidden: readonly string[] = []): Promise<BootedMachine> {
  for (const unit of MASKED) mask(root, `${unit}.service`);
  const cgroup = join(CGROUPS, `finrst-test-${process.pid}`);
  mkdirSync(cgroup);
  const unshare = ['--mount', '--pid', '--ipc', '--uts', '--cgroup', '--net', '--fork', '--kill-child'];
  const env = { ...process.env, ROOT: root, CGROUP: cgroup, HIDDEN: hidden.join(' ') };
  // It joins its control group before it leaves ours, so that this is the root of what systemd sees.
  const script = `echo $$ >"$CGROUP/cgroup.procs"; exec unshare ${unshare.join(' ')} bash -c "$BOOT"`;
  const child = spawn('bash', ['-c', script], { env: { ...env, BOOT }, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const halt = async (): Promise<void> => {
    const ended = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
    // Without its first process a process namespace ends.
    const init = initOf(child);
    if (init !== null) process.kill(init, 'SIGKILL');
    else child.kill('SIGKILL');
    await ended;
    removeGroups(cgroup);
  };
  try {
    await untilUp(child);
  } catch (error) {
    await halt();
    throw new Error(complaint, { cause: error });
  }
  return { run: (command) => runToEnd('nsenter', inside(child, command), {}), halt };
}

/**
 * What the machine gets before its systemd runs: file systems of its own, devices, loopback. The devices are new nodes, not
 * ours mounted there: systemd takes the console for itself, with its owner and rights. Its console is a second null.
 */
const BOOT = `
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
mount -o remount,bind,ro "$ROOT/proc/sys"
mount -t sysfs -o ro sysfs "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/sys/fs/cgroup"
mkdir "$ROOT/sys/fs/cgroup/systemd"
mount -t cgroup -o none,name=systemd cgroup "$ROOT/sys/fs/cgroup/systemd"
for each in run tmp; do mount -t tmpfs tmpfs "$ROOT/$each"; done
mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
while read -r name minor; do mknod -m 666 "$ROOT/dev/$name" c 1 "$minor"; done <<END
null 3
zero 5
full 7
random 8
urandom 9
console 3
END
mknod -m 666 "$ROOT/dev/tty" c 5 0
mkdir "$ROOT/dev/shm" "$ROOT/dev/pts"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOT/dev/pts"
ln -s pts/ptmx "$ROOT/dev/ptmx"
touch "$ROOT/run/nothing"
for each in $HIDDEN; do mount --bind "$ROOT/run/nothing" "$ROOT$each"; done
ip link set lo up
cd "$ROOT"
pivot_root . .
umount -l .
exec chroot . /usr/bin/env -i container=chroot PATH=${PATH} /lib/systemd/systemd --unit=basic.target --show-status=no
`;

function mask(root: string, unit: string): void {
  execFileSync('ln', ['-sfn', '/dev/null', join(root, 'etc/systemd/system', unit)]);
}

async function untilUp(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + BOOT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    if (initOf(child) !== null && isUp(child)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(child.exitCode === null ? 'systemd did not come up' : `systemd could not start: ${child.exitCode}`);
}

function isUp(child: ChildProcess): boolean {
  try {
    execFileSync('nsenter', inside(child, 'systemctl is-active basic.target'), { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not yet: the question was whether it is
  }
}

/** The machine's first process, as this machine numbers it; null until it is there. */
function initOf({ pid }: ChildProcess): number | null {
  const file = `/proc/${pid}/task/${pid}/children`;
  const [first] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  return first === undefined || first === '' ? null : Number(first);
}

function inside(child: ChildProcess, command: string): readonly string[] {
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--cgroup', '--net', '--root', '--wd'];
  const line = ['/usr/bin/env', '-i', `PATH=${PATH}`, 'HOME=/root', 'bash', '-c', `cd /root\n${command}`];
  return [`--target=${initOf(child)}`, ...namespaces, ...line];
}

/** Empty ones only, from the inside out: the kernel takes no others. */
function removeGroups(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  rmdirSync(folder);
}

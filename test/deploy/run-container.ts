import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ContainerOptions = {
  /** The image's files. Seen read-only by the container. */
  readonly root: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly gid: number;
  /** More groups. */
  readonly groups?: readonly number[];
  /** Folders or files of this machine to see in the container. */
  readonly mounts?: readonly Mount[];
  /** Name of a network namespace; without it the container shares this machine's network. */
  readonly network?: string;
};

export type Mount = { readonly from: string; readonly to: string; readonly readOnly: boolean };

export type RunningContainer = {
  /** What it wrote to stdout and stderr so far. */
  said(): string;
  /** Resolves once it said this; rejects when it ends before. */
  untilSaid(pattern: RegExp): Promise<void>;
  /** To PID 1 of the container, as a container runtime sends it. */
  signal(name: NodeJS.Signals): void;
  /** Exit code of PID 1; 128 and more when a signal ended it. */
  readonly exited: Promise<number>;
  /** The `key: value` lines of /proc/PID/status of PID 1, seen from outside. */
  status(): ReadonlyMap<string, string>;
  /** Ends it, however it is. */
  kill(): Promise<void>;
};

/**
 * What a container runtime does before it hands over: own mounts, own PIDs, read-only root, the user, no capabilities,
 * no new privileges. `setpriv` keeps the three capabilities that changing root and user takes; the change of user drops them.
 */
const SETUP = `
root=$1; user=$2; groups=$3; mounts=$4; shift 4
# The PATH here is the container's, which need not name the folders of this machine.
chroot=$(PATH="$PATH:/usr/sbin:/sbin"; command -v chroot)
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
echo "$mounts" | while read -r mode from to; do
  [ -z "$from" ] || { mount --bind "$from" "$root$to" && mount -o "remount,bind,$mode" "$root$to"; }
done
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid "$chroot" --userspec="$user" --groups="$groups" "$root" "$@"
`;

/** Starts a container by hand, without an engine. Needs root, and util-linux on this machine. */
export function runContainer({
  root,
  argv,
  env,
  uid,
  gid,
  groups = [],
  mounts = [],
  network,
}: ContainerOptions): RunningContainer {
  for (const folder of ['proc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  const list = mounts.map(({ from, to, readOnly }) => `${readOnly ? 'ro' : 'rw'} ${from} ${to}`).join('\n');
  const unshare = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    'sh',
    '-ec',
    SETUP,
    'sh',
    root,
    `${uid}:${gid}`,
    groups.join(','),
    list,
    ...argv,
  ];
  const [program = '', ...args] =
    network === undefined ? unshare : ['nsenter', `--net=/run/netns/${network}`, ...unshare];
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child);
  const exited = once(child, 'close').then(
    ([code, signal]) => (code as number | null) ?? 128 + Number(signal !== null),
  );
  return {
    said: output.text,
    untilSaid: (pattern) => output.until(pattern, exited),
    signal: (name) => void process.kill(firstChildOf(child), name),
    exited,
    status: () => statusOf(firstChildOf(child)),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        process.kill(firstChildOf(child), 'SIGKILL');
        await exited;
      }
    },
  };
}

function collect(child: ChildProcess): {
  text(): string;
  until(pattern: RegExp, exited: Promise<number>): Promise<void>;
} {
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (const look of waiting) look();
    });
  }
  return {
    text: () => text,
    until: async (pattern, exited) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void exited.then((code) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${text}`)));
      }),
  };
}

/** `unshare --fork` stays outside as the parent of the container's PID 1. */
function firstChildOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (children === '') throw new Error('the container has ended');
  return Number(children.split(' ')[0]);
}

function statusOf(pid: number): ReadonlyMap<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

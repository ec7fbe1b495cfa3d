import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CERTIFICATES, npmSettings } from '../support/npm-settings.ts';
import { type BootedMachine, bootMachine } from './booted-machine.ts';
import { type Finished, runToEnd } from './run-to-end.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Debian 12, whose own Node.js is 18.20 and whose npm is 9.2. */
const RELEASE = 'bookworm';
const USER = { name: 'ann', id: 1000 };
const HOME = `/home/${USER.name}`;
/** A space in it: nothing may take a path out of a URL or a shell line without care. */
const CHECKOUT = `${HOME}/fin rst`;
/** What many systems give a login; Finrst's tests with thousands of sockets have to live within it. */
const DESCRIPTORS = 1024;
/** Far from UTC, and no whole number of hours. */
const TIME_ZONE = 'Pacific/Chatham';

/** A Debian in a folder, with the sources of this repository in the home of an ordinary user. */
export type BareMachine = {
  /** Runs a shell command as that user, in the checkout, with 1,024 descriptors. Network: this machine's. */
  run(command: string): Promise<Finished>;
  /** The same with loopback alone, and no IPv6. */
  runAlone(command: string): Promise<Finished>;
  /** Starts its own systemd. There is no Node.js and no npm in it then: both are hidden. */
  boot(): Promise<BootedMachine>;
  /** Where its files are. */
  readonly root: string;
  remove(): void;
};

/** Installs the machine: a minute on two cores. Throws when the installer fails. */
export async function installBareMachine(): Promise<BareMachine> {
  const root = mkdtempSync(join(tmpdir(), 'finrst-bare-'));
  chmodSync(root, 0o755);
  // Nothing here has to survive a power cut, and nobody reads its manual pages.
  const quick = ['force-unsafe-io', 'path-exclude=/usr/share/doc/*', 'path-exclude=/usr/share/man/*'];
  await promisify(execFile)('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    '--include=nodejs,npm,ca-certificates,systemd',
    ...quick.map((option) => `--dpkgopt=${option}`),
    RELEASE,
    root,
    mirror(),
  ]);
  execFileSync('chroot', [root, 'useradd', '--create-home', '--uid', `${USER.id}`, USER.name]);
  // Debian's own: the name localhost has an address of each family.
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n');
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  if (existsSync(CERTIFICATES)) copyFileSync(CERTIFICATES, join(root, CERTIFICATES));
  writeFileSync(join(root, HOME, '.npmrc'), npmSettings());
  copySources(join(root, CHECKOUT));
  execFileSync('chown', ['-R', `${USER.id}:${USER.id}`, join(root, HOME)]);
  return {
    run: (command) => runInside(root, command, 'network'),
    runAlone: (command) => runInside(root, command, 'alone'),
    boot: () => bootMachine(root, ['/usr/bin/node', '/usr/share/nodejs/npm/bin/npm-cli.js']),
    root,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Where this machine's apt takes Debian from. */
function mirror(): string {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME)'], {
    encoding: 'utf8',
  });
  const plain = targets.split('\n').find((line) => / [a-z]+$/.test(line)) ?? '';
  const [uri = ''] = plain.split(' ');
  if (uri === '') throw new Error('apt knows no archive of Debian; run apt-get update');
  return uri;
}

/** The files of the working tree, as a commit would take them. */
function copySources(to: string): void {
  mkdirSync(to, { recursive: true });
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((name) => name !== '' && existsSync(join(ROOT, name)));
  const archive = execFileSync('tar', ['-c', '-T', '-'], {
    cwd: ROOT,
    input: files.join('\n'),
    maxBuffer: 512 * 1024 * 1024,
  });
  execFileSync('tar', ['-x', '-C', to], { input: archive });
}

function runInside(root: string, command: string, network: 'network' | 'alone'): Promise<Finished> {
  const alone =
    'ip link set lo up; for each in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$each/disable_ipv6; done';
  const script = [
    'set -e',
    'mount -t proc proc "$ROOT/proc"; mount --rbind /dev "$ROOT/dev"; mount -t sysfs sysfs "$ROOT/sys"',
    network === 'alone' ? alone : ':',
    `ulimit -n ${DESCRIPTORS}`,
    'exec chroot --userspec="$USER_ID:$USER_ID" "$ROOT" /usr/bin/env -i "$@"',
  ].join('\n');
  // npm's own settings for the network, such as a proxy, are the machine's.
  const passedOn = Object.entries(process.env).filter(([name]) => /^(https?|no|all)_proxy$|^node_extra_ca/i.test(name));
  const env = {
    ...Object.fromEntries(passedOn),
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME,
    USER: USER.name,
    LANG: 'C.UTF-8',
    TZ: TIME_ZONE,
  };
  const inside = [
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    'bash',
    '-c',
    `cd '${CHECKOUT}' && ${command}`,
  ];
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', ...(network === 'alone' ? ['--net'] : [])];
  return runToEnd('unshare', [...namespaces, '--fork', '--kill-child', 'bash', '-c', script, 'bash', ...inside], {
    env: { ...process.env, ROOT: root, USER_ID: `${USER.id}` },
  });
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { findProgram } from '../support/find-program.ts';
import { startDaemon } from './finrst-process.ts';

const CLIENT = fileURLToPath(new URL('observed_client.py', import.meta.url));
/** The port that plain programs connect to, each in a network namespace of its own. */
export const PORT = 15_432;
/** tracefs in a mount namespace of the daemon's own: the machine's mounts stay as they are. */
export const UNDER = under('mount -t tracefs nodev /sys/kernel/tracing');

function under(mounts: string): readonly string[] {
  return ['unshare', '-m', 'sh', '-c', `${mounts} && exec "$0" "$@"`];
}

const tools = ['unshare', 'nft', 'ip', 'ss', 'python3'].filter((name) => findProgram(name) === null);
/** Whether this machine lets a test observe. */
export const canObserve =
  process.getuid?.() === 0 &&
  tools.length === 0 &&
  readFileSync('/proc/filesystems', 'utf8').includes('tracefs') &&
  spawnSync('unshare', ['-mn', 'true']).status === 0;

/** A daemon that observes. Its own attempts to connect to that port fail, or are none of those that are counted. */
export function startObserver(configFile: string, args: readonly string[] = []) {
  return startDaemon(configFile, ['--log.level=debug', ...args], {}, UNDER);
}

/** A daemon that observes, with a resolv.conf of its own. */
export function startObserverWithResolver(configFile: string, resolvConf: string) {
  const mounts = `mount -t tracefs nodev /sys/kernel/tracing && mount --bind ${resolvConf} /etc/resolv.conf`;
  return startDaemon(configFile, ['--log.level=debug'], {}, under(mounts));
}

/** A program that has the fault done to it; `answer` is what it got. Tests that run at once observe the same host: each has a port of its own. */
export function startClient(address: string, localPort: number, fault: string, port: number = PORT) {
  const child = spawn('unshare', ['-n', 'python3', CLIENT, address, String(port), String(localPort), fault], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => void (text += part));
  const closed = once(child, 'close');
  return {
    answer: async () => {
      while (!text.includes('\n')) {
        await Promise.race([once(child.stdout, 'data'), closed]);
        if (child.exitCode !== null && text === '') throw new Error(`the client of ${fault} failed`);
      }
      return JSON.parse(text) as { readonly pid: number; readonly errno: string | null };
    },
    /** For one that waits before it goes on. */
    goOn: () => void child.stdin.write('\n'),
    end: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

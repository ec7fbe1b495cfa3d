import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The command line as a user runs it, and all that a user sees of it. */
export type FinrstProcess = {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the first match in what was printed so far or will be. Rejects when the process leaves without it. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly logs: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Resolves with the exit code once all output was read; null: a signal ended it. */
  readonly exit: Promise<number | null>;
};

export type SpawnOptions = {
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Leave stderr unread: its pipe fills. */
  readonly unreadStderr?: boolean;
  /** What runs it, a program with arguments. */
  readonly under?: readonly string[];
};

/** Starts `finrst ARGS`. It is killed at the end of the test if it is still there. */
export function startFinrst(args: readonly string[], options: SpawnOptions = {}): FinrstProcess {
  const { nodeFlags = [], env = {}, unreadStderr = false, under = [] } = options;
  const [program, ...first] = [...under, process.execPath];
  const child = spawn(program, [...first, ...nodeFlags, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, unreadStderr ? 'exit' : 'close').then(([code]) => code as number | null);
  const stdout = collect(child.stdout, exit);
  const stderr = collect(unreadStderr ? null : child.stderr, exit);
  return { child, stdout: stdout.text, stderr: stderr.text, prints: stdout.waitFor, logs: stderr.waitFor, exit };
}

/** Starts the daemon on a free port and resolves with its base URL when it serves. */
export async function startDaemon(
  configFile: string,
  args: readonly string[] = [],
  env: SpawnOptions['env'] = {},
  under: SpawnOptions['under'] = [],
) {
  const own = ['serve', `--config.file=${configFile}`, '--web.listen-address=127.0.0.1:0'];
  const daemon = startFinrst([...own, ...args], { env, under });
  const [, address = ''] = await daemon.logs(/msg=started .*listening=(\S+)/);
  return { ...daemon, url: `http://${address}` };
}

/** Runs `finrst ARGS` to its end. */
export async function runFinrst(args: readonly string[], options: SpawnOptions = {}) {
  const run = startFinrst(args, options);
  const exitCode = await run.exit;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr() };
}

/** The samples of one scrape by their full name with labels, as printed. */
export async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`);
  const samples = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const space = line.lastIndexOf(' ');
    if (!line.startsWith('#') && space > 0) samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

type Collected = {
  readonly text: () => string;
  readonly waitFor: (pattern: RegExp) => Promise<RegExpExecArray>;
};

function collect(stream: Readable | null, exit: Promise<unknown>): Collected {
  let text = '';
  let left = false;
  const looks = new Set<() => void>();
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    for (const look of looks) look();
  });
  void exit.then(() => {
    left = true;
    for (const look of looks) look();
  });
  return {
    text: () => text,
    waitFor: async (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match === null && !left) return;
          looks.delete(look);
          if (match === null) reject(new Error(`it left without ${pattern}:\n${text}`));
          else resolve(match);
        };
        looks.add(look);
        look();
      }),
  };
}

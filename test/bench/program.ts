import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How long a program may take until it reports, on a machine that is busy. */
const START_MS = 60_000;

export type ProgramOptions = {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptor that its standard output and error go to; absent: ours. */
  readonly log?: number;
};

const running = new Set<Program>();
process.on('exit', () => {
  for (const program of running) program.kill();
});

/**
 * A process of the bench. It connects to a socket that BENCH_CONTROL names, begins with `hello PID WORD...` and answers each
 * line with one line. It ends when the socket closes, and is ended with the bench.
 */
export class Program {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<unknown>;
  /** Of the process itself, which need not be the one that was started: a launcher may stand before it. */
  readonly pid: number;
  /** What it reported at the start, after its pid. */
  readonly facts: readonly string[];

  private constructor(child: ChildProcess, socket: Socket, started: Started) {
    this.#child = child;
    this.#exited = once(child, 'exit');
    this.#socket = socket;
    this.#answers = started.answers;
    this.pid = started.pid;
    this.facts = started.facts;
    running.add(this);
    child.on('exit', () => running.delete(this));
  }

  /** Resolves when the program has reported; rejects when it ended before. */
  static async start({ command, cwd, env = {}, log }: ProgramOptions): Promise<Program> {
    const folder = mkdtempSync(join(tmpdir(), 'finrst-bench-'));
    const path = join(folder, 'control');
    const listener = createServer().listen(path);
    await once(listener, 'listening');
    const [file = '', ...args] = command;
    const stdio = ['ignore', log ?? 'inherit', log ?? 'inherit'] as const;
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env, BENCH_CONTROL: path }, stdio: [...stdio] });
    try {
      const socket = await connected(listener, child, command);
      const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
      const [, pid = '', ...facts] = String((await answers.next()).value).split(' ');
      return new Program(child, socket, { answers, pid: Number(pid), facts });
    } finally {
      listener.close();
      rmSync(folder, { recursive: true });
    }
  }

  /** Sends a line and resolves with the answer. One request at a time. */
  async ask(line: string): Promise<string> {
    this.#socket.write(`${line}\n`);
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error(`process ${this.pid} is gone: it was asked "${line}"`);
    return value;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It ended in between.
      this.#child.kill('SIGKILL');
    }
  }

  /** Ends the program and resolves when it is gone. */
  async stop(): Promise<void> {
    this.kill();
    this.#socket.destroy();
    await this.#exited;
  }
}

type Started = {
  readonly answers: AsyncIterator<string>;
  readonly pid: number;
  readonly facts: readonly string[];
};

async function connected(
  listener: ReturnType<typeof createServer>,
  child: ChildProcess,
  command: readonly string[],
): Promise<Socket> {
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${command.join(' ')}: ${why}`));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it reported`));
    child.once('error', ({ message }) => fail(message));
    setTimeout(() => fail(`did not report within ${START_MS / 1000} s`), START_MS).unref();
  });
  const [socket] = (await Promise.race([once(listener, 'connection'), failed])) as [Socket];
  failed.catch(() => {});
  return socket;
}

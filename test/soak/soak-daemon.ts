import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from '../bench/machine.ts';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** An address of its own: on 127.0.0.1 a test beside this one may take the port that was free a moment ago, and answer. */
export const WEB_ADDRESS = '127.77.0.1';
const START_MS = 30_000;
const LOOK_MS = 50;

export type Answer = { readonly status: number; readonly text: string; readonly ms: number };
export type Usage = { readonly rssBytes: number; readonly descriptors: number; readonly cpuSeconds: number };

/** The daemon as a user runs it: a process of its own, configuration, journal, HTTP, signals. Only errors are logged. */
export class SoakDaemon {
  readonly journal: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #port: number;
  /** A connection for each request: what is open is then ours to count. */
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(folder: string, child: ChildProcess, port: number) {
    this.#folder = folder;
    this.journal = join(folder, 'events.jsonl');
    this.#child = child;
    this.#port = port;
    this.#exit = once(child, 'exit').then(([code]) => code as number | null);
  }

  /** Resolves when it serves. */
  static async start(folder: string, config: object, port: number): Promise<SoakDaemon> {
    writeFileSync(join(folder, 'finrst.yml'), JSON.stringify(config));
    const log = openSync(join(folder, 'log'), 'w');
    const flags = [
      `--config.file=${join(folder, 'finrst.yml')}`,
      `--events.file=${join(folder, 'events.jsonl')}`,
      `--web.listen-address=${WEB_ADDRESS}:${port}`,
      '--web.enable-lifecycle',
      '--config.auto-reload-interval=0s',
      '--log.level=error',
    ];
    const child = spawn(process.execPath, [...PROGRAM_FLAGS, MAIN, 'serve', ...flags], {
      stdio: ['ignore', 'ignore', log],
      env: { ...process.env, ...PROGRAM_ENV },
    });
    closeSync(log);
    process.once('exit', () => child.kill('SIGKILL'));
    const daemon = new SoakDaemon(folder, child, port);
    const deadline = Date.now() + START_MS;
    while (!existsSync(daemon.journal) || (await daemon.get('/-/ready').catch(() => null))?.status !== 200) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the daemon did not start:\n${daemon.log()}`);
      await sleep(LOOK_MS);
    }
    return daemon;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask('GET', path, headers);
  }

  /** Replaces the file in one step; the daemon reads it when it is asked to. */
  configure(text: string): void {
    const next = join(this.#folder, 'next.yml');
    writeFileSync(next, text);
    renameSync(next, join(this.#folder, 'finrst.yml'));
  }

  async postReload(): Promise<Answer> {
    return this.#ask('POST', '/-/reload', {});
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM, then the exit code. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.#exit;
  }

  kill(): void {
    this.signal('SIGKILL');
  }

  /** Errors that it logged. */
  log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  usage(): Usage {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return {
      rssBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024,
      descriptors: readdirSync(`/proc/${this.pid}/fd`).length,
      cpuSeconds: cpuSecondsOf(this.pid),
    };
  }

  #ask(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const began = performance.now();
    const options = { host: WEB_ADDRESS, port: this.#port, agent: this.#agent, method, path, headers, timeout: 60_000 };
    const asked = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(parts).toString(),
          ms: performance.now() - began,
        }),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`${path}: no answer`)));
    asked.on('error', (error) => {
      const { exitCode, signalCode } = this.#child;
      const left = exitCode ?? signalCode;
      // Where the daemon is gone, what it wrote last says more than that nobody answered.
      reject(left === null ? error : new Error(`the daemon left with ${left}:\n${this.log()}`, { cause: error }));
    });
    asked.end();
    return promise;
  }
}

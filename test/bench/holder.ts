import { openSync, closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTS_PER_SECOND } from './connect-rate.ts';
import { TARGETS_FILE, targetLists, writeConfig, type ConfigOptions } from './finrst-config.ts';
import type { Native } from './native.ts';
import { Program } from './program.ts';
import { parseStamps, type Stamp } from './results/stamps.ts';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';

/** Who holds. `node`: the runtime alone; `bare`: with the series, in plain prom-client metrics; `floor`: C and epoll. */
export const HOLDERS = ['finrst', 'go', 'bare', 'node', 'floor'] as const;
export type HolderName = (typeof HOLDERS)[number];

const NETWORK = '127.1';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
/** Longer than any ramp or reconnect of ours on a machine that is busy. */
const ALL_HELD_MS = 240_000;

export type HoldOptions = {
  readonly native: Native;
  readonly name: HolderName;
  readonly tls?: boolean;
  /** 0: none. */
  readonly heartbeatMs?: number;
  /** What else the configuration of Finrst says. */
  readonly config?: ConfigOptions;
  /** Command in front of the server and of the holder: how to enter their network namespaces. */
  readonly inside?: { readonly server: readonly string[]; readonly holder: readonly string[] };
  /** The first two bytes of the peers' addresses. */
  readonly network?: string;
};

/** A program that holds, and the server that is all of its peers: no holder waits for the peers of another one. */
export class Holder {
  readonly name: HolderName;
  readonly program: Program;
  readonly server: Program;
  readonly #options: HoldOptions;
  readonly #folder: string;

  private constructor(options: HoldOptions, programs: { program: Program; server: Program; folder: string }) {
    this.name = options.name;
    this.#options = options;
    this.program = programs.program;
    this.server = programs.server;
    this.#folder = programs.folder;
  }

  /** Starts both. The holder has no peers yet. */
  static async start(options: HoldOptions): Promise<Holder> {
    const { native, inside } = options;
    const folder = mkdtempSync(join(tmpdir(), `finrst-bench-${options.name}-`));
    const tlsServer = [process.execPath, file('tls-server.ts')];
    const server = await Program.start({
      command: [...(inside?.server ?? []), ...(options.tls === true ? tlsServer : [native.server])],
    });
    const log = openSync(join(folder, 'log'), 'w');
    const { command, env } = commandOf(options, folder);
    const program = await Program.start({ command: [...(inside?.holder ?? []), ...command], cwd: ROOT, env, log });
    closeSync(log);
    return new Holder(options, { program, server, folder });
  }

  /** Where its metrics are; null: it has none. */
  get scrapeUrl(): string | null {
    return this.program.facts[0] === '-' ? null : (this.program.facts[0] ?? null);
  }

  /** Whether it can say how long its longest turn was. */
  get hasEventLoop(): boolean {
    return this.name !== 'go' && this.name !== 'floor';
  }

  /** What Finrst has logged so far. */
  get log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Resolves when all of them are established, as their server sees it. */
  async hold(peers: number): Promise<void> {
    await this.#beginToHold(peers);
    await this.allHeld(peers);
  }

  /** Writes the configuration of Finrst; it is in force after a reload. */
  writeConfig(peers: number, more: ConfigOptions = {}): void {
    const { tls = false, heartbeatMs = 0, network = NETWORK, config = {} } = this.#options;
    const port = Number(this.server.facts[0]);
    const text = writeConfig({ ...config, ...more, network, port, peers, tls, heartbeatMs });
    if (config.discovered === true) {
      writeFileSync(join(this.#folder, TARGETS_FILE), targetLists({ network, port, peers }));
    }
    writeFileSync(join(this.#folder, 'finrst.yml'), text);
  }

  async #beginToHold(peers: number): Promise<void> {
    const { tls = false, heartbeatMs = 0, network = NETWORK } = this.#options;
    if (this.name === 'finrst') {
      this.writeConfig(peers);
      this.program.kill('SIGHUP');
    } else {
      const port = this.server.facts[0];
      await this.program.ask(`hold ${network} ${port} ${peers} ${CONNECTS_PER_SECOND} ${heartbeatMs} ${tls}`);
    }
  }

  /** Resolves when as many are established as its server sees; rejects after minutes. */
  async allHeld(peers: number): Promise<void> {
    const deadline = performance.now() + ALL_HELD_MS;
    for (;;) {
      const held = Number(await this.server.ask('count'));
      if (held === peers) return;
      if (performance.now() > deadline) throw new Error(`${this.name} holds ${held} of ${peers} peers`);
      await sleep(20);
    }
  }

  /** Ends that were counted since the last call. */
  async takeEnds(): Promise<readonly Stamp[]> {
    return parseStamps(await this.program.ask('ends'));
  }

  /** Forgets what was counted, ended and accepted so far. */
  async clear(): Promise<void> {
    await this.server.ask('clear');
    await this.takeEnds();
  }

  /** From now on: how long is a turn of its event loop at most? */
  async watchTurns(): Promise<void> {
    if (this.hasEventLoop) await this.program.ask('watch');
  }

  /** The longest turn since then, in milliseconds of its thread's CPU and of time that was not spent waiting. Null: it has none. */
  async longestTurn(): Promise<{ readonly cpuMs: number; readonly busyMs: number } | null> {
    if (!this.hasEventLoop) return null;
    const [cpu = NaN, busy = NaN] = (await this.program.ask('turns')).split(' ').map(Number);
    return { cpuMs: cpu / 1e6, busyMs: busy / 1e6 };
  }

  /** Bytes that it has in use behind a forced collection. */
  async keptBytes(): Promise<number> {
    return Number(await this.program.ask('kept'));
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

type Command = { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> };

function commandOf({ name, native, config = {} }: HoldOptions, folder: string): Command {
  const monitor = { BENCH_TURN_MONITOR: native.turnMonitor };
  const node = [process.execPath, native.nodeHolder];
  switch (name) {
    case 'floor':
      return { command: [native.floor], env: {} };
    case 'go':
      return { command: [native.go ?? ''], env: {} };
    case 'node':
      return { command: node, env: monitor };
    case 'bare':
      return { command: [...node, '--series'], env: monitor };
    case 'finrst': {
      const path = join(folder, 'finrst.yml');
      writeFileSync(path, writeConfig({ ...config, network: NETWORK, port: 1, peers: 0, tls: false, heartbeatMs: 0 }));
      const flags = [`--config.file=${path}`, '--config.auto-reload-interval=0s', '--log.format=json'];
      const web = ['--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle'];
      // As the image starts it.
      const node = [process.execPath, '--enable-source-maps', ...PROGRAM_FLAGS, `--import=${native.probe}`];
      return { command: [...node, native.daemon, 'serve', ...flags, ...web], env: { ...monitor, ...PROGRAM_ENV } };
    }
  }
}

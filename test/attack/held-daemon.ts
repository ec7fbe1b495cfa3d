import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { PROGRAM_ENV, PROGRAM_FLAGS } from '../support/program-flags.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Peers whose ends are timed: 127.13.0.1 and on, all on one port. */
const PEERS = 100;
/** Each of them ends this often at the start, so that `/api/v1/events` has all it can hold. */
const FIRST_ENDS = 8;
/** Twice a second and peer at the most, one end each 40 ms: 25 a second. */
const BETWEEN_ENDS_MS = 40;

type LogLine = { readonly ts: string; readonly msg: string; readonly peer?: string; readonly listening?: string };

/** A daemon as a user runs it, that holds peers of ours, and how long it takes to see each of their ends. */
export class HeldDaemon {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #server: Server;
  readonly #open = new Map<string, Socket>();
  /** When each end that was not reported yet was caused. */
  readonly #endedAt = new Map<string, number>();
  readonly #started = Promise.withResolvers<number>();
  #delays: number[] = [];
  #ticker: NodeJS.Timeout | null = null;
  #mostRss = 0;

  private constructor(server: Server, tlsPort: number) {
    this.#server = server;
    this.#folder = mkdtempSync(path.join(tmpdir(), 'finrst-attack-'));
    const file = path.join(this.#folder, 'finrst.yml');
    writeFileSync(file, stringify(configOf((server.address() as AddressInfo).port, tlsPort)));
    const flags = [`--config.file=${file}`, '--web.listen-address=127.0.0.1:0', '--log.format=json'];
    this.#child = spawn(process.execPath, [...PROGRAM_FLAGS, MAIN, 'serve', ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...PROGRAM_ENV },
    });
    createInterface({ input: this.#child.stderr! }).on('line', (line) => this.#logged(JSON.parse(line) as LogLine));
    process.once('exit', () => this.#child.kill('SIGKILL'));
    this.#child.once('exit', (code) => this.#started.reject(new Error(`the daemon left with ${code}`)));
  }

  /** Starts it, and waits until it holds all peers and `/api/v1/events` is full. */
  static async start(tlsPort: number): Promise<HeldDaemon> {
    const server = createServer();
    server.listen(0, '0.0.0.0', 1024);
    await once(server, 'listening');
    const daemon = new HeldDaemon(server, tlsPort);
    const ends = new Map<string, number>();
    server.on('connection', (socket) => {
      const peer = socket.localAddress ?? '';
      socket.on('error', () => undefined).resume();
      daemon.#open.set(peer, socket);
      const before = ends.get(peer) ?? 0;
      ends.set(peer, before + 1);
      if (before < FIRST_ENDS) socket.end();
    });
    await daemon.#started.promise;
    while ([...ends.values()].filter((count) => count > FIRST_ENDS).length < PEERS) await pause(50);
    daemon.#ticker = daemon.#endInTurn();
    return daemon;
  }

  get webPort(): Promise<number> {
    return this.#started.promise;
  }

  /** From now on: how late each end is seen, in ms, and the most memory. */
  beginPhase(): void {
    this.#delays = [];
    this.#mostRss = 0;
  }

  get delaysMs(): readonly number[] {
    return this.#delays;
  }

  get mostRssBytes(): number {
    return this.#mostRss;
  }

  async stop(): Promise<number | null> {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    for (const socket of this.#open.values()) socket.destroy();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
    return code;
  }

  /** One peer after the other, by FIN and by RST in turn. One whose last end was not seen yet is left out. */
  #endInTurn(): NodeJS.Timeout {
    let turn = 0;
    return setInterval(() => {
      this.#mostRss = Math.max(this.#mostRss, rssOf(this.#child.pid ?? 0));
      const peer = `127.13.0.${(turn++ % PEERS) + 1}`;
      const socket = this.#open.get(peer);
      if (socket === undefined || socket.destroyed || this.#endedAt.has(peer)) return;
      this.#endedAt.set(peer, Date.now());
      if (turn % 2 === 0) socket.end();
      else socket.resetAndDestroy();
    }, BETWEEN_ENDS_MS);
  }

  /** The line has the time at which the daemon saw the end; when it is read here does not matter. */
  #logged({ ts, msg, peer = '', listening }: LogLine): void {
    if (msg === 'started') this.#started.resolve(Number(listening?.split(':').at(-1)));
    const address = peer.split(':')[0] ?? '';
    const endedAt = this.#endedAt.get(address);
    if (msg !== 'disconnected' || endedAt === undefined) return;
    this.#endedAt.delete(address);
    this.#delays.push(Math.max(0, Date.parse(ts) - endedAt));
  }
}

function configOf(port: number, tlsPort: number): object {
  const targets = Array.from({ length: PEERS }, (_, i) => `127.13.0.${i + 1}:${port}`);
  const reconnect = { initial: '50ms', max: '100ms' };
  return {
    global: { max_connects_per_second: 2000, reconnect },
    groups: [
      { name: 'timed', static_configs: [{ targets }] },
      {
        name: 'endless',
        connect_timeout: '2s',
        tls: { insecure_skip_verify: true },
        static_configs: [{ targets: [`127.13.1.1:${tlsPort}`] }],
      },
    ],
  };
}

function rssOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { startPostgres } from '../../servers/postgresql-cluster.ts';
import { startRedis } from '../../servers/redis-server.ts';
import { type ServerProcess, wrapped } from '../../servers/server-process.ts';
import { createStage, type Stage } from '../../servers/stage.ts';
import { type Client, type ClientRow, type Injected } from './client-rows.ts';

/** A network namespace without a name: it is there as long as the shell that made it, which ends with its input. */
export type ClientHost = {
  /** Runs a command to its end. Throws with its standard error when it fails. */
  readonly run: (command: readonly string[], input?: string) => void;
  /** What runs a command inside; the process keeps its id. */
  readonly inside: (command: readonly string[]) => readonly [string, ...string[]];
  /** The ends of connections to this address, as the kernel lists them. */
  readonly clientEnds: (address: string) => readonly ClientEnd[];
};

/** `unacknowledged`: bytes that the other end has not acknowledged. */
export type ClientEnd = { readonly state: 'established' | 'close_wait' | 'other'; readonly unacknowledged: number };

/** Packets from and to these addresses vanish behind the interface, as on a path: the sender has no error. */
const DROPS = `table ip cut {
  set silent { type ipv4_addr; }
  chain in {
    type filter hook input priority 0
    ip daddr @silent drop
    ip saddr @silent drop
  }
}`;
/** Retransmission gives up after about 3 s instead of 15 minutes. */
const SET_UP = 'ip link set lo up && echo 2 >/proc/sys/net/ipv4/tcp_retries2 && nft "$0" && echo up && exec cat';

export async function startHost(): Promise<ClientHost> {
  const shell = spawn('unshare', ['-n', 'sh', '-c', SET_UP, DROPS], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void shell.stdin.end());
  const [first] = (await Promise.race([once(shell.stdout, 'data'), once(shell, 'exit')])) as unknown[];
  if (String(first) !== 'up\n') throw new Error(`no namespace: ${String(first)}`);
  const inside: ClientHost['inside'] = (command) => ['nsenter', `--net=/proc/${shell.pid}/ns/net`, ...command];
  return {
    inside,
    run(command, input = '') {
      const [file, ...args] = inside(command);
      const { status, stderr } = spawnSync(file, args, { input, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    },
    clientEnds: (address) => clientEnds(readFileSync(`/proc/${shell.pid}/net/tcp`, 'latin1'), address),
  };
}

function clientEnds(table: string, address: string): readonly ClientEnd[] {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, , remote]) => remote?.startsWith(`${bytes.toReversed().join('')}:`))
    .map(([, , , state, queues = '']) => ({
      state: state === '01' ? 'established' : state === '08' ? 'close_wait' : 'other',
      unacknowledged: Number.parseInt(queues, 16),
    }));
}

/** The servers of all rows, each with its own data and port. */
export type Servers = {
  readonly of: (row: ClientRow) => ServerOfRow;
  /** Of a Redis that stays. */
  readonly redisPort: number;
};
export type ServerOfRow = { readonly process: ServerProcess; readonly port: number };

/** Servers that stay, that are stopped, and that close what is idle for a second. */
const KINDS = ['lasting', 'stopping', 'impatient'] as const;
const PORTS = { postgres: 15_951, redis: 15_961 };

export async function startServers(host: ClientHost): Promise<Servers> {
  const stage = createStage();
  onTestFinished(() => stage.clear());
  const start = async (kind: Client['server'], index: number): Promise<ServerOfRow> => {
    const port = PORTS[kind] + index;
    const there = stageInside(stage, host, port);
    const isImpatient = KINDS[index] === 'impatient';
    const process =
      kind === 'redis'
        ? await startRedis(there, '--bind', '0.0.0.0', ...(isImpatient ? ['--timeout', '1'] : []))
        : await startPostgres(there, ...POSTGRES, ...(isImpatient ? ['idle_session_timeout=1s'] : []));
    return { process, port };
  };
  const started = {
    postgres: await Promise.all(KINDS.map((_, index) => start('postgres', index))),
    redis: await Promise.all(KINDS.map((_, index) => start('redis', index))),
  };
  return {
    of: ({ client, injected }) => started[client.server][KINDS.indexOf(kindFor(injected))]!,
    redisPort: PORTS.redis + KINDS.indexOf('lasting'),
  };
}

const POSTGRES = ['listen_addresses=*', 'log_statement=all'];

function kindFor(injected: Injected): (typeof KINDS)[number] {
  return injected === 'server stops' ? 'stopping' : injected === 'leak' ? 'impatient' : 'lasting';
}

/** The same stage, whose servers run in the namespace and at this port. */
function stageInside(stage: Stage, host: ClientHost, port: number): Stage {
  return {
    ...stage,
    server: (_, launch) =>
      stage.server(0, async () => {
        const wanted = await launch([port]);
        const { file, args } = wrapped(wanted);
        const [program, ...rest] = host.inside([file, ...args]);
        return { file: program, args: rest, ready: wanted.ready! };
      }),
  };
}

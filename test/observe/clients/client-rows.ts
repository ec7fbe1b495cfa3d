import { fileURLToPath } from 'node:url';

/** What is done to the connections of a client. */
export type Injected = 'reset' | 'server stops' | 'silence' | 'lost write' | 'leak';

/** What an end has to be called, by what was done. `errno` is what the client's read(2) fails with; null: with nothing. */
export const VERDICTS: Readonly<Record<Injected, Verdict>> = {
  // The server's socket is destroyed (`ss -K`).
  reset: { class: 'error', reason: 'reset', errno: 'ECONNRESET' },
  'server stops': { class: 'eof', reason: 'fin', errno: null },
  // Nothing gets through any more while the client waits, ...
  silence: { class: 'error', reason: 'keepalive_timeout', errno: 'ETIMEDOUT' },
  // ... or as it writes.
  'lost write': { class: 'error', reason: 'retransmit_timeout', errno: 'ETIMEDOUT' },
  // The server's own idle limit closes, and the client does not look.
  leak: { class: 'eof', reason: 'fin', errno: null },
};
export type Verdict = { readonly class: string; readonly reason: string; readonly errno: string | null };

export type Place = {
  readonly host: string;
  readonly port: number;
  /** Stands in what is sent to PostgreSQL, so that its log tells rows apart. */
  readonly row: string;
};

/** A client that people use, and its words for what happens to it. */
export type Client = {
  readonly name: string;
  readonly executable: string;
  readonly server: 'postgres' | 'redis';
  /** How many connections it holds. */
  readonly connections: number;
  readonly command: (injected: Injected, place: Place) => readonly string[];
  /** What its output or, for a query that hangs, the server's log says once its connections are as the row wants them. */
  readonly ready: Readonly<Record<'waits' | 'idle', 'server' | RegExp>>;
  /** Its input at the start where it stays idle, and behind `lost write`. */
  readonly input: { readonly first: string; readonly write: string };
  readonly says: Readonly<Record<Exclude<Injected, 'leak'>, Words>>;
  readonly exitCode: number;
};

export type Words = {
  readonly words: RegExp;
  /** Whether these words, or those of its runtime, name the errno. */
  readonly names: boolean;
  /** It closes at what the server says, before or after the server's FIN: the end may be its own. */
  readonly mayCloseFirst?: true;
};

export function waits(injected: Injected): boolean {
  return injected !== 'lost write' && injected !== 'leak';
}

const KEEPALIVE = 'keepalives_idle=1 keepalives_interval=1 keepalives_count=2';
const POOL = 3;
const HANGS = 'select pg_sleep(600)';
const NODE_POOL = fileURLToPath(new URL('node-pool.mjs', import.meta.url));

const PSQL: Client = {
  name: 'psql',
  executable: 'psql',
  server: 'postgres',
  connections: 1,
  command(injected, { host, port, row }) {
    const session = `host=${host} port=${port} user=postgres dbname=postgres ${KEEPALIVE}`;
    return ['psql', '-XAtq', session, ...(waits(injected) ? ['-c', `${HANGS} /* ${row} */`] : [])];
  },
  ready: { waits: 'server', idle: /^1$/m },
  input: { first: 'select 1;\n', write: 'select 2;\n' },
  says: {
    // It has the same words for a FIN that comes without a message.
    reset: { words: /server closed the connection unexpectedly/, names: false },
    'server stops': { words: /FATAL: {2}terminating connection due to administrator command/, names: false },
    silence: { words: /could not receive data from server: Connection timed out/, names: true },
    'lost write': { words: /could not receive data from server: Connection timed out/, names: true },
  },
  exitCode: 2,
};

const REDIS_CLI: Client = {
  name: 'redis-cli',
  executable: 'redis-cli',
  server: 'redis',
  connections: 1,
  command: (injected, { host, port }) => [
    'redis-cli',
    '-h',
    host,
    '-p',
    `${port}`,
    ...(waits(injected) ? ['SUBSCRIBE', 'news'] : []),
  ],
  ready: { waits: /subscribe\nnews\n1\n/, idle: /PONG/ },
  input: { first: 'PING\n', write: 'PING\n' },
  says: {
    reset: { words: /Error: Connection reset by peer/, names: true },
    'server stops': { words: /Error: Server closed the connection/, names: false },
    // hiredis has these for ETIMEDOUT.
    silence: { words: /Error: recv timeout/, names: true },
    'lost write': { words: /Error: recv timeout/, names: true },
  },
  exitCode: 1,
};

const NODE: Client = {
  name: 'Node.js pool',
  executable: 'node',
  server: 'redis',
  connections: POOL,
  command(injected, { host, port }) {
    const mode = waits(injected) ? 'wait' : injected === 'leak' ? 'forget' : 'write';
    return [process.execPath, NODE_POOL, host, `${port}`, `${POOL}`, mode];
  },
  ready: { waits: /ready/, idle: /ready/ },
  input: { first: '', write: '\n' },
  says: {
    reset: { words: /read ECONNRESET/, names: true },
    'server stops': { words: /the server has closed/, names: false },
    silence: { words: /read ETIMEDOUT/, names: true },
    'lost write': { words: /read ETIMEDOUT/, names: true },
  },
  exitCode: 1,
};

/** `program`: as built from `pgx-pool`. */
const pgx = (program: string): Client => ({
  name: 'Go pgx pool',
  executable: 'pgx-pool',
  server: 'postgres',
  connections: POOL,
  command: (injected, { host, port, row }) => [
    program,
    `postgres://postgres@${host}:${port}/postgres?sslmode=disable`,
    `${POOL}`,
    waits(injected) ? `${HANGS} /* ${row} */` : 'select 2',
    waits(injected) ? 'wait' : 'write',
  ],
  ready: { waits: 'server', idle: /ready/ },
  input: { first: '', write: '\n' },
  says: {
    reset: { words: /pgx: (?:conn closed|unexpected EOF)/, names: true },
    'server stops': {
      words: /pgx: FATAL: terminating connection due to administrator command/,
      names: false,
      mayCloseFirst: true,
    },
    silence: { words: /pgx: (?:conn closed|unexpected EOF)/, names: true },
    'lost write': { words: /pgx: (?:conn closed|unexpected EOF)/, names: true },
  },
  exitCode: 1,
});

export type ClientRow = {
  /** Also the name of its group. */
  readonly id: string;
  readonly client: Client;
  readonly injected: Injected;
  /** Each row has an address of its own, on which its servers listen as on all others. */
  readonly host: string;
};

/** Every client times everything that can be done to it. */
export function clientRows(pgxProgram: string): readonly ClientRow[] {
  const clients = [PSQL, REDIS_CLI, NODE, pgx(pgxProgram)];
  const all = clients.flatMap((client) =>
    (Object.keys(VERDICTS) as Injected[]).map((injected) => ({ client, injected })),
  );
  return all.map(({ client, injected }, index) => ({
    id: `${client.name} ${injected}`.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
    client,
    injected,
    host: `127.0.0.${index + 11}`,
  }));
}

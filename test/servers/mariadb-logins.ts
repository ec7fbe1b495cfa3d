import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type ServerRow, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

/** What the rows need of the servers: one started with these settings. */
export type MariadbTools = {
  readonly start: (stage: Stage, ...settings: readonly string[]) => Promise<ServerProcess>;
  /** A folder that the server may read. */
  readonly ownFolder: (stage: Stage) => Promise<string>;
};

/** One account for each row that changes one. None has rights. */
const ACCOUNTS = [
  "create user finrst identified by 'secret';",
  "create user killed identified by 'secret';",
  "create user encrypted identified by 'secret' require ssl;",
  "create user locked identified by 'secret' account lock;",
  "create user limited identified by 'secret' with max_connections_per_hour 1;",
  "create user modern identified via ed25519 using password('secret');",
];

const BEATS = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const portOf = (server: ServerProcess): number => server.ports[0] ?? 0;

/** Runs statements over TCP, as `user` where that is not root. */
async function query(stage: Stage, port: number, statement: string, user: readonly string[] = ['--user=root']) {
  const where = ['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--skip-ssl'];
  await stage.program('mariadb', [...where, ...user, `--execute=${statement}`]);
}

async function login(stage: Stage, username = 'finrst', password: string | null = 'secret') {
  if (password === null) return { protocol: 'mysql', mysql: { username } };
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { protocol: 'mysql', mysql: { username, password_file: file } };
}

/** Logins with `protocol: mysql`. */
export function mariadbLogins({ start, ownFolder }: MariadbTools): readonly ServerRow[] {
  const withAccounts = async (stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> => {
    const accounts = join(await ownFolder(stage), 'accounts.sql');
    await writeFile(accounts, `${ACCOUNTS.join('\n')}\n`);
    return start(stage, `--init-file=${accounts}`, '--plugin-load-add=auth_ed25519', ...settings);
  };
  const encrypted = once(async (stage) => {
    const { certFile, keyFile } = await stage.certificate();
    const folder = await ownFolder(stage);
    // The server may not read what belongs to the user of the tests.
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await stage.program('cp', [certFile, cert]);
    await stage.program('cp', [keyFile, key]);
    await stage.program('chmod', ['644', cert, key]);
    return withAccounts(stage, `--ssl-cert=${cert}`, `--ssl-key=${key}`);
  });
  const impatient = once((stage) => withAccounts(stage, `--wait-timeout=${IDLE_ROW.limitSeconds}`));
  const at = async (stage: Stage, server: ServerProcess, ...who: readonly [string?, (string | null)?]) =>
    ({ port: portOf(server), settings: await login(stage, ...who) }) satisfies Situation;
  const trusting = async (stage: Stage) => ({ tls: { ca_file: (await stage.certificate()).certFile } });
  const overTls = async (stage: Stage, username: string): Promise<Situation> => ({
    port: portOf(await encrypted(stage)),
    settings: { ...(await login(stage, username)), ...(await trusting(stage)) },
  });
  const plain = {
    setting: '',
    settings: BEATS,
    server: 'takes the login, keeps the connection',
    outcome: HELD,
  } as const;
  const wrong = { ...plain, outcome: refused('protocol/rejected', 'auth_failed') };
  return [
    {
      ...plain,
      group: 'mariadb-login',
      deed: '`protocol: mysql` with the password',
      start: async (stage) => at(stage, await encrypted(stage)),
    },
    {
      ...plain,
      group: 'mariadb-login-tls',
      setting: '`REQUIRE SSL`',
      deed: '`protocol: mysql` with `tls`',
      start: (stage) => overTls(stage, 'encrypted'),
    },
    {
      ...wrong,
      group: 'mariadb-login-tls-missing',
      setting: '`REQUIRE SSL`',
      deed: '`protocol: mysql` without `tls`',
      server: 'refuses the login with 1045',
      start: async (stage) => at(stage, await encrypted(stage), 'encrypted'),
    },
    {
      ...wrong,
      group: 'mariadb-login-wrong',
      deed: '`protocol: mysql` with a wrong password',
      server: 'refuses the login with 1045',
      start: async (stage) => at(stage, await encrypted(stage), 'finrst', 'wrong'),
    },
    {
      ...wrong,
      group: 'mariadb-login-none',
      deed: '`protocol: mysql` without a password',
      server: 'refuses the login with 1045',
      start: async (stage) => at(stage, await encrypted(stage), 'finrst', null),
    },
    {
      ...wrong,
      group: 'mariadb-login-locked',
      setting: '`ACCOUNT LOCK`',
      deed: '`protocol: mysql` with the password',
      server: 'refuses the login with 4151',
      start: async (stage) => at(stage, await encrypted(stage), 'locked'),
    },
    {
      ...plain,
      group: 'mariadb-login-ed25519',
      setting: '`IDENTIFIED VIA ed25519`',
      deed: '`protocol: mysql` with the password',
      server: 'asks for a method that is not spoken',
      start: async (stage) => at(stage, await encrypted(stage), 'modern'),
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      ...plain,
      group: 'mariadb-login-no-tls',
      setting: 'no TLS',
      deed: '`protocol: mysql` with `tls`',
      server: 'has none to offer',
      start: async (stage) => ({
        port: portOf(await impatient(stage)),
        settings: { ...(await login(stage)), ...(await trusting(stage)) },
      }),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      ...plain,
      group: 'mariadb-login-untrusted',
      setting: 'a certificate of its own',
      deed: '`protocol: mysql` with `tls` that does not trust it',
      server: 'gets no password',
      start: async (stage) => ({
        port: portOf(await encrypted(stage)),
        settings: { ...(await login(stage)), tls: {} },
      }),
      outcome: refused('tls/certificate'),
    },
    {
      ...plain,
      group: 'mariadb-login-account-limit',
      setting: '`MAX_CONNECTIONS_PER_HOUR 1`, used up',
      deed: '`protocol: mysql` with the password',
      server: 'refuses the login with 1226',
      async start(stage) {
        const server = await encrypted(stage);
        await query(stage, portOf(server), 'select 1', ['--user=limited', '--password=secret']);
        return at(stage, server, 'limited');
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      ...plain,
      group: 'mariadb-login-max-connections',
      setting: '`max_connections = 10`, all taken by clients that never log in',
      deed: '`protocol: mysql`',
      server: 'says 1040 in place of its greeting',
      async start(stage) {
        const server = await start(stage, '--connect-timeout=600', '--max-connections=10');
        for (let taken = 0; taken < 11; taken++) await stage.client(portOf(server));
        return at(stage, server);
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      ...plain,
      group: 'mariadb-login-beats',
      setting: `\`wait_timeout = ${IDLE_ROW.limitSeconds}\``,
      deed: '`protocol: mysql`, heartbeats (`COM_PING`)',
      server: 'answers, keeps the connection',
      settings: IDLE_ROW.beats,
      outcome: IDLE_ROW.held,
      start: async (stage) => at(stage, await impatient(stage)),
    },
    {
      ...plain,
      group: 'mariadb-login-silent',
      setting: `\`wait_timeout = ${IDLE_ROW.limitSeconds}\` (default 8 h)`,
      deed: '`protocol: mysql`, `heartbeat: false`',
      server: 'resets without a word',
      settings: { heartbeat: false },
      start: async (stage) => at(stage, await impatient(stage)),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'error/reset'),
    },
    {
      ...plain,
      group: 'mariadb-login-kill',
      deed: '`protocol: mysql`; an operator runs `KILL`',
      server: 'closes without a word',
      async start(stage) {
        const server = await encrypted(stage);
        return { ...(await at(stage, server, 'killed')), act: () => query(stage, portOf(server), 'kill user killed') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      ...plain,
      group: 'mariadb-login-stop',
      deed: '`protocol: mysql`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      async start(stage) {
        const server = await withAccounts(stage);
        return { ...(await at(stage, server)), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ];
}

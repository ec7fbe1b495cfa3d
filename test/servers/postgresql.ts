import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import type { ServerProcess } from './server-process.ts';
import { bytesOf, endsAfter, endsAt, endsAtOnce, once, refused, sendOnce, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

/** PostgreSQL refuses to run as root. */
const USER = 'postgres';

/** A cluster that trusts everybody on the loopback address, made once and copied for each server. */
const emptyCluster = once(async (stage) => {
  const folder = await ownFolder(stage);
  const data = join(folder, 'data');
  await asOwner(stage, 'initdb', ['-D', data, '-U', USER, '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8']);
  return data;
});

async function ownFolder(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  if (process.getuid?.() === 0) await stage.program('chown', [USER, folder]);
  return folder;
}

async function asOwner(stage: Stage, program: string, args: readonly string[]): Promise<void> {
  const root = process.getuid?.() === 0;
  if (!root) await stage.program(program, args);
  else
    await stage.program('setpriv', [
      `--reuid=${USER}`,
      `--regid=${USER}`,
      '--init-groups',
      '--',
      programOf(program),
      ...args,
    ]);
}

async function start(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const data = join(await ownFolder(stage), 'data');
  await asOwner(stage, 'cp', ['-r', await emptyCluster(stage), data]);
  const plain = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_wal_senders=0'];
  const options = [...plain, ...settings].flatMap((setting) => ['-c', setting]);
  return stage.server(1, ([port]) => ({
    file: programOf('postgres'),
    args: ['-D', data, '-p', `${port}`, ...options],
    user: USER,
    ready: /ready to accept connections/,
  }));
}

/** A StartupMessage as Finrst's configuration spells it: length, protocol 3.0, names and values, each ended by a zero byte. */
function startupMessage(parameters: Readonly<Record<string, string>>): string {
  const body = Object.entries(parameters)
    .flat()
    .map((text) => `${text}\\x00`)
    .join('');
  // Every \xHH is four characters for one byte.
  const length = 4 + 4 + body.replaceAll('\\x00', '0').length + 1;
  return `\\x00\\x00\\x00\\x${length.toString(16).padStart(2, '0')}\\x00\\x03\\x00\\x00${body}\\x00`;
}

const LOGIN = startupMessage({ user: USER, database: USER });
/** ReadyForQuery, idle: what PostgreSQL says once a session stands. */
const READY = 'Z\\x00\\x00\\x00\\x05I';
const shared = once((stage) => start(stage, 'authentication_timeout=1'));
const portOf = (server: ServerProcess): number => server.ports[0] ?? 0;

async function query(stage: Stage, port: number, sql: string): Promise<void> {
  await stage.program('psql', ['-h', '127.0.0.1', '-p', `${port}`, '-U', USER, '-d', USER, '-Atqc', sql]);
}

export const POSTGRESQL: RealServer = {
  name: 'PostgreSQL',
  program: 'postgres',
  debianPackage: 'postgresql',
  versionArguments: ['--version'],
  rows: [
    {
      group: 'postgresql-authentication-timeout',
      setting: '`authentication_timeout = 1` (default 60 s)',
      deed: 'stays silent',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'postgresql-session',
      setting: '`authentication_timeout = 1`',
      deed: 'sends a StartupMessage (trusted user), expects ReadyForQuery, then stays silent',
      server: 'keeps the session',
      settings: { heartbeat: { send: LOGIN, expect: READY, interval: '1h', timeout: '5s' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'postgresql-second-startup',
      setting: '',
      deed: 'sends a StartupMessage again and again as a heartbeat',
      server: 'answers the second with a FATAL error and closes',
      settings: { heartbeat: { send: LOGIN, interval: '1s' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'postgresql-idle-session-timeout',
      setting: '`idle_session_timeout = 1000` (default 0: never)',
      deed: 'logs in, then stays silent',
      server: 'says FATAL and closes',
      settings: sendOnce(startupMessage({ user: USER, database: USER, options: '-cidle_session_timeout=1000' })),
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'postgresql-terminate-backend',
      setting: '',
      deed: 'logs in; an operator runs `pg_terminate_backend`',
      server: 'says FATAL and closes',
      settings: sendOnce(startupMessage({ user: USER, database: USER, application_name: 'victim' })),
      async start(stage) {
        const port = portOf(await shared(stage));
        const victims = `pg_stat_activity where application_name = 'victim'`;
        return { port, act: () => query(stage, port, `select pg_terminate_backend(pid) from ${victims}`) };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'postgresql-fast-shutdown',
      setting: '',
      deed: 'logs in; fast shutdown (SIGINT)',
      server: 'says FATAL and closes',
      settings: sendOnce(LOGIN),
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGINT') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'postgresql-immediate-shutdown',
      setting: '',
      deed: 'silent before login; immediate shutdown (SIGQUIT)',
      server: 'closes',
      settings: {},
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGQUIT') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'postgresql-max-connections',
      setting: '`max_connections = 1`, taken',
      deed: 'logs in',
      server: 'says FATAL `sorry, too many clients already` and closes',
      settings: sendOnce(LOGIN),
      async start(stage) {
        const port = portOf(await start(stage, 'max_connections=1', 'superuser_reserved_connections=0'));
        await occupy(stage, port);
        return { port };
      },
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'postgresql-tls',
      setting: '',
      deed: 'starts TLS at once (`tls: {}`); PostgreSQL wants its SSLRequest first',
      server: 'closes',
      settings: { tls: { insecure_skip_verify: true } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: refused('tls/eof'),
    },
  ],
};

/** A session of the test's own that has its slot: the server has said ReadyForQuery. */
async function occupy(stage: Stage, port: number): Promise<void> {
  const client = await stage.client(port);
  const ready = new Promise<void>((resolve) => {
    client.on('data', (answer: Buffer) => {
      if (answer.includes('Z\0\0\0\u0005I')) resolve();
    });
  });
  client.write(bytesOf(LOGIN), 'latin1');
  await ready;
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import { ownFolder, startPostgres, SUPERUSER } from './postgresql-cluster.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer, type ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const behind = once((stage) => startPostgres(stage));

type Pooler = { readonly server: ServerProcess; readonly passwordFile: string };

/** A pgbouncer with these settings in front of a PostgreSQL that all of them share; it asks the role finrst for a password. */
async function startPooler(stage: Stage, ...settings: readonly string[]): Promise<Pooler> {
  const folder = await ownFolder(stage);
  await stage.program('chmod', ['755', folder]);
  const file = (name: string) => join(folder, name);
  await writeFile(file('password'), 'secret\n');
  await writeFile(file('users'), `"finrst" "secret"\n"admin" "secret"\n`);
  const database = `host=127.0.0.1 port=${portOf(await behind(stage))} user=${SUPERUSER} dbname=${SUPERUSER}`;
  const server = await stage.server(1, async ([port]) => {
    const lines = [
      '[databases]',
      `postgres = ${database}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${file('users')}`,
      'admin_users = admin',
      ...settings,
    ];
    await writeFile(file('pgbouncer.ini'), `${lines.join('\n')}\n`);
    // It refuses root.
    return { file: programOf('pgbouncer'), args: [file('pgbouncer.ini')], user: SUPERUSER, ready: /process up/ };
  });
  return { server, passwordFile: file('password') };
}

/** A command on its console. */
async function administer(stage: Stage, { server }: Pooler, command: string): Promise<void> {
  const target = `postgresql://admin:secret@127.0.0.1:${portOf(server)}/pgbouncer`;
  await stage.program('psql', [target, '-Atqc', command]);
}

const LOGIN = { protocol: 'postgres' };
const SECONDS = IDLE_ROW.limitSeconds;

function loginTo({ server, passwordFile }: Pooler) {
  return { port: portOf(server), settings: { postgres: { username: 'finrst', password_file: passwordFile } } };
}

/** Rows of one pgbouncer each, with these settings. */
function row(written: Omit<ServerRow, 'start'>, ...settings: readonly string[]): ServerRow {
  return { ...written, start: async (stage) => loginTo(await startPooler(stage, ...settings)) };
}

export const PGBOUNCER: RealServer = {
  name: 'pgbouncer',
  program: 'pgbouncer',
  debianPackage: 'pgbouncer',
  versionArguments: ['--version'],
  rows: [
    row(
      {
        group: 'pgbouncer-beats',
        setting: `\`client_idle_timeout = ${SECONDS}\` (default 0: never)`,
        deed: '`protocol: postgres` with the password (SCRAM), heartbeats (`Sync`)',
        server: 'takes the login, answers, keeps the session',
        settings: { ...LOGIN, ...IDLE_ROW.beats },
        outcome: IDLE_ROW.held,
      },
      `client_idle_timeout = ${SECONDS}`,
    ),
    row(
      {
        group: 'pgbouncer-silent',
        setting: `\`client_idle_timeout = ${SECONDS}\``,
        deed: '`protocol: postgres`, `heartbeat: false`',
        server: 'says `client_idle_timeout` and closes',
        settings: { ...LOGIN, heartbeat: false },
        outcome: endsAfter(SECONDS, 'eof/fin', 'idle_limit'),
      },
      `client_idle_timeout = ${SECONDS}`,
    ),
    row(
      {
        group: 'pgbouncer-transaction',
        setting: '`pool_mode = transaction`',
        deed: '`protocol: postgres`, heartbeats (`Sync`)',
        server: 'answers from a server connection of its pool',
        settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
        outcome: { kind: 'held', seconds: 5 },
      },
      'pool_mode = transaction',
    ),
    {
      group: 'pgbouncer-wrong',
      setting: '`auth_type = scram-sha-256`',
      deed: '`protocol: postgres` with a wrong password',
      server: 'refuses the login',
      settings: LOGIN,
      async start(stage) {
        const pooler = await startPooler(stage);
        await writeFile(pooler.passwordFile, 'wrong\n');
        return loginTo(pooler);
      },
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'pgbouncer-max-client-conn',
      setting: '`max_client_conn = 1`, taken',
      deed: '`protocol: postgres`',
      server: 'says `no more connections allowed` and closes',
      settings: LOGIN,
      async start(stage) {
        const pooler = await startPooler(stage, 'max_client_conn = 1');
        await stage.client(portOf(pooler.server));
        return loginTo(pooler);
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'pgbouncer-kill',
      setting: '',
      deed: '`protocol: postgres`; an operator runs `KILL`',
      server: 'says `database removed` and closes',
      settings: LOGIN,
      async start(stage) {
        const pooler = await startPooler(stage);
        return { ...loginTo(pooler), act: () => administer(stage, pooler, 'KILL postgres') };
      },
      outcome: endsAt('eof/fin', 'not_found'),
    },
    {
      group: 'pgbouncer-killed',
      setting: 'after `KILL`, or `PAUSE`',
      deed: '`protocol: postgres`',
      server: 'lets the login wait, and says nothing',
      settings: LOGIN,
      async start(stage) {
        const pooler = await startPooler(stage);
        await administer(stage, pooler, 'KILL postgres');
        return loginTo(pooler);
      },
      outcome: refused('protocol/timeout'),
    },
    {
      group: 'pgbouncer-stop',
      setting: '',
      deed: '`protocol: postgres`; pgbouncer is stopped (SIGTERM)',
      server: 'closes without a word and exits',
      settings: LOGIN,
      async start(stage) {
        const pooler = await startPooler(stage);
        return { ...loginTo(pooler), act: () => pooler.server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};

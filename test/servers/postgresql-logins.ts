import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { occupy, query, startPostgres, startRecovering, SUPERUSER, tlsSettingsOf } from './postgresql-cluster.ts';
import { portOf } from './server-process.ts';
import { refused, type ServerRow, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

/** A login that a server takes without asking. */
export const TRUSTED = { protocol: 'postgres', postgres: { username: SUPERUSER } };

/** How a server asks the role finrst for its password, and what Finrst gives. */
type Asked = {
  /** The method in pg_hba.conf; empty: it has no line for the role. */
  readonly method: string;
  readonly tls?: true;
  readonly password: 'right' | 'wrong' | 'none';
  readonly connectionLimit?: number;
};

async function asking(stage: Stage, { method, tls, password, connectionLimit = 6 }: Asked): Promise<Situation> {
  const folder = await stage.folder();
  const hba = join(folder, 'pg_hba.conf');
  const file = join(folder, 'password');
  await stage.program('chmod', ['755', folder]);
  const line = method === '' ? '' : `${tls === true ? 'hostssl' : 'host'} all finrst 127.0.0.1/32 ${method}\n`;
  await writeFile(hba, `${line}host all ${SUPERUSER} 127.0.0.1/32 trust\n`);
  await writeFile(file, password === 'right' ? 'secret\n' : 'wrong\n');
  const encryption = `password_encryption=${method === 'md5' ? 'md5' : 'scram-sha-256'}`;
  const secured = tls === true ? await tlsSettingsOf(stage) : [];
  const port = portOf(await startPostgres(stage, `hba_file=${hba}`, encryption, ...secured));
  await query(stage, port, `create role finrst login connection limit ${connectionLimit} password 'secret'`);
  const { certFile } = await stage.certificate();
  return {
    port,
    settings: {
      protocol: 'postgres',
      postgres: { username: 'finrst', ...(password === 'none' ? {} : { password_file: file }) },
      ...(tls === true && { tls: { ca_file: certFile } }),
    },
  };
}

const GIVES = { right: 'with the password', wrong: 'with a wrong password', none: 'without a password' } as const;

/** A login by one method, and what comes of it. */
function login(asked: Asked, outcome: ServerRow['outcome']): ServerRow {
  const { method, tls, password } = asked;
  const name = [
    method === '' ? 'no-line' : method,
    ...(tls ? ['tls'] : []),
    ...(password === 'right' ? [] : [password]),
  ];
  const line = method === '' ? 'no line for the role in pg_hba.conf' : `\`${method}\` in pg_hba.conf`;
  return {
    group: `postgresql-login-${name.join('-')}`,
    setting: tls ? `${line}, TLS` : line,
    deed: `\`protocol: postgres\` ${GIVES[password]}`,
    server: outcome.kind === 'held' ? 'takes the login, keeps the connection' : 'refuses the login',
    settings: { heartbeat: { interval: '500ms', timeout: '500ms' } },
    start: (stage) => asking(stage, asked),
    outcome,
  };
}

const HELD = { kind: 'held', seconds: 5 } as const;
const rejected = (goodbye: string) => refused('protocol/rejected', goodbye);

/** Logins with `protocol: postgres`. */
export const POSTGRES_LOGINS: readonly ServerRow[] = [
  login({ method: 'scram-sha-256', password: 'right' }, HELD),
  login({ method: 'scram-sha-256', tls: true, password: 'right' }, HELD),
  login({ method: 'md5', password: 'right' }, HELD),
  login({ method: 'password', tls: true, password: 'right' }, HELD),
  login({ method: 'scram-sha-256', password: 'wrong' }, rejected('auth_failed')),
  login({ method: 'scram-sha-256', tls: true, password: 'wrong' }, rejected('auth_failed')),
  login({ method: 'md5', password: 'wrong' }, rejected('auth_failed')),
  login({ method: 'password', tls: true, password: 'wrong' }, rejected('auth_failed')),
  login({ method: 'scram-sha-256', password: 'none' }, rejected('auth_method')),
  login({ method: 'password', password: 'right' }, rejected('auth_method')),
  login({ method: 'reject', password: 'right' }, rejected('forbidden')),
  login({ method: '', password: 'right' }, rejected('forbidden')),
  {
    ...login({ method: 'trust', password: 'none', connectionLimit: 0 }, rejected('too_many_connections')),
    group: 'postgresql-login-role-limit',
    setting: '`CONNECTION LIMIT` of the role, reached',
    deed: '`protocol: postgres`',
    server: 'refuses the login with `53300`',
  },
  {
    group: 'postgresql-login-max-connections',
    setting: '`max_connections = 1`, taken',
    deed: '`protocol: postgres`',
    server: 'refuses the login with `53300`',
    settings: TRUSTED,
    async start(stage) {
      const port = portOf(await startPostgres(stage, 'max_connections=1', 'superuser_reserved_connections=0'));
      await occupy(stage, port);
      return { port };
    },
    outcome: rejected('too_many_connections'),
  },
  {
    group: 'postgresql-login-recovering',
    setting: '`hot_standby = off`, in recovery',
    deed: '`protocol: postgres`',
    server: 'refuses the login with `57P03`',
    settings: TRUSTED,
    start: async (stage) => ({ port: portOf(await startRecovering(stage)) }),
    outcome: rejected('not_ready'),
  },
  {
    group: 'postgresql-login-stopping',
    setting: 'stops, and waits for a client (smart)',
    deed: '`protocol: postgres`',
    server: 'refuses the login with `57P03`',
    settings: TRUSTED,
    async start(stage) {
      const server = await startPostgres(stage);
      await occupy(stage, portOf(server));
      server.signal('SIGTERM');
      return { port: portOf(server) };
    },
    outcome: rejected('not_ready'),
  },
  {
    group: 'postgresql-login-no-database',
    setting: '',
    deed: '`protocol: postgres` with a database that is not there',
    server: 'refuses the login with `3D000`',
    settings: { protocol: 'postgres', postgres: { username: SUPERUSER, database: 'nowhere' } },
    start: async (stage) => ({ port: portOf(await startPostgres(stage)) }),
    outcome: rejected('not_found'),
  },
  {
    group: 'postgresql-login-no-tls',
    setting: '`ssl = off`',
    deed: '`protocol: postgres` with `tls`',
    server: 'answers `N`',
    settings: { ...TRUSTED, tls: {} },
    start: async (stage) => ({ port: portOf(await startPostgres(stage)) }),
    outcome: rejected('tls_mismatch'),
  },
];

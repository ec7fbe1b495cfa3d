import { occupy, query, READY, startPostgres, startupMessage, SUPERUSER, TRUSTED_LOGIN } from './postgresql-cluster.ts';
import { POSTGRES_ENDS } from './postgresql-ends.ts';
import { POSTGRES_LOGINS } from './postgresql-logins.ts';
import { portOf } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, once, refused, sendOnce, type RealServer } from './server-row.ts';

const shared = once((stage) => startPostgres(stage, 'authentication_timeout=1'));

export const POSTGRESQL: RealServer = {
  name: 'PostgreSQL',
  program: 'postgres',
  debianPackage: 'postgresql',
  versionArguments: ['--version'],
  rows: [
    ...POSTGRES_LOGINS,
    ...POSTGRES_ENDS,
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
      settings: { heartbeat: { send: TRUSTED_LOGIN, expect: READY, interval: '1h', timeout: '5s' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'postgresql-second-startup',
      setting: '',
      deed: 'sends a StartupMessage again and again as a heartbeat',
      server: 'answers the second with a FATAL error and closes',
      settings: { heartbeat: { send: TRUSTED_LOGIN, interval: '1s' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'postgresql-idle-session-timeout',
      setting: '`idle_session_timeout = 1000` (default 0: never)',
      deed: 'logs in, then stays silent',
      server: 'says FATAL and closes',
      settings: sendOnce(
        startupMessage({ user: SUPERUSER, database: SUPERUSER, options: '-cidle_session_timeout=1000' }),
      ),
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'postgresql-terminate-backend',
      setting: '',
      deed: 'logs in; an operator runs `pg_terminate_backend`',
      server: 'says FATAL and closes',
      settings: sendOnce(startupMessage({ user: SUPERUSER, database: SUPERUSER, application_name: 'victim' })),
      async start(stage) {
        const port = portOf(await shared(stage));
        const victims = `pg_stat_activity where application_name = 'victim'`;
        return {
          port,
          act: async () => void (await query(stage, port, `select pg_terminate_backend(pid) from ${victims}`)),
        };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'postgresql-fast-shutdown',
      setting: '',
      deed: 'logs in; fast shutdown (SIGINT)',
      server: 'says FATAL and closes',
      settings: sendOnce(TRUSTED_LOGIN),
      async start(stage) {
        const server = await startPostgres(stage);
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
        const server = await startPostgres(stage);
        return { port: portOf(server), act: () => server.signal('SIGQUIT') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'postgresql-max-connections',
      setting: '`max_connections = 1`, taken',
      deed: 'logs in',
      server: 'says FATAL `sorry, too many clients already` and closes',
      settings: sendOnce(TRUSTED_LOGIN),
      async start(stage) {
        const port = portOf(await startPostgres(stage, 'max_connections=1', 'superuser_reserved_connections=0'));
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

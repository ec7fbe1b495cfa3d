import { bytesOf, endsAfter, endsAt, IDLE_ROW, type ServerRow } from './server-row.ts';
import { query, READY, startPostgres, startupMessage, SUPERUSER, tlsSettingsOf } from './postgresql-cluster.ts';
import { TRUSTED } from './postgresql-logins.ts';
import { portOf } from './server-process.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LIMITED = `idle_session_timeout=${SECONDS * 1000}`;

/** Ends the session of Finrst, by the name that it has in pg_stat_activity. */
async function terminate(stage: Stage, port: number): Promise<void> {
  await query(stage, port, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'finrst'");
}

/** Kills the backend of another client, as the kernel does when memory runs out: PostgreSQL then ends all sessions. */
async function crashAnother(stage: Stage, port: number): Promise<void> {
  const another = startupMessage({ user: SUPERUSER, database: SUPERUSER, application_name: 'another' });
  await stage.ask(port, bytesOf(another), bytesOf(READY));
  const pid = await query(stage, port, "select pid from pg_stat_activity where application_name = 'another'");
  process.kill(Number(pid), 'SIGKILL');
}

function stopped(signal: 'SIGINT' | 'SIGQUIT', how: string, server: string): ServerRow {
  return {
    group: `postgresql-login-${how}`,
    setting: '',
    deed: `\`protocol: postgres\`; the server is stopped (${how})`,
    server,
    settings: TRUSTED,
    async start(stage) {
      const process = await startPostgres(stage);
      return { port: portOf(process), act: () => process.signal(signal) };
    },
    outcome: endsAt('eof/fin', 'admin_shutdown'),
  };
}

/** What becomes of connections that logged in with `protocol: postgres`. */
export const POSTGRES_ENDS: readonly ServerRow[] = [
  {
    group: 'postgresql-login-beats',
    setting: `\`idle_session_timeout = ${SECONDS}s\``,
    deed: '`protocol: postgres`, heartbeats (`Sync`)',
    server: 'answers, keeps the session',
    settings: { ...TRUSTED, ...IDLE_ROW.beats },
    start: async (stage) => ({ port: portOf(await startPostgres(stage, LIMITED)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'postgresql-login-silent',
    setting: `\`idle_session_timeout = ${SECONDS}s\``,
    deed: '`protocol: postgres`, `heartbeat: false`',
    server: 'says FATAL `57P05` and closes',
    settings: { ...TRUSTED, heartbeat: false },
    start: async (stage) => ({ port: portOf(await startPostgres(stage, LIMITED)) }),
    outcome: endsAfter(SECONDS, 'eof/fin', 'idle_limit'),
  },
  {
    group: 'postgresql-login-terminate',
    setting: '',
    deed: '`protocol: postgres`; an operator runs `pg_terminate_backend`',
    server: 'says FATAL `57P01` and closes',
    settings: TRUSTED,
    async start(stage) {
      const port = portOf(await startPostgres(stage));
      return { port, act: () => terminate(stage, port) };
    },
    outcome: endsAt('eof/fin', 'admin_shutdown'),
  },
  {
    group: 'postgresql-login-terminate-tls',
    setting: 'TLS',
    deed: '`protocol: postgres`; an operator runs `pg_terminate_backend`',
    server: 'says FATAL `57P01`, then close_notify, and closes',
    settings: TRUSTED,
    async start(stage) {
      const port = portOf(await startPostgres(stage, ...(await tlsSettingsOf(stage))));
      const { certFile } = await stage.certificate();
      return { port, settings: { tls: { ca_file: certFile } }, act: () => terminate(stage, port) };
    },
    outcome: endsAt('eof/close_notify', 'admin_shutdown'),
  },
  stopped('SIGINT', 'fast', 'says FATAL `57P01` and closes'),
  stopped('SIGQUIT', 'immediate', 'says `57P01` in a notice and closes'),
  {
    group: 'postgresql-login-crash',
    setting: '',
    deed: '`protocol: postgres`; the backend of another client crashes (`kill -9`)',
    server: 'says `57P02` in a notice and closes',
    settings: TRUSTED,
    async start(stage) {
      const port = portOf(await startPostgres(stage));
      return { port, act: () => crashAnother(stage, port) };
    },
    outcome: endsAt('eof/fin', 'server_error'),
  },
];

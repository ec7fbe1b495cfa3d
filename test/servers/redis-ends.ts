import { withPassword } from './redis-logins.ts';
import { command, keepBusy, startRedis, startRedisTls } from './redis-server.ts';
import { portOf } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, type ServerRow } from './server-row.ts';

const LOGIN = { protocol: 'redis' };
const SILENT = { ...LOGIN, heartbeat: false };
const SECONDS = IDLE_ROW.limitSeconds;

/** What becomes of connections that logged in with `protocol: redis`. */
export const REDIS_ENDS: readonly ServerRow[] = [
  {
    group: 'redis-login-beats',
    setting: `\`timeout ${SECONDS}\``,
    deed: '`protocol: redis`, heartbeats',
    server: 'answers, keeps the connection',
    settings: { ...LOGIN, ...IDLE_ROW.beats },
    start: async (stage) => ({ port: portOf(await startRedis(stage, '--timeout', `${SECONDS}`)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'redis-login-silent',
    setting: `\`timeout ${SECONDS}\``,
    deed: '`protocol: redis`, `heartbeat: false`',
    server: 'closes without a word',
    settings: SILENT,
    start: async (stage) => ({ port: portOf(await startRedis(stage, '--timeout', `${SECONDS}`)) }),
    outcome: endsAfter(SECONDS, 'eof/fin'),
  },
  {
    group: 'redis-login-silent-tls',
    setting: `\`timeout ${SECONDS}\`, TLS`,
    deed: '`protocol: redis`, `heartbeat: false`',
    server: 'says close_notify and closes',
    settings: SILENT,
    async start(stage) {
      const { certFile } = await stage.certificate();
      const server = await startRedisTls(stage, '--timeout', `${SECONDS}`);
      return { port: portOf(server), settings: { tls: { ca_file: certFile } } };
    },
    outcome: endsAfter(SECONDS, 'eof/close_notify'),
  },
  {
    group: 'redis-login-client-kill',
    setting: '',
    deed: '`protocol: redis`; an operator runs `CLIENT KILL`',
    server: 'closes without a word',
    settings: LOGIN,
    async start(stage) {
      const port = portOf(await startRedis(stage));
      return { port, act: () => command(stage, port, 'CLIENT KILL TYPE normal SKIPME yes') };
    },
    outcome: endsAt('eof/fin'),
  },
  {
    group: 'redis-login-deluser',
    setting: '`user finrst on >... -@all +ping`',
    deed: '`protocol: redis` with user and password; an operator runs `ACL DELUSER`',
    server: 'closes without a word',
    settings: LOGIN,
    async start(stage) {
      const port = portOf(await startRedis(stage, '--user', 'finrst', 'on', '>secret', '-@all', '+ping'));
      const settings = await withPassword(stage, 'secret', 'finrst');
      return { port, settings, act: () => command(stage, port, 'ACL DELUSER finrst') };
    },
    outcome: endsAt('eof/fin'),
  },
  {
    group: 'redis-login-shutdown',
    setting: '',
    deed: '`protocol: redis`; an operator runs `SHUTDOWN`',
    server: 'closes without a word and exits',
    settings: LOGIN,
    async start(stage) {
      const port = portOf(await startRedis(stage));
      return { port, act: () => command(stage, port, 'SHUTDOWN NOSAVE') };
    },
    outcome: endsAt('eof/fin'),
  },
  {
    group: 'redis-login-held-busy',
    setting: '`busy-reply-threshold 200`',
    deed: '`protocol: redis`, heartbeats; then a script runs for long',
    server: 'answers `-BUSY`, keeps the connection',
    settings: { ...LOGIN, heartbeat: { interval: '1s', timeout: '1s' } },
    async start(stage) {
      const server = await startRedis(stage, '--busy-reply-threshold', '200');
      return { port: portOf(server), act: () => keepBusy(stage, server, 4) };
    },
    outcome: { kind: 'held', seconds: 8 },
  },
];

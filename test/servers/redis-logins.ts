import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { keepBusy, startRedis, startRedisLoading, startRedisTls } from './redis-server.ts';
import { portOf } from './server-process.ts';
import { refused, type ServerRow, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const BEATS = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const login = (settings: Readonly<Record<string, unknown>> = {}) => ({ protocol: 'redis', ...settings });

/** The options of a login with this password. */
export async function withPassword(stage: Stage, password: string, username?: string) {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { redis: { password_file: file, ...(username === undefined ? {} : { username }) } };
}

const locked = async (stage: Stage, password: string): Promise<Situation> => ({
  port: portOf(await startRedis(stage, '--requirepass', 'secret')),
  settings: await withPassword(stage, password),
});
const plain = async (stage: Stage, ...settings: readonly string[]): Promise<Situation> => ({
  port: portOf(await startRedis(stage, ...settings)),
});
const acl = ['--user', 'finrst', 'on', '>secret', '-@all', '+ping'];

/** Logins with `protocol: redis`. */
export const REDIS_LOGINS: readonly ServerRow[] = [
  {
    group: 'redis-login-password',
    setting: '`requirepass`',
    deed: '`protocol: redis` with the password',
    server: 'takes the login, keeps the connection',
    settings: login(BEATS),
    start: (stage) => locked(stage, 'secret'),
    outcome: { kind: 'held', seconds: 5 },
  },
  {
    group: 'redis-login-acl',
    setting: '`user finrst on >... -@all +ping`',
    deed: '`protocol: redis` with user and password',
    server: 'takes the login, keeps the connection',
    settings: login(BEATS),
    start: async (stage) => ({
      ...(await plain(stage, ...acl)),
      settings: await withPassword(stage, 'secret', 'finrst'),
    }),
    outcome: { kind: 'held', seconds: 5 },
  },
  {
    group: 'redis-login-acl-no-ping',
    setting: '`user finrst on >... -@all`',
    deed: '`protocol: redis` with user and password',
    server: 'takes the login, answers `-NOPERM` to PING',
    settings: login(BEATS),
    start: async (stage) => ({
      ...(await plain(stage, ...acl.slice(0, -1))),
      settings: await withPassword(stage, 'secret', 'finrst'),
    }),
    outcome: { kind: 'held', seconds: 5 },
  },
  {
    group: 'redis-login-tls',
    setting: '`requirepass`, TLS',
    deed: '`protocol: redis` with the password',
    server: 'takes the login, keeps the connection',
    settings: login(BEATS),
    async start(stage) {
      const { certFile } = await stage.certificate();
      const server = await startRedisTls(stage, '--requirepass', 'secret');
      return {
        port: portOf(server),
        settings: { ...(await withPassword(stage, 'secret')), tls: { ca_file: certFile } },
      };
    },
    outcome: { kind: 'held', seconds: 5 },
  },
  {
    group: 'redis-login-noauth',
    setting: '`requirepass`',
    deed: '`protocol: redis` without a password',
    server: 'answers `-NOAUTH`',
    settings: login(),
    start: (stage) => plain(stage, '--requirepass', 'secret'),
    outcome: refused('protocol/rejected', 'auth_method'),
  },
  {
    group: 'redis-login-wrong',
    setting: '`requirepass`',
    deed: '`protocol: redis` with a wrong password',
    server: 'answers `-WRONGPASS`',
    settings: login(),
    start: (stage) => locked(stage, 'wrong'),
    outcome: refused('protocol/rejected', 'auth_failed'),
  },
  {
    group: 'redis-login-loading',
    setting: 'reads its data from the disk',
    deed: '`protocol: redis`',
    server: 'answers `-LOADING`',
    settings: login(),
    start: async (stage) => ({ port: portOf(await startRedisLoading(stage)) }),
    outcome: refused('protocol/rejected', 'not_ready'),
  },
  {
    group: 'redis-login-busy',
    setting: '`busy-reply-threshold 200`, a script runs for long',
    deed: '`protocol: redis`',
    server: 'answers `-BUSY`',
    settings: login(),
    async start(stage) {
      const server = await startRedis(stage, '--busy-reply-threshold', '200');
      await keepBusy(stage, server, 30);
      return { port: portOf(server) };
    },
    outcome: refused('protocol/rejected', 'overloaded'),
  },
  {
    group: 'redis-login-none-set',
    setting: '',
    deed: '`protocol: redis` with a password where none is set',
    server: 'answers `-ERR AUTH <password> called without any password`',
    settings: login(),
    start: async (stage) => ({ ...(await plain(stage)), settings: await withPassword(stage, 'secret') }),
    outcome: refused('protocol/rejected', 'auth_method'),
  },
  {
    group: 'redis-login-maxclients',
    setting: '`maxclients 1`, taken',
    deed: '`protocol: redis`',
    server: 'says `-ERR max number of clients reached` and closes',
    settings: login(),
    async start(stage) {
      const port = portOf(await startRedis(stage, '--maxclients', '1'));
      await stage.client(port);
      return { port };
    },
    outcome: refused('protocol/rejected', 'too_many_connections'),
  },
];

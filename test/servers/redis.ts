import { endsAfter, endsAt, endsAtOnce, heartbeat, once, refused, type RealServer } from './server-row.ts';
import { REDIS_ENDS } from './redis-ends.ts';
import { REDIS_LOGINS } from './redis-logins.ts';
import { command, startRedis, startRedisTls } from './redis-server.ts';
import { portOf } from './server-process.ts';

const impatient = once((stage) => startRedis(stage, '--timeout', '1'));
const locked = once((stage) => startRedis(stage, '--requirepass', 'secret'));
const frozen = once((stage) => startRedis(stage));

export const REDIS: RealServer = {
  name: 'Redis',
  program: 'redis-server',
  debianPackage: 'redis-server',
  versionArguments: ['--version'],
  rows: [
    ...REDIS_LOGINS,
    ...REDIS_ENDS,
    {
      group: 'redis-timeout',
      setting: '`timeout 1` (default 0: never)',
      deed: 'stays silent',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'redis-timeout-tls',
      setting: '`timeout 1`, TLS',
      deed: 'stays silent',
      server: 'says close_notify and closes',
      settings: {},
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await startRedisTls(stage, '--timeout', '1')), settings: { tls: { ca_file: certFile } } };
      },
      outcome: endsAfter(1, 'eof/close_notify'),
    },
    {
      group: 'redis-heartbeat',
      setting: '`timeout 1`',
      deed: 'heartbeat `PING`, expects `+PONG`',
      server: 'answers, keeps the connection',
      settings: heartbeat('PING\\r\\n', '+PONG'),
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'redis-requirepass',
      setting: '`requirepass`',
      deed: 'heartbeat `PING`, expects `+PONG`',
      server: 'answers `-NOAUTH`',
      settings: heartbeat('PING\\r\\n', '+PONG'),
      start: async (stage) => ({ port: portOf(await locked(stage)) }),
      outcome: refused('protocol/rejected'),
    },
    {
      group: 'redis-noauth',
      setting: '`requirepass`',
      deed: 'heartbeat `PING`, expects `-NOAUTH`: a refusal is life too',
      server: 'answers, keeps the connection',
      settings: heartbeat('PING\\r\\n', '-NOAUTH'),
      start: async (stage) => ({ port: portOf(await locked(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'redis-auth',
      setting: '`requirepass`',
      deed: 'heartbeat `AUTH` and `PING` in one, expects `+PONG`',
      server: 'answers, keeps the connection',
      settings: heartbeat('AUTH secret\\r\\nPING\\r\\n', '+PONG'),
      start: async (stage) => ({ port: portOf(await locked(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'redis-client-kill',
      setting: '',
      deed: 'silent; an operator runs `CLIENT KILL`',
      server: 'closes',
      settings: {},
      async start(stage) {
        const port = portOf(await startRedis(stage));
        return { port, act: () => command(stage, port, 'CLIENT KILL TYPE normal SKIPME yes') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'redis-shutdown',
      setting: '',
      deed: 'silent; an operator runs `SHUTDOWN`',
      server: 'closes and exits',
      settings: {},
      async start(stage) {
        const port = portOf(await startRedis(stage));
        return { port, act: () => command(stage, port, 'SHUTDOWN NOSAVE') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'redis-kill-9',
      setting: '',
      deed: 'silent; the process is killed (`kill -9`)',
      server: 'is gone; its kernel closes',
      settings: {},
      async start(stage) {
        const server = await startRedis(stage);
        return { port: portOf(server), act: () => server.signal('SIGKILL') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'redis-kill-9-tls',
      setting: 'TLS',
      deed: 'silent; the process is killed (`kill -9`)',
      server: 'is gone; its kernel closes, nobody says close_notify',
      settings: {},
      async start(stage) {
        const server = await startRedisTls(stage);
        const { certFile } = await stage.certificate();
        return { port: portOf(server), settings: { tls: { ca_file: certFile } }, act: () => server.signal('SIGKILL') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'redis-kill-9-truncated',
      setting: 'TLS; Finrst with `expect_close_notify`',
      deed: 'silent; the process is killed (`kill -9`)',
      server: 'is gone; its kernel closes, nobody says close_notify',
      settings: {},
      async start(stage) {
        const server = await startRedisTls(stage);
        const { certFile } = await stage.certificate();
        const tls = { ca_file: certFile, expect_close_notify: true };
        return { port: portOf(server), settings: { tls }, act: () => server.signal('SIGKILL') };
      },
      outcome: endsAt('error/tls_truncated'),
    },
    {
      group: 'redis-frozen',
      setting: '',
      deed: 'heartbeat `PING`; the process is frozen (`kill -STOP`)',
      server: 'says nothing more',
      settings: heartbeat('PING\\r\\n', '+PONG'),
      async start(stage) {
        const server = await frozen(stage);
        return { port: portOf(server), act: () => server.signal('SIGSTOP') };
      },
      outcome: endsAt('idle_timeout/no_reply'),
    },
    {
      group: 'redis-frozen-keepalive',
      setting: '',
      deed: 'silent, keepalive every second; the process is frozen',
      server: 'says nothing more; its kernel still answers keepalive probes',
      settings: { keepalive: { idle: '1s', interval: '1s', count: 1 } },
      start: async (stage) => ({ port: portOf(await frozen(stage)) }),
      outcome: { kind: 'held', seconds: 8 },
    },
    {
      group: 'redis-maxclients',
      setting: '`maxclients 1`, taken',
      deed: 'connects',
      server: 'says `-ERR max number of clients reached` and closes',
      settings: {},
      async start(stage) {
        const port = portOf(await startRedis(stage, '--maxclients', '1'));
        await stage.client(port);
        return { port };
      },
      outcome: endsAtOnce('eof/fin'),
    },
  ],
};

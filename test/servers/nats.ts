import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, sendOnce, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'nats' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
/** Neither publishes nor subscribes. */
const USER = 'users: [{user: finrst, password: secret, permissions: {publish: {deny: ">"}, subscribe: {deny: ">"}}}]';

type NatsServer = ServerProcess & { readonly configFile: string };

/** With these lines behind its address. */
export async function startNats(stage: Stage, ...settings: readonly string[]): Promise<NatsServer> {
  const configFile = join(await stage.folder(), 'nats.conf');
  const server = await stage.server(1, async ([port]) => {
    await writeFile(configFile, [`listen: "127.0.0.1:${port}"`, ...settings, ''].join('\n'));
    return { file: 'nats-server', args: ['-c', configFile], ready: /Server is ready/ };
  });
  return { ...server, configFile };
}

async function passwordOf(stage: Stage, password: string) {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return file;
}

const withPassword = async (stage: Stage, password: string) => ({
  nats: { username: 'finrst', password_file: await passwordOf(stage, password) },
});

const AUTHORIZATION = `authorization { ${USER}, timeout: 1 }`;
const locked = once((stage) => startNats(stage, AUTHORIZATION));
const impatient = once((stage) => startNats(stage, 'ping_interval: "1s"', 'ping_max: 2'));
const secure = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  return startNats(stage, `tls { cert_file: "${certFile}", key_file: "${keyFile}" }`);
});
const asUser = async (stage: Stage, password: string): Promise<Situation> => ({
  port: portOf(await locked(stage)),
  settings: await withPassword(stage, password),
});

export const NATS: RealServer = {
  name: 'NATS',
  program: 'nats-server',
  debianPackage: 'nats-server',
  versionArguments: ['-v'],
  rows: [
    {
      group: 'nats-password',
      setting: 'user without rights',
      deed: '`protocol: nats` with user and password',
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage) => asUser(stage, 'secret'),
      outcome: HELD,
    },
    {
      group: 'nats-token',
      setting: '`authorization { token: ... }`',
      deed: '`protocol: nats` with `token_file`',
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({
        port: portOf(await startNats(stage, 'authorization { token: secret }')),
        settings: { nats: { token_file: await passwordOf(stage, 'secret') } },
      }),
      outcome: HELD,
    },
    {
      group: 'nats-tls',
      setting: 'TLS',
      deed: '`protocol: nats` with `tls`, begun behind INFO',
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await secure(stage)), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'nats-plain-at-tls',
      setting: 'TLS',
      deed: '`protocol: nats` without `tls`',
      server: 'says in its INFO that TLS is required',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await secure(stage)) }),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      group: 'nats-tls-at-plain',
      setting: '',
      deed: '`protocol: nats` with `tls`',
      server: 'has no TLS to offer',
      settings: { ...LOGIN, tls: {} },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      group: 'nats-wrong-password',
      setting: 'user and password',
      deed: '`protocol: nats` with a wrong password',
      server: "says `-ERR 'Authorization Violation'`",
      settings: LOGIN,
      start: (stage) => asUser(stage, 'wrong'),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'nats-no-password',
      setting: 'user and password',
      deed: '`protocol: nats` without a user',
      server: "says `-ERR 'Authorization Violation'`",
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await locked(stage)) }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'nats-full',
      setting: '`max_connections: 1`, taken',
      deed: '`protocol: nats`',
      server: "says `-ERR 'maximum connections exceeded'`",
      settings: LOGIN,
      async start(stage) {
        const port = portOf(await startNats(stage, 'max_connections: 1'));
        await stage.ask(port, 'CONNECT {"verbose":false}\r\nPING\r\n', 'PONG');
        return { port };
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'nats-silent-login',
      setting: '`authorization: { timeout: 1 }`',
      deed: 'stays silent (no CONNECT)',
      server: "says `-ERR 'Authentication Timeout'` and closes",
      settings: {},
      start: async (stage) => ({ port: portOf(await locked(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'nats-deaf',
      setting: '`ping_interval: 1s`, `ping_max: 2` (default 2 min, 2)',
      deed: 'CONNECT, then answers no PING',
      server: "says `-ERR 'Stale Connection'` and closes",
      settings: sendOnce('CONNECT {"verbose":false}\\r\\n'),
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'nats-beats',
      setting: '`ping_interval: 1s`, `ping_max: 2`',
      deed: '`protocol: nats`, heartbeats',
      server: 'keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'nats-no-beats',
      setting: '`ping_interval: 1s`, `ping_max: 2`',
      deed: '`protocol: nats`, `heartbeat: false`: its pings are answered',
      server: 'keeps the connection',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'nats-password-changed',
      setting: 'another password, SIGHUP',
      deed: '`protocol: nats` with the old password',
      server: "says `-ERR 'Authorization Violation'` and closes",
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const server = await startNats(stage, AUTHORIZATION);
        const act = async (): Promise<void> => {
          const config = await readFile(server.configFile, 'utf8');
          await writeFile(server.configFile, config.replace('password: secret', 'password: changed'));
          server.signal('SIGHUP');
        };
        return { port: portOf(server), act, settings: await withPassword(stage, 'secret') };
      },
      outcome: endsAt('eof/fin', 'auth_failed'),
    },
    {
      group: 'nats-lame-duck',
      setting: '`lame_duck_grace_period: 1s`, `lame_duck_duration: 30s`',
      deed: '`protocol: nats`; SIGUSR2 (lame duck mode)',
      server: 'says so in an INFO, answers on, and closes a second later',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const server = await startNats(stage, 'lame_duck_grace_period: "1s"', 'lame_duck_duration: "30s"');
        return { port: portOf(server), act: () => server.signal('SIGUSR2') };
      },
      outcome: endsAt('eof/fin', 'lame_duck'),
    },
    {
      group: 'nats-stop',
      setting: '',
      deed: '`protocol: nats`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await startNats(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAt, IDLE_ROW, once, refused, type ServerRow, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'mqtt' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;

/** With these lines behind those of its listener. */
export async function startMosquitto(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const file = join(await stage.folder(), 'mosquitto.conf');
  return stage.server(1, async ([port]) => {
    await writeFile(file, [`listener ${port} 127.0.0.1`, 'persistence false', ...settings, ''].join('\n'));
    return { file: 'mosquitto', args: ['-c', file], ready: /mosquitto version .* running/ };
  });
}

const OPEN = 'allow_anonymous true';
const open = once((stage) => startMosquitto(stage, OPEN));
/** The shortest that it takes. */
const KEEPALIVE_SECONDS = 10;
const impatient = once((stage) => startMosquitto(stage, OPEN, `max_keepalive ${KEEPALIVE_SECONDS}`));
const secure = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  // It gives up root before it reads the key.
  return startMosquitto(stage, OPEN, 'user root', `certfile ${certFile}`, `keyfile ${keyFile}`);
});
const locked = once(async (stage) => {
  const file = join(await stage.folder(), 'passwords');
  await stage.program('mosquitto_passwd', ['-b', '-c', file, 'finrst', 'secret']);
  return startMosquitto(stage, 'allow_anonymous false', 'user root', `password_file ${file}`);
});

const asUser = async (stage: Stage, password: string, options: object = {}): Promise<Situation> => {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  const settings = { mqtt: { username: 'finrst', password_file: file, ...options } };
  return { port: portOf(await locked(stage)), settings };
};

/** CONNECT of version 5 by another client. */
export async function connectAs(stage: Stage, port: number, clientId: string): Promise<void> {
  const byte = (value: number): string => String.fromCharCode(value);
  const body = `\0\x04MQTT\x05\x02\0\0\0\0${byte(clientId.length)}${clientId}`;
  await stage.ask(port, `\x10${byte(body.length)}${body}`, '\x20');
}

/** Logins with `protocol: mqtt`. */
export const MOSQUITTO_LOGINS: readonly ServerRow[] = [
  {
    group: 'mosquitto-mqtt-3',
    setting: 'user and password',
    deed: '`protocol: mqtt`, heartbeats (PINGREQ)',
    server: 'takes the login, keeps the connection',
    settings: { ...LOGIN, ...OFTEN },
    start: (stage) => asUser(stage, 'secret'),
    outcome: HELD,
  },
  {
    group: 'mosquitto-mqtt-5',
    setting: 'user and password',
    deed: '`protocol: mqtt`, `version: 5`, heartbeats',
    server: 'takes the login, keeps the connection',
    settings: { ...LOGIN, ...OFTEN },
    start: (stage) => asUser(stage, 'secret', { version: 5 }),
    outcome: HELD,
  },
  {
    group: 'mosquitto-mqtt-tls',
    setting: 'TLS',
    deed: '`protocol: mqtt` with `tls`, heartbeats',
    server: 'takes the login, keeps the connection',
    settings: { ...LOGIN, ...OFTEN },
    async start(stage) {
      const { certFile } = await stage.certificate();
      return { port: portOf(await secure(stage)), settings: { tls: { ca_file: certFile } } };
    },
    outcome: HELD,
  },
  {
    group: 'mosquitto-mqtt-plain-at-tls',
    setting: 'TLS',
    deed: '`protocol: mqtt` without `tls`',
    server: 'resets the connection without a word',
    settings: LOGIN,
    start: async (stage) => ({ port: portOf(await secure(stage)) }),
    outcome: refused('protocol/reset'),
  },
  {
    group: 'mosquitto-mqtt-wrong',
    setting: 'user and password',
    deed: '`protocol: mqtt` with a wrong password',
    server: 'answers code 5 and closes',
    settings: LOGIN,
    start: (stage) => asUser(stage, 'wrong'),
    outcome: refused('protocol/rejected', 'auth_failed'),
  },
  {
    group: 'mosquitto-mqtt-5-wrong',
    setting: 'user and password',
    deed: '`protocol: mqtt`, `version: 5`, with a wrong password',
    server: 'answers code 0x87 (not authorized) and closes',
    settings: LOGIN,
    start: (stage) => asUser(stage, 'wrong', { version: 5 }),
    outcome: refused('protocol/rejected', 'forbidden'),
  },
  {
    group: 'mosquitto-mqtt-anonymous',
    setting: '`allow_anonymous false`',
    deed: '`protocol: mqtt` without a user',
    server: 'answers code 5 and closes',
    settings: LOGIN,
    start: async (stage) => ({ port: portOf(await locked(stage)) }),
    outcome: refused('protocol/rejected', 'auth_failed'),
  },
  {
    group: 'mosquitto-mqtt-beats',
    setting: `\`max_keepalive ${KEEPALIVE_SECONDS}\` (default 65535)`,
    deed: '`protocol: mqtt`, `version: 5`, a heartbeat every minute',
    server: 'says so; the heartbeats come as often as that needs',
    settings: { ...LOGIN, mqtt: { version: 5 }, heartbeat: { interval: '1m', timeout: '5s' } },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'mosquitto-mqtt-5-no-beats',
    setting: `\`max_keepalive ${KEEPALIVE_SECONDS}\``,
    deed: '`protocol: mqtt`, `version: 5`, `heartbeat: false`',
    server: 'says so, and closes one and a half of it later',
    settings: { ...LOGIN, mqtt: { version: 5 }, heartbeat: false },
    start: async (stage) => ({ port: portOf(await impatient(stage)) }),
    // It counts whole seconds, and looks every 5 s.
    outcome: { kind: 'ended', class: 'eof', reason: 'fin', idleSeconds: [14, 22] },
  },
  {
    group: 'mosquitto-mqtt-no-beats',
    setting: '',
    deed: '`protocol: mqtt`, `heartbeat: false`: a keepalive of 0',
    server: 'keeps the connection',
    settings: { ...LOGIN, heartbeat: false },
    start: async (stage) => ({ port: portOf(await open(stage)) }),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'mosquitto-mqtt-5-replaced',
    setting: '',
    deed: '`protocol: mqtt`, `version: 5`; another client takes the client id',
    server: 'closes the older connection, without the DISCONNECT of version 5',
    settings: { ...LOGIN, mqtt: { version: 5, client_id: 'finrst-login' } },
    async start(stage) {
      const port = portOf(await open(stage));
      return { port, act: () => connectAs(stage, port, 'finrst-login') };
    },
    outcome: endsAt('eof/fin'),
  },
  {
    group: 'mosquitto-mqtt-5-stop',
    setting: '',
    deed: '`protocol: mqtt`, `version: 5`; the broker is stopped (SIGTERM)',
    server: 'closes without a word',
    settings: { ...LOGIN, mqtt: { version: 5 } },
    async start(stage) {
      const server = await startMosquitto(stage, OPEN);
      return { port: portOf(server), act: () => server.signal('SIGTERM') };
    },
    outcome: endsAt('eof/fin'),
  },
];

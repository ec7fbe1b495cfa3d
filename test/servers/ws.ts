import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { httpBlock, startNginx } from './nginx-process.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const SERVER = fileURLToPath(new URL('websocket-server.ts', import.meta.url));
/** What the table says with which version these were seen. */
const PACKAGE = fileURLToPath(new URL('../../node_modules/ws/package.json', import.meta.url));
const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'websocket' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };

function start(stage: Stage, behaviour = ''): Promise<ServerProcess> {
  return stage.server(1, ([port]) => ({ file: process.execPath, args: [SERVER, `${port}`, behaviour] }));
}

/** A server behind nginx, which counts what the server sends: a pong is such. */
const behindNginx = once(async (stage) => {
  const upstream = portOf(await start(stage));
  return startNginx(stage, 1, ([port]) =>
    httpBlock(`server { listen 127.0.0.1:${port}; location / {
      proxy_pass http://127.0.0.1:${upstream}; proxy_http_version 1.1; proxy_read_timeout ${SECONDS}s;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }`),
  );
});

const does = (behaviour: string) => async (stage: Stage) => ({ port: portOf(await start(stage, behaviour)) });

/** A server of its own, and what its operator does. */
function hears(signal: NodeJS.Signals) {
  return async (stage: Stage) => {
    const server = await start(stage);
    return { port: portOf(server), act: () => server.signal(signal) };
  };
}

/** A server that wants a token or a cookie, and a login with what this file holds. */
function withSecret(wanted: string, key: 'authorization_file' | 'headers_file', secret: string) {
  return async (stage: Stage) => {
    const file = join(await stage.folder(), 'secret');
    await writeFile(file, `${secret}\n`);
    return { ...(await does(wanted)(stage)), settings: { websocket: { [key]: file } } };
  };
}

export const WS: RealServer = {
  name: 'ws',
  program: process.execPath,
  debianPackage: 'nodejs',
  versionArguments: ['-p', `require(${JSON.stringify(PACKAGE)}).version`],
  rows: [
    {
      group: 'ws-pings',
      setting: '',
      deed: '`protocol: websocket`, heartbeats (ping)',
      server: 'answers each by a pong, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: does(''),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'ws-greets',
      setting: 'a message of 70,000 bytes at the beginning, others all the time',
      deed: '`protocol: websocket`, heartbeats',
      server: 'answers each by a pong, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: does('greets'),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'ws-wants-pongs',
      setting: 'it pings every 500 ms, and lets go who does not answer',
      deed: '`protocol: websocket`, `heartbeat: false`',
      server: 'keeps the connection, since its pings are answered',
      settings: { ...LOGIN, heartbeat: false },
      start: does('wants-pongs'),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'ws-token',
      setting: 'wants `Authorization: Bearer ...`',
      deed: '`protocol: websocket` with `authorization_file`',
      server: 'takes it, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: withSecret('wants-token', 'authorization_file', 'Bearer token-of-finrst'),
      outcome: { kind: 'held', seconds: 4 },
    },
    {
      group: 'ws-cookie',
      setting: 'wants `Cookie: session=...`',
      deed: '`protocol: websocket` with `headers_file`',
      server: 'takes it, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: withSecret('wants-cookie', 'headers_file', 'Cookie: theme=dark; session=of-finrst'),
      outcome: { kind: 'held', seconds: 4 },
    },
    {
      group: 'ws-wrong-cookie',
      setting: 'wants `Cookie: session=...`',
      deed: '`protocol: websocket` with another cookie',
      server: 'answers `403` and closes',
      settings: LOGIN,
      start: withSecret('wants-cookie', 'headers_file', 'Cookie: session=another'),
      outcome: refused('protocol/rejected', 'forbidden'),
    },
    {
      group: 'ws-wrong-token',
      setting: 'wants `Authorization: Bearer ...`',
      deed: '`protocol: websocket` with another token',
      server: 'answers `401` and closes',
      settings: LOGIN,
      start: withSecret('wants-token', 'authorization_file', 'Bearer another'),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'ws-no-token',
      setting: 'wants `Authorization: Bearer ...`',
      deed: '`protocol: websocket`',
      server: 'answers `401` and closes',
      settings: LOGIN,
      start: does('wants-token'),
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      group: 'ws-restart',
      setting: '',
      deed: '`protocol: websocket`; `client.close(1012)`',
      server: 'says close 1012, and closes once we have answered',
      settings: LOGIN,
      start: hears('SIGUSR2'),
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    },
    {
      group: 'ws-stop',
      setting: '',
      deed: '`protocol: websocket`; `client.close(1001)`, then exit',
      server: 'says close 1001, and closes once we have answered',
      settings: LOGIN,
      start: hears('SIGTERM'),
      outcome: endsAt('eof/fin', 'going_away'),
    },
    {
      group: 'ws-terminate',
      setting: '',
      deed: '`protocol: websocket`; `client.terminate()`',
      server: 'closes without a word',
      settings: LOGIN,
      start: hears('SIGHUP'),
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'ws-nginx-beats',
      setting: `behind nginx, \`proxy_read_timeout ${SECONDS}s\` (default 60 s)`,
      deed: '`protocol: websocket`, heartbeats (ping)',
      server: 'relays the pongs, which restart the limit, and keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await behindNginx(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'ws-nginx-silent',
      setting: `behind nginx, \`proxy_read_timeout ${SECONDS}s\``,
      deed: '`protocol: websocket`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await behindNginx(stage)) }),
      outcome: endsAfter(SECONDS, 'eof/fin'),
    },
  ],
};

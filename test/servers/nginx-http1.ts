import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { httpBlock, startNginx } from './nginx-process.ts';
import { portOf } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, IDLE_ROW, once, refused, type ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };

const impatient = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  const tls = `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};`;
  const users = join(await stage.folder(), 'users');
  await writeFile(users, 'finrst:{PLAIN}secret\n');
  return startNginx(stage, 6, ([plain, secure, fewRequests, down, basic, bearer]) =>
    httpBlock(`
      keepalive_timeout ${SECONDS}s;
      server { listen 127.0.0.1:${plain}; return 200; }
      server { listen 127.0.0.1:${secure} ssl; ${tls} return 200; }
      server { listen 127.0.0.1:${fewRequests}; keepalive_requests 3; location / { return 200; } }
      server { listen 127.0.0.1:${down}; location / { proxy_pass http://127.0.0.1:1; } }
      server { listen 127.0.0.1:${basic}; location / {
        auth_basic finrst; auth_basic_user_file ${users}; try_files /none =204;
      } error_page 401 = @wrong; location @wrong { keepalive_timeout 0; return 401; } }
      server { listen 127.0.0.1:${bearer};
        if ($http_authorization != "Bearer token-of-finrst") { return 403; }
        error_page 403 = @wrong; location @wrong { keepalive_timeout 0; return 403; }
        location / { return 200; } }`),
  );
});

/** A server of its own, whose connections stay until an operator acts. */
async function operated(stage: Stage) {
  return startNginx(stage, 1, ([plain]) =>
    httpBlock(`keepalive_timeout 1h; server { listen 127.0.0.1:${plain}; return 200; }`),
  );
}

const at = (index: number) => async (stage: Stage) => ({ port: portOf(await impatient(stage), index) });

/** The server at this place, and its login with this secret in a file. */
function withSecret(index: number, { key, secret }: { readonly key: string; readonly secret: string }) {
  return async (stage: Stage) => {
    const file = join(await stage.folder(), 'secret');
    await writeFile(file, `${secret}\n`);
    const user = key === 'password_file' ? { username: 'finrst' } : {};
    return { ...(await at(index)(stage)), settings: { http: { ...user, [key]: file } } };
  };
}

/** What nginx does to `protocol: http`. */
export const NGINX_HTTP1: readonly ServerRow[] = [
  {
    group: 'nginx-http-beats',
    setting: `\`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http`, heartbeats (HEAD)',
    server: 'answers, keeps the connection',
    settings: { ...LOGIN, ...IDLE_ROW.beats },
    start: at(0),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'nginx-http-silent',
    setting: `\`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http`, `heartbeat: false`',
    server: 'closes without a word',
    settings: { ...LOGIN, heartbeat: false },
    start: at(0),
    outcome: endsAfter(SECONDS, 'eof/fin'),
  },
  {
    group: 'nginx-http-silent-tls',
    setting: `\`ssl\`, \`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http`, `heartbeat: false`',
    server: 'says close_notify and closes',
    settings: { ...LOGIN, heartbeat: false },
    async start(stage) {
      const { certFile } = await stage.certificate();
      return { ...(await at(1)(stage)), settings: { tls: { ca_file: certFile } } };
    },
    outcome: endsAfter(SECONDS, 'eof/close_notify'),
  },
  {
    group: 'nginx-http-requests',
    setting: '`keepalive_requests 3` (default 1000)',
    deed: '`protocol: http`, heartbeats',
    server: 'says `Connection: close` in the third answer, and closes',
    settings: { ...LOGIN, ...OFTEN },
    start: at(2),
    outcome: endsAtOnce('eof/fin', 'going_away'),
  },
  {
    group: 'nginx-http-upstream-down',
    setting: 'upstream refuses',
    deed: '`protocol: http`',
    server: 'answers `502`, keeps the connection',
    settings: LOGIN,
    start: at(3),
    outcome: refused('protocol/rejected', 'not_ready'),
  },
  {
    group: 'nginx-http-plain-at-tls',
    setting: 'a listener with `ssl`',
    deed: '`protocol: http` without `tls`',
    server: 'answers `400` and closes',
    settings: LOGIN,
    start: at(1),
    outcome: refused('protocol/rejected', 'protocol_error'),
  },
  {
    group: 'nginx-http-basic',
    setting: '`auth_basic`',
    deed: '`protocol: http` with user and password',
    server: 'answers `204`, keeps the connection',
    settings: { ...LOGIN, ...OFTEN },
    start: withSecret(4, { key: 'password_file', secret: 'secret' }),
    outcome: { kind: 'held', seconds: 4 },
  },
  {
    group: 'nginx-http-basic-wrong',
    setting: '`auth_basic`, `keepalive_timeout 0` for who is refused',
    deed: '`protocol: http` with a wrong password',
    server: 'answers `401` and closes',
    settings: LOGIN,
    start: withSecret(4, { key: 'password_file', secret: 'wrong' }),
    outcome: refused('protocol/rejected', 'auth_failed'),
  },
  {
    group: 'nginx-http-bearer',
    setting: 'wants `Authorization: Bearer ...`',
    deed: '`protocol: http` with `authorization_file`',
    server: 'answers `200`, keeps the connection',
    settings: { ...LOGIN, ...OFTEN },
    start: withSecret(5, { key: 'authorization_file', secret: 'Bearer token-of-finrst' }),
    outcome: { kind: 'held', seconds: 4 },
  },
  {
    group: 'nginx-http-bearer-wrong',
    setting: 'wants `Authorization: Bearer ...`, `keepalive_timeout 0` for who is refused',
    deed: '`protocol: http` with another token',
    server: 'answers `403` and closes',
    settings: LOGIN,
    start: withSecret(5, { key: 'authorization_file', secret: 'Bearer another' }),
    outcome: refused('protocol/rejected', 'forbidden'),
  },
  {
    group: 'nginx-http-reload',
    setting: '',
    deed: '`protocol: http`; `nginx -s reload`',
    server: 'closes at once, without a word',
    settings: LOGIN,
    async start(stage) {
      const server = await operated(stage);
      return { port: portOf(server), act: () => server.signal('SIGHUP') };
    },
    outcome: endsAt('eof/fin'),
  },
];

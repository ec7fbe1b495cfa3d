import { portOf } from './server-process.ts';
import { httpBlock, startNginx } from './nginx-process.ts';
import { endsAfter, endsAt, endsAtOnce, IDLE_ROW, once, refused, type ServerRow } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http2' };

const impatient = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  const tls = `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};`;
  return startNginx(stage, 6, ([plain, secure, fewRequests, down, http1, http1Secure]) =>
    httpBlock(`
      keepalive_timeout ${SECONDS}s;
      server { listen 127.0.0.1:${plain} http2; return 200; }
      server { listen 127.0.0.1:${secure} ssl http2; ${tls} return 200; }
      server { listen 127.0.0.1:${fewRequests} http2; keepalive_requests 3; location / { return 200; } }
      server { listen 127.0.0.1:${down} http2; location / { proxy_pass http://127.0.0.1:1; } }
      server { listen 127.0.0.1:${http1}; return 200; }
      server { listen 127.0.0.1:${http1Secure} ssl; ${tls} return 200; }`),
  );
});

/** A server of its own, whose connections stay until an operator acts. */
async function operated(stage: Stage) {
  return startNginx(stage, 1, ([plain]) =>
    httpBlock(`keepalive_timeout 1h; server { listen 127.0.0.1:${plain} http2; return 200; }`),
  );
}

const at = (index: number) => async (stage: Stage) => ({ port: portOf(await impatient(stage), index) });

/** What nginx does to `protocol: http2`. */
export const NGINX_HTTP2: readonly ServerRow[] = [
  {
    group: 'nginx-http2-beats',
    setting: `\`http2\`, \`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http2`, heartbeats (HEAD)',
    server: 'answers, keeps the connection',
    settings: { ...LOGIN, ...IDLE_ROW.beats },
    start: at(0),
    outcome: IDLE_ROW.held,
  },
  {
    group: 'nginx-http2-silent',
    setting: `\`http2\`, \`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http2`, `heartbeat: false`',
    server: 'says GOAWAY NO_ERROR and closes',
    settings: { ...LOGIN, heartbeat: false },
    start: at(0),
    outcome: endsAfter(SECONDS, 'eof/fin', 'going_away'),
  },
  {
    group: 'nginx-http2-silent-tls',
    setting: `\`ssl http2\`, \`keepalive_timeout ${SECONDS}s\``,
    deed: '`protocol: http2`, `heartbeat: false`',
    server: 'says GOAWAY NO_ERROR and close_notify, and closes',
    settings: { ...LOGIN, heartbeat: false },
    async start(stage) {
      const { certFile } = await stage.certificate();
      return { ...(await at(1)(stage)), settings: { tls: { ca_file: certFile } } };
    },
    outcome: endsAfter(SECONDS, 'eof/close_notify', 'going_away'),
  },
  {
    group: 'nginx-http2-requests',
    setting: '`http2`, `keepalive_requests 3` (default 1000)',
    deed: '`protocol: http2`, heartbeats',
    server: 'says GOAWAY NO_ERROR behind the third answer, and closes',
    settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
    start: at(2),
    outcome: endsAtOnce('eof/fin', 'going_away'),
  },
  {
    group: 'nginx-http2-upstream-down',
    setting: '`http2`, upstream refuses',
    deed: '`protocol: http2`, heartbeats',
    server: 'answers 502, which is life to `http2`',
    settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
    start: at(3),
    outcome: { kind: 'held', seconds: 5 },
  },
  {
    group: 'nginx-http2-at-http1',
    setting: 'a listener without `http2`',
    deed: '`protocol: http2`',
    server: 'answers `HTTP/1.1 400` and closes',
    settings: LOGIN,
    start: at(4),
    outcome: refused('protocol/other', 'protocol_error'),
  },
  {
    group: 'nginx-http1-at-http2',
    setting: 'a listener with `http2`, no TLS',
    deed: '`protocol: http`',
    server: 'answers with frames of HTTP/2, and closes',
    settings: { protocol: 'http' },
    start: at(0),
    outcome: refused('protocol/other', 'protocol_error'),
  },
  {
    group: 'nginx-http2-at-http1-tls',
    setting: 'a listener with `ssl`, without `http2`',
    deed: '`protocol: http2`',
    server: 'refuses ALPN `h2` with an alert',
    settings: LOGIN,
    async start(stage) {
      const { certFile } = await stage.certificate();
      return { ...(await at(5)(stage)), settings: { tls: { ca_file: certFile } } };
    },
    outcome: refused('tls/alert'),
  },
  {
    group: 'nginx-http2-reload',
    setting: '`http2`',
    deed: '`protocol: http2`; `nginx -s reload`',
    server: 'says GOAWAY NO_ERROR and closes',
    settings: LOGIN,
    async start(stage) {
      const server = await operated(stage);
      return { port: portOf(server), act: () => server.signal('SIGHUP') };
    },
    outcome: endsAt('eof/fin', 'going_away'),
  },
  {
    group: 'nginx-http2-stop',
    setting: '`http2`',
    deed: '`protocol: http2`; `nginx -s stop`',
    server: 'closes without a word',
    settings: LOGIN,
    async start(stage) {
      const server = await operated(stage);
      return { port: portOf(server), act: () => server.signal('SIGTERM') };
    },
    outcome: endsAt('eof/fin'),
  },
];

import { NGINX_HTTP1 } from './nginx-http1.ts';
import { NGINX_HTTP2 } from './nginx-http2.ts';
import { httpBlock, startNginx } from './nginx-process.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, heartbeat, once, refused, sendOnce, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const REQUEST = 'HEAD / HTTP/1.1\\r\\nHost: finrst\\r\\n\\r\\n';

const shortTimeouts = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  return startNginx(stage, 5, ([plain, secure, resetting, fewRequests, patient]) =>
    httpBlock(`
      client_header_timeout 1s; keepalive_timeout 1s;
      server { listen 127.0.0.1:${plain}; return 200; }
      server { listen 127.0.0.1:${secure} ssl; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; return 204; }
      server { listen 127.0.0.1:${resetting}; reset_timedout_connection on; return 204; }
      server { listen 127.0.0.1:${fewRequests}; keepalive_requests 3; location / { return 200; } }
      server { listen 127.0.0.1:${patient}; client_header_timeout 1h; return 204; }`),
  );
});

const streams = once(async (stage) => {
  const upstream = await stage.silentListener();
  return startNginx(
    stage,
    2,
    ([short, broken]) => `stream {
      server { listen 127.0.0.1:${short}; proxy_timeout 1s; proxy_pass 127.0.0.1:${upstream.port}; }
      server { listen 127.0.0.1:${broken}; proxy_pass 127.0.0.1:1; }
    }`,
  );
});

/** Two held connections, one idle over HTTP, one through a stream proxy, for the operator to act upon. */
async function operated(stage: Stage): Promise<ServerProcess> {
  const upstream = await stage.silentListener();
  return startNginx(
    stage,
    2,
    ([plain, stream]) => `
      ${httpBlock(`client_header_timeout 1h; keepalive_timeout 1h; server { listen 127.0.0.1:${plain}; return 204; }`)}
      stream { server { listen 127.0.0.1:${stream}; proxy_timeout 1h; proxy_pass 127.0.0.1:${upstream.port}; } }`,
  );
}

const reloaded = once(operated);

export const NGINX: RealServer = {
  name: 'nginx',
  program: 'nginx',
  debianPackage: 'nginx, libnginx-mod-stream',
  versionArguments: ['-v'],
  rows: [
    {
      group: 'nginx-client-header-timeout',
      setting: '`client_header_timeout 1s` (default 60 s)',
      deed: 'stays silent',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'nginx-client-header-timeout-tls',
      setting: '`client_header_timeout 1s`, TLS',
      deed: 'stays silent',
      server: 'says close_notify and closes',
      settings: {},
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await shortTimeouts(stage), 1), settings: { tls: { ca_file: certFile } } };
      },
      outcome: endsAfter(1, 'eof/close_notify'),
    },
    {
      group: 'nginx-reset-timedout-connection',
      setting: '`client_header_timeout 1s`, `reset_timedout_connection on`',
      deed: 'sends half a request, then stays silent',
      server: 'resets',
      settings: sendOnce('GET / HTTP/1.1\\r\\n'),
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage), 2) }),
      outcome: endsAfter(1, 'error/reset'),
    },
    {
      group: 'nginx-keepalive-timeout',
      setting: '`keepalive_timeout 1s` (default 75 s)',
      deed: 'one request, then silence',
      server: 'answers, then closes',
      settings: sendOnce(REQUEST),
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'nginx-heartbeat',
      setting: '`keepalive_timeout 1s`',
      deed: 'heartbeat `HEAD /`, expects `HTTP/1.1 200`',
      server: 'answers, keeps the connection',
      settings: heartbeat(REQUEST, 'HTTP/1.1 200'),
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'nginx-keepalive-requests',
      setting: '`keepalive_requests 3` (default 1000)',
      deed: 'heartbeat `HEAD /`',
      server: 'closes after the third answer',
      settings: heartbeat(REQUEST, 'HTTP/1.1 200'),
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage), 3) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'nginx-not-tls',
      setting: 'a plain listener',
      deed: 'starts TLS',
      server: 'answers `400` in plain text',
      settings: { tls: {} },
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage), 4) }),
      outcome: refused('tls/not_tls'),
    },
    {
      group: 'nginx-unknown-ca',
      setting: 'a certificate from an unknown authority',
      deed: 'starts TLS',
      server: 'shakes hands',
      settings: { tls: {} },
      start: async (stage) => ({ port: portOf(await shortTimeouts(stage), 1) }),
      outcome: refused('tls/certificate'),
    },
    {
      group: 'nginx-stream-proxy-timeout',
      setting: 'stream `proxy_timeout 1s` (default 10 min)',
      deed: 'stays silent',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await streams(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'nginx-stream-upstream-down',
      setting: 'stream, upstream refuses',
      deed: 'connects',
      server: 'accepts, then closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await streams(stage), 1) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'nginx-reload-http',
      setting: '',
      deed: 'idle between requests; `nginx -s reload`',
      server: 'closes at once',
      settings: sendOnce(REQUEST),
      start: async (stage) => ({ port: portOf(await reloaded(stage)) }),
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'nginx-reload-stream',
      setting: '`worker_shutdown_timeout 1s` (default: waits for ever)',
      deed: 'silent through a stream proxy; `nginx -s reload`',
      server: 'closes when the old worker has to go',
      settings: {},
      async start(stage) {
        const server = await reloaded(stage);
        return { port: portOf(server, 1), act: () => server.signal('SIGHUP') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'nginx-stop',
      setting: '',
      deed: 'silent through a stream proxy; `nginx -s stop`',
      server: 'closes and exits',
      settings: {},
      async start(stage) {
        const server = await operated(stage);
        return { port: portOf(server, 1), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
    ...NGINX_HTTP1,
    ...NGINX_HTTP2,
  ],
};

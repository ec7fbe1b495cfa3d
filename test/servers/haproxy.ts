import { HAPROXY_HTTP1 } from './haproxy-http1.ts';
import { HAPROXY_HTTP2 } from './haproxy-http2.ts';
import { startHaproxy } from './haproxy-process.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, heartbeat, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const limits = once(async (stage) => {
  const upstream = await stage.silentListener();
  const { bothFile } = await stage.certificate();
  return startHaproxy(
    stage,
    6,
    ([client, server, secure, broken, rejecting, web]) => `
listen client
  bind 127.0.0.1:${client}
  timeout client 1s
  server a 127.0.0.1:${upstream.port}
listen server
  bind 127.0.0.1:${server}
  timeout server 1s
  server a 127.0.0.1:${upstream.port}
listen secure
  bind 127.0.0.1:${secure} ssl crt ${bothFile}
  timeout client 1s
  server a 127.0.0.1:${upstream.port}
listen broken
  bind 127.0.0.1:${broken}
  retries 0
  server a 127.0.0.1:1
listen rejecting
  bind 127.0.0.1:${rejecting}
  tcp-request connection reject
  server a 127.0.0.1:${upstream.port}
listen web
  mode http
  bind 127.0.0.1:${web}
  timeout http-request 1s
  http-request return status 204
`,
  );
});

const HEAD = 'HEAD / HTTP/1.1\\r\\nHost: finrst\\r\\n\\r\\n';

/** An HTTP proxy whose only server is down: it answers by itself, and keeps the client. */
const withoutBackend = once((stage) =>
  startHaproxy(
    stage,
    1,
    ([port]) => `
listen down
  mode http
  bind 127.0.0.1:${port}
  retries 0
  server a 127.0.0.1:1
`,
  ),
);

/** In front of a Redis that answers: what a heartbeat through a proxy proves. */
const relays = once(async (stage) => {
  const folder = await stage.folder();
  const redis = await stage.server(1, ([port]) => ({
    file: 'redis-server',
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    ready: /Ready to accept connections/,
  }));
  const proxy = await startHaproxy(
    stage,
    2,
    ([open, full]) => `
listen open
  bind 127.0.0.1:${open}
  timeout client 1s
  timeout server 1s
  server a 127.0.0.1:${redis.ports[0]}
listen full
  bind 127.0.0.1:${full}
  maxconn 1
  server a 127.0.0.1:${redis.ports[0]}
`,
  );
  const holder = await stage.client(portOf(proxy, 1));
  holder.write('PING\r\n');
  await new Promise((resolve) => holder.once('data', resolve));
  return proxy;
});

async function simple(stage: Stage, options = ''): Promise<ServerProcess & { readonly closeUpstream: () => void }> {
  const upstream = await stage.silentListener();
  const server = await startHaproxy(
    stage,
    1,
    ([port]) => `
listen only
  bind 127.0.0.1:${port}
  server a 127.0.0.1:${upstream.port} ${options}
`,
  );
  return { ...server, closeUpstream: upstream.close };
}

export const HAPROXY: RealServer = {
  name: 'HAProxy',
  program: 'haproxy',
  debianPackage: 'haproxy',
  versionArguments: ['-v'],
  rows: [
    {
      group: 'haproxy-timeout-client',
      setting: '`timeout client 1s`',
      deed: 'stays silent',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await limits(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'haproxy-timeout-server',
      setting: '`timeout server 1s`',
      deed: 'stays silent, as the server behind it',
      server: 'closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await limits(stage), 1) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'haproxy-timeout-client-tls',
      setting: '`timeout client 1s`, TLS',
      deed: 'stays silent',
      server: 'says close_notify and closes',
      settings: {},
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await limits(stage), 2), settings: { tls: { ca_file: certFile } } };
      },
      outcome: endsAfter(1, 'eof/close_notify'),
    },
    {
      group: 'haproxy-timeout-http-request',
      setting: '`mode http`, `timeout http-request 1s`',
      deed: 'stays silent',
      server: 'says `408 Request Time-out` and closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await limits(stage), 5) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'haproxy-upstream-refuses',
      setting: 'the server behind it refuses, `retries 0`',
      deed: 'connects',
      server: 'accepts, then closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await limits(stage), 3) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'haproxy-http-without-backend',
      setting: '`mode http`, the server behind it refuses, `retries 0`',
      deed: 'heartbeat `HEAD /`, expects `HTTP/1.1 200`',
      server: 'answers `503` by itself, keeps the connection',
      settings: heartbeat(HEAD, 'HTTP/1.1 200'),
      start: async (stage) => ({ port: portOf(await withoutBackend(stage)) }),
      outcome: refused('protocol/rejected'),
    },
    {
      group: 'haproxy-http-any-answer',
      setting: '`mode http`, the server behind it refuses, `retries 0`',
      deed: 'heartbeat `HEAD /`, expects `HTTP/1.1 `: takes the 503 for life',
      server: 'answers `503` by itself, keeps the connection',
      settings: heartbeat(HEAD, 'HTTP/1.1 '),
      start: async (stage) => ({ port: portOf(await withoutBackend(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'haproxy-connection-reject',
      setting: '`tcp-request connection reject`',
      deed: 'connects',
      server: 'resets',
      settings: {},
      start: async (stage) => ({ port: portOf(await limits(stage), 4) }),
      outcome: endsAtOnce('error/reset'),
    },
    {
      group: 'haproxy-marked-down',
      setting: '`on-marked-down shutdown-sessions`',
      deed: 'silent; the server behind it fails its health check',
      server: 'closes',
      settings: {},
      async start(stage) {
        const server = await simple(stage, 'check inter 200ms fall 1 on-marked-down shutdown-sessions');
        return { port: portOf(server), act: server.closeUpstream };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'haproxy-down-unnoticed',
      setting: '`check`, without `on-marked-down`',
      deed: 'silent; the server behind it fails its health check',
      server: 'keeps the old connection to it',
      settings: {},
      async start(stage) {
        const server = await simple(stage, 'check inter 200ms fall 1');
        return { port: portOf(server), act: server.closeUpstream };
      },
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'haproxy-heartbeat',
      setting: '`timeout client 1s`, `timeout server 1s`, Redis behind it',
      deed: 'heartbeat `PING`, expects `+PONG`',
      server: 'relays, keeps the connection',
      settings: heartbeat('PING\\r\\n', '+PONG'),
      start: async (stage) => ({ port: portOf(await relays(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'haproxy-maxconn',
      setting: '`maxconn 1`, taken; Redis behind it',
      deed: 'heartbeat `PING`, expects `+PONG`',
      server: 'leaves the connection in the backlog of its kernel',
      settings: heartbeat('PING\\r\\n', '+PONG'),
      start: async (stage) => ({ port: portOf(await relays(stage), 1) }),
      outcome: refused('protocol/timeout'),
    },
    {
      group: 'haproxy-maxconn-silent',
      setting: '`maxconn 1`, taken',
      deed: 'stays silent',
      server: 'leaves the connection in the backlog: it looks held',
      settings: {},
      start: async (stage) => ({ port: portOf(await relays(stage), 1) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'haproxy-soft-stop',
      setting: '`hard-stop-after 1s` (default: waits for ever)',
      deed: 'silent; soft stop (SIGUSR1), as a reload does to the old process',
      server: 'closes when the old process has to go',
      settings: {},
      async start(stage) {
        const server = await simple(stage);
        return { port: portOf(server), act: () => server.signal('SIGUSR1') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'haproxy-stop',
      setting: '',
      deed: 'silent; stop (SIGTERM)',
      server: 'closes and exits',
      settings: {},
      async start(stage) {
        const server = await simple(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
    ...HAPROXY_HTTP1,
    ...HAPROXY_HTTP2,
  ],
};

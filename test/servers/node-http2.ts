import { fileURLToPath } from 'node:url';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const SERVER = fileURLToPath(new URL('http2-server.ts', import.meta.url));
const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http2' };

function start(stage: Stage, behaviour = '', certificate = ''): Promise<ServerProcess> {
  return stage.server(1, ([port]) => ({ file: process.execPath, args: [SERVER, `${port}`, certificate, behaviour] }));
}

export const NODE_HTTP2: RealServer = {
  name: 'Node.js http2',
  program: process.execPath,
  debianPackage: 'nodejs',
  versionArguments: ['--version'],
  rows: [
    {
      group: 'node-http2-beats',
      setting: `\`session.setTimeout(${SECONDS}000)\` that closes (default: none)`,
      deed: '`protocol: http2`, heartbeats (HEAD)',
      server: 'answers 404, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await start(stage, `timeout=${SECONDS}000`)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'node-http2-silent',
      setting: `\`session.setTimeout(${SECONDS}000)\` that closes`,
      deed: '`protocol: http2`, `heartbeat: false`',
      server: 'says GOAWAY NO_ERROR and closes',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await start(stage, `timeout=${SECONDS}000`)) }),
      outcome: endsAfter(SECONDS, 'eof/fin', 'going_away'),
    },
    {
      group: 'node-http2-tls',
      setting: 'TLS; it pings, and answers 500',
      deed: '`protocol: http2`, heartbeats',
      server: 'answers once its PING was answered, keeps the connection',
      settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
      async start(stage) {
        const { certFile, bothFile } = await stage.certificate();
        const server = await start(stage, 'pings', bothFile);
        return { port: portOf(server), settings: { tls: { ca_file: certFile } } };
      },
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'node-http2-refuses',
      setting: '',
      deed: '`protocol: http2`, heartbeats',
      server: 'refuses each stream (RST_STREAM REFUSED_STREAM), keeps the connection',
      settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
      start: async (stage) => ({ port: portOf(await start(stage, 'refuse')) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'node-http2-calm',
      setting: '',
      deed: '`protocol: http2`; `session.goaway(ENHANCE_YOUR_CALM)`',
      server: 'says it, and leaves the closing to us',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGUSR2') };
      },
      outcome: endsAt('eof/goodbye', 'slow_down'),
    },
    {
      group: 'node-http2-error',
      setting: '',
      deed: '`protocol: http2`; `session.destroy(error)`',
      server: 'says GOAWAY INTERNAL_ERROR and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGHUP') };
      },
      outcome: endsAt('eof/fin', 'server_error'),
    },
    {
      group: 'node-http2-stop',
      setting: '',
      deed: '`protocol: http2`; `session.close()`',
      server: 'says GOAWAY NO_ERROR and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin', 'going_away'),
    },
    {
      group: 'node-http2-killed',
      setting: '',
      deed: '`protocol: http2`; SIGKILL',
      server: 'says nothing, its kernel closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGKILL') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};

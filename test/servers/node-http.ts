import { fileURLToPath } from 'node:url';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const SERVER = fileURLToPath(new URL('http-server.ts', import.meta.url));
const SECONDS = IDLE_ROW.limitSeconds;
/** Node.js says the limit and keeps a connection for this much longer: https://nodejs.org/api/http.html#serverkeepalivetimeoutbuffer */
const BUFFER_SECONDS = 1;
const LOGIN = { protocol: 'http' };

function start(stage: Stage, keptSeconds: number, behaviour = ''): Promise<ServerProcess> {
  const args = (port: number | undefined) => [SERVER, `${port}`, `${1000 * keptSeconds}`, behaviour];
  return stage.server(1, ([port]) => ({ file: process.execPath, args: args(port) }));
}

export const NODE_HTTP: RealServer = {
  name: 'Node.js http',
  program: process.execPath,
  debianPackage: 'nodejs',
  versionArguments: ['--version'],
  rows: [
    {
      group: 'node-http-beats',
      setting: `\`keepAliveTimeout: ${SECONDS}000\` (default 5000), said as \`Keep-Alive: timeout=${SECONDS}\``,
      deed: '`protocol: http` with the default interval of 30 s',
      server: 'is asked every 4 s, answers 404, keeps the connection',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await start(stage, SECONDS)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'node-http-silent',
      setting: `\`keepAliveTimeout: ${SECONDS}000\``,
      deed: '`protocol: http`, `heartbeat: false`',
      server: 'closes without a word, `keepAliveTimeoutBuffer` (1 s) later',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await start(stage, SECONDS)) }),
      outcome: endsAfter(SECONDS + BUFFER_SECONDS, 'eof/fin'),
    },
    {
      group: 'node-http-unsaid',
      setting: '`keepAliveTimeout: 2000`, not said in a header',
      deed: '`protocol: http` with the default interval of 30 s',
      server: 'closes without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await start(stage, 2, 'unsaid')) }),
      outcome: endsAfter(2 + BUFFER_SECONDS, 'eof/fin'),
    },
    {
      group: 'node-http-closes',
      setting: '',
      deed: '`protocol: http`',
      server: 'answers `429` with `Connection: close`',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await start(stage, 60, 'closes')) }),
      outcome: refused('protocol/rejected', 'slow_down'),
    },
    {
      group: 'node-http-408',
      setting: '',
      deed: '`protocol: http`, between requests',
      server: 'says `408` unasked, and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage, 3600);
        return { port: portOf(server), act: () => server.signal('SIGUSR2') };
      },
      outcome: endsAt('eof/fin', 'idle_limit'),
    },
    {
      group: 'node-http-stop',
      setting: '',
      deed: '`protocol: http`; `server.close()`',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage, 3600);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};

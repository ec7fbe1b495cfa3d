import { fileURLToPath } from 'node:url';

import { buildMochiServer } from './build-mochi-server.ts';
import { connectAs } from './mosquitto-logins.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAt, once, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'mqtt', mqtt: { version: 5 } };

async function start(stage: Stage): Promise<ServerProcess> {
  const file = await buildMochiServer();
  return stage.server(1, ([port]) => ({ file, args: ['-address', `127.0.0.1:${port}`] }));
}

const shared = once(start);

export const MOCHI: RealServer = {
  name: 'mochi',
  program: 'go',
  debianPackage: 'golang',
  // It is built from the modules of this folder.
  versionArguments: [
    '-C',
    fileURLToPath(new URL('mochi-server', import.meta.url)),
    'list',
    '-m',
    'github.com/mochi-mqtt/server/v2',
  ],
  rows: [
    {
      group: 'mochi-beats',
      setting: '',
      deed: '`protocol: mqtt`, `version: 5`, heartbeats',
      server: 'keeps the connection',
      settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'mochi-replaced',
      setting: '',
      deed: '`protocol: mqtt`, `version: 5`; another client takes the client id',
      server: 'says DISCONNECT 0x8e and closes',
      settings: { protocol: 'mqtt', mqtt: { version: 5, client_id: 'finrst-login' } },
      async start(stage) {
        const port = portOf(await shared(stage));
        return { port, act: () => connectAs(stage, port, 'finrst-login') };
      },
      outcome: endsAt('eof/fin', 'replaced'),
    },
    {
      group: 'mochi-kicked',
      setting: '',
      deed: '`protocol: mqtt`, `version: 5`; an operator disconnects the client',
      server: 'says DISCONNECT 0x98 and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGUSR1') };
      },
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    },
    {
      group: 'mochi-stop',
      setting: '',
      deed: '`protocol: mqtt`, `version: 5`; the broker is stopped',
      server: 'says DISCONNECT 0x8b and closes',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    },
  ],
};

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MOSQUITTO_LOGINS } from './mosquitto-logins.ts';
import type { ServerProcess } from './server-process.ts';
import { bytesOf, endsAfter, endsAt, once, sendOnce, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

async function start(stage: Stage): Promise<ServerProcess> {
  const folder = await stage.folder();
  return stage.server(1, async ([port]) => {
    const file = join(folder, 'mosquitto.conf');
    await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    // Mosquitto gives up root by itself and then has to read this again at a reload only.
    return { file: 'mosquitto', args: ['-c', file] };
  });
}

/** An MQTT 3.1.1 CONNECT with a clean session, as Finrst's configuration spells it; `keepalive` in seconds, 0 = none. */
function connectPacket(clientId: string, keepalive: number): string {
  const byte = (value: number): string => `\\x${value.toString(16).padStart(2, '0')}`;
  const rest = 10 + 2 + clientId.length;
  const header = `\\x10${byte(rest)}\\x00\\x04MQTT\\x04\\x02\\x00${byte(keepalive)}`;
  return `${header}\\x00${byte(clientId.length)}${clientId}`;
}

const shared = once(start);
const portOf = (server: ServerProcess): number => server.ports[0] ?? 0;

export const MOSQUITTO: RealServer = {
  name: 'Mosquitto',
  program: 'mosquitto',
  debianPackage: 'mosquitto',
  versionArguments: ['-h'],
  rows: [
    {
      group: 'mosquitto-no-connect',
      setting: '',
      deed: 'stays silent (no CONNECT)',
      server: 'treats it as a client with a keepalive of 60 s: closes after one and a half',
      settings: {},
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      // 90 s, looked at every 5 s: 95.0 s where it was tried by hand.
      outcome: { kind: 'ended', class: 'eof', reason: 'fin', idleSeconds: [89, 100] },
    },
    {
      group: 'mosquitto-keepalive',
      setting: '',
      deed: 'CONNECT with a keepalive of 1 s, then silence',
      server: 'closes: one and a half keepalives, looked at every 5 s',
      settings: sendOnce(connectPacket('finrst-keepalive', 1)),
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      // It counts whole seconds, so 1.5 s is 1 s at the least, and looks every 5 s.
      outcome: { kind: 'ended', class: 'eof', reason: 'fin', idleSeconds: [0.9, 10] },
    },
    {
      group: 'mosquitto-session',
      setting: '',
      deed: 'CONNECT with keepalive 0, expects CONNACK, then silence',
      server: 'keeps the session',
      settings: {
        heartbeat: {
          send: connectPacket('finrst-session', 0),
          expect: '\\x20\\x02\\x00\\x00',
          interval: '1h',
          timeout: '5s',
        },
      },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: { kind: 'held', seconds: 10 },
    },
    {
      group: 'mosquitto-same-client-id',
      setting: '',
      deed: 'CONNECT; another client connects with the same client id',
      server: 'closes the older connection',
      settings: sendOnce(connectPacket('finrst-twin', 0)),
      async start(stage) {
        const port = portOf(await shared(stage));
        return { port, act: () => connectAs(stage, port, 'finrst-twin') };
      },
      outcome: endsAt('eof/fin'),
    },
    {
      group: 'mosquitto-second-connect',
      setting: '',
      deed: 'sends CONNECT again and again as a heartbeat',
      server: 'closes at the second one: a protocol error',
      settings: { heartbeat: { send: connectPacket('finrst-again', 0), interval: '1s' } },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'mosquitto-stop',
      setting: '',
      deed: 'CONNECT; the broker is stopped (SIGTERM)',
      server: 'closes and exits',
      settings: sendOnce(connectPacket('finrst-stop', 0)),
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
    ...MOSQUITTO_LOGINS,
  ],
};

async function connectAs(stage: Stage, port: number, clientId: string): Promise<void> {
  const client = await stage.client(port);
  const packet = connectPacket(clientId, 0);
  client.write(bytesOf(packet), 'latin1');
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { connectRequest } from '../../src/protocols/zookeeper/zookeeper-records.ts';
import { programOf } from '../support/find-program.ts';
import { fetchJars, JARS, javaProgram } from './fetch-jars.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'zookeeper' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const JAVA = ['-Xmx48m', '-XX:ActiveProcessorCount=1', '-XX:TieredStopAtLevel=1', '-cp'];
/** Sessions are looked at so often: they end up to this much later than their timeout. */
const TICK_MS = 500;
/** The last line before it serves, or the first one of who has no quorum. */
const READY = /audit is disabled|LOOKING/;
/** What a session gets that asks for more. */
const LIMIT = `maxSessionTimeout=${IDLE_ROW.limitSeconds * 1000}`;

/** A server by itself, with these lines in its configuration; they may name the ports behind the first, too. */
export async function startZookeeper(
  stage: Stage,
  settings: (more: readonly number[]) => readonly string[] = () => [],
): Promise<ServerProcess> {
  const [folder, jars] = await Promise.all([stage.folder(), fetchJars(JARS.zookeeper)]);
  return stage.server(5, async ([port, ...more]) => {
    const data = join(folder, `${port}`);
    await mkdir(data);
    const file = join(folder, `${port}.cfg`);
    const lines = [
      `tickTime=${TICK_MS}`,
      `dataDir=${data}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=false',
      '4lw.commands.whitelist=mntr',
      ...settings(more),
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    await writeFile(join(data, 'myid'), '1\n');
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    return {
      file: programOf('java'),
      args: [...JAVA, join(jars, '*'), main, file],
      ready: READY,
      readyWithinMs: 60_000,
    };
  });
}

const shared = once((stage) => startZookeeper(stage, () => ['minSessionTimeout=1000', LIMIT]));

/** TLS needs the server's other way to take connections. */
const secure = once(async (stage) => {
  const { certFile, keyFile } = await stage.certificate();
  const keys = join(await stage.folder(), 'zookeeper.pem');
  await writeFile(keys, (await readFile(keyFile, 'utf8')) + (await readFile(certFile, 'utf8')));
  return startZookeeper(stage, ([port]) => [
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${keys}`,
    'ssl.clientAuth=none',
  ]);
});

export const ZOOKEEPER: RealServer = {
  name: 'ZooKeeper',
  ...javaProgram(JARS.zookeeper),
  rows: [
    {
      group: 'zookeeper-beats',
      setting: `\`${LIMIT}\` (default: 20 x \`tickTime\`, 40 s)`,
      deed: '`protocol: zookeeper`, heartbeats (ping)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'zookeeper-silent',
      setting: `\`${LIMIT}\``,
      deed: '`protocol: zookeeper`, `heartbeat: false`',
      server: 'lets the session expire, and closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'eof/fin'),
    },
    {
      group: 'zookeeper-short-session',
      setting: '`minSessionTimeout=1000` (default: 2 x `tickTime`, 4 s)',
      deed: '`session_timeout: 2s`, `heartbeat: false`',
      server: 'lets the session expire, and closes without a word',
      settings: { ...LOGIN, zookeeper: { session_timeout: '2s' }, heartbeat: false },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(2, 'eof/fin'),
    },
    {
      group: 'zookeeper-tls',
      setting: '`secureClientPort`',
      deed: '`protocol: zookeeper` with `tls`, heartbeats',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await secure(stage), 1), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'zookeeper-plain-at-tls',
      setting: '`secureClientPort`',
      deed: '`protocol: zookeeper` without `tls`',
      server: 'closes without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await secure(stage), 1) }),
      outcome: refused('protocol/eof'),
    },
    {
      group: 'zookeeper-wants-login',
      setting: '`enforce.auth.enabled=true`',
      deed: '`protocol: zookeeper`',
      server: 'gives a session, and answers its first ping with -124',
      settings: LOGIN,
      async start(stage) {
        const server = await startZookeeper(stage, () => ['enforce.auth.enabled=true', 'enforce.auth.schemes=digest']);
        return { port: portOf(server) };
      },
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      group: 'zookeeper-full',
      setting: '`maxClientCnxns=1` (default 60 for each address), taken',
      deed: '`protocol: zookeeper`',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        // Who asks for no session is closed after 10 s.
        const server = await startZookeeper(stage, () => ['maxClientCnxns=1', 'maxSessionTimeout=600000']);
        const session = Buffer.from(connectRequest(600_000)).toString('latin1');
        await stage.ask(portOf(server), session, '\0\0\0\x25');
        return { port: portOf(server) };
      },
      outcome: refused('protocol/eof'),
    },
    {
      group: 'zookeeper-alone',
      setting: 'one of two servers of an ensemble: no quorum',
      deed: '`protocol: zookeeper`',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await startZookeeper(stage, ([peer, election, ...other]) => [
          'initLimit=5',
          'syncLimit=2',
          `server.1=127.0.0.1:${peer}:${election}`,
          `server.2=127.0.0.1:${other.join(':')}`,
        ]);
        return { port: portOf(server) };
      },
      outcome: refused('protocol/eof'),
    },
    {
      group: 'zookeeper-stop',
      setting: '',
      // A ping that it has not read when it closes would make it a reset.
      deed: '`protocol: zookeeper`, `heartbeat: false`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      async start(stage) {
        const server = await startZookeeper(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};

/**
 * Prints what heartbeats cost a server that clients are logged in to: its CPU for each, and what they add to its log and to
 * its counters. Run by hand, for docs/costs.md:
 *
 *     npm run -s node -- test/servers/measure-heartbeats.ts
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

import { cpuSecondsOf } from '../bench/machine.ts';
import { cassandra } from '../../src/protocols/cassandra/cassandra.ts';
import { http2 } from '../../src/protocols/http2/http2.ts';
import { grpc } from '../../src/protocols/http2/grpc.ts';
import { mongodb } from '../../src/protocols/mongodb/mongodb.ts';
import type { Protocol, Step } from '../../src/protocols/session.ts';
import { zookeeper } from '../../src/protocols/zookeeper/zookeeper.ts';
import {
  grpcSettings,
  http2Settings,
  mongodbSettings,
  NO_CREDENTIALS,
  uint32Text,
  zookeeperSettings,
} from '../support/protocol-samples.ts';
import { sessionContext } from '../support/session-context.ts';
import { startCassandra } from './cassandra.ts';
import { startFerretdb } from './ferretdb.ts';
import { startGrpcServer } from './grpc-go.ts';
import { startMosquitto } from './mosquitto-logins.ts';
import { startNats } from './nats.ts';
import { httpBlock, startNginx } from './nginx-process.ts';
import { query, READY, startPostgres, TRUSTED_LOGIN } from './postgresql-cluster.ts';
import { startRedis } from './redis-server.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { bytesOf } from './server-row.ts';
import { createStage, type Stage } from './stage.ts';
import { startZookeeper } from './zookeeper.ts';

const CLIENTS = 20;
const BEATS_EACH = 500;

/** What one client says, as Finrst does, and what is in each answer. */
type Beat = {
  readonly login: string | null;
  /** The n-th heartbeat, from 1; the answer 0 is that to the login. */
  readonly send: (n: number) => string;
  readonly answer: (n: number) => string;
};

const REDIS: Beat = { login: null, send: () => '*1\r\n$4\r\nPING\r\n', answer: () => '+PONG\r\n' };
const POSTGRES: Beat = { login: bytesOf(TRUSTED_LOGIN), send: () => 'S\0\0\0\x04', answer: () => bytesOf(READY) };
/** With a client id of the broker's choice. */
const MQTT: Beat = {
  login: '\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0',
  send: () => '\xc0\0',
  answer: (n) => (n === 0 ? '\x20\x02\0\0' : '\xd0\0'),
};
const NATS: Beat = {
  login: 'CONNECT {"verbose":false}\r\nPING\r\n',
  send: () => 'PING\r\n',
  answer: () => 'PONG\r\n',
};
const EMPTY_QUERY: Beat = { ...POSTGRES, send: () => 'Q\0\0\0\x05\0' };

const stage = createStage();
const redis = await startRedis(stage);
await measure('Redis, PING', redis, REDIS);
const logging = ['log_statement=all', 'log_duration=on'];
const postgres = await startPostgres(stage, ...logging);
await measure('PostgreSQL, Sync', postgres, POSTGRES, () => transactions(stage, postgres));
await measure('PostgreSQL, empty query', postgres, EMPTY_QUERY, () => transactions(stage, postgres));
const accessLog = `${await stage.folder()}/access.log`;
const nginx = await startNginx(stage, 1, ([port]) =>
  httpBlock(
    `keepalive_requests 10000; server { listen 127.0.0.1:${port} http2; access_log ${accessLog}; return 200; }`,
  ),
);
await measure('nginx, HEAD over HTTP/2', nginx, streamsOf(http2.create(http2Settings())), async () =>
  linesIn(readFileSync(accessLog, 'utf8')),
);
await measure('grpc-go, health check', await startGrpcServer(stage), streamsOf(grpc.create(grpcSettings())));
await measure('Mosquitto, PINGREQ', await startMosquitto(stage, 'allow_anonymous true'), MQTT);
await measure('NATS, PING', await startNats(stage), NATS);
await measure(
  'ZooKeeper, ping',
  await startZookeeper(stage),
  beatOf(zookeeper.create(zookeeperSettings()), '\xff\xff\xff\xfe'),
);
await measure(
  'Cassandra, OPTIONS',
  await startCassandra(stage),
  beatOf(cassandra.create(NO_CREDENTIALS), '\x84\0\0\x01\x06'),
);
await measure(
  'FerretDB, ping',
  await startFerretdb(stage),
  beatOf(mongodb.create(mongodbSettings()), '\x02\0\0\0\xdd\x07\0\0'),
);
await stage.clear();

/** Each request on a stream of its own, and an answer ends with headers (END_HEADERS, END_STREAM) on that stream. */
function streamsOf(protocol: Protocol): Beat {
  const session = protocol.open(sessionContext());
  const login = textOf(session.start());
  const requests = Array.from({ length: BEATS_EACH }, () => textOf(session.beat()));
  const answer = (n: number): string => `\x01\x05${uint32Text(1 + 2 * n)}`;
  return { login, send: (n) => requests[n - 1] ?? '', answer };
}

/** A login in one write, and heartbeats that are all alike: their answers hold this. */
function beatOf(protocol: Protocol, answer: string): Beat {
  const session = protocol.open(sessionContext());
  const login = textOf(session.start());
  const request = textOf(session.beat());
  return { login, send: () => request, answer: (n) => (n === 0 ? '' : answer) };
}

function textOf(steps: readonly Step[]): string {
  return steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : '')).join('');
}

async function measure(
  name: string,
  server: ServerProcess,
  beat: Beat,
  counter: () => Promise<number> = async () => 0,
): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => stage.client(portOf(server))));
  const { login } = beat;
  if (login !== null) await Promise.all(clients.map((client) => answered(client, login, beat.answer(0))));
  const before = { cpu: familyCpu(server.pid), log: linesOf(server), counted: await counter() };
  for (let n = 1; n <= BEATS_EACH; n++) {
    await Promise.all(clients.map((client) => answered(client, beat.send(n), beat.answer(n))));
  }
  const cpu = familyCpu(server.pid) - before.cpu;
  const log = linesOf(server) - before.log;
  // Those who log in tell their counters with a delay of a second at most; leaving does it at once.
  for (const client of clients) client.destroy();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const beats = CLIENTS * BEATS_EACH;
  const counted = (await counter()) - before.counted;
  process.stdout.write(
    `${name}: ${beats} heartbeats of ${CLIENTS} clients: ${((1e6 * cpu) / beats).toFixed(0)} us of CPU each, ` +
      `${log} lines in the log, ${counted} transactions or lines of access, those that count them included\n`,
  );
}

function answered(client: Socket, bytes: string, answer: string): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    const take = (piece: Buffer): void => {
      text += piece.toString('latin1');
      if (!text.includes(answer)) return;
      client.off('data', take);
      resolve();
    };
    client.on('data', take);
    client.write(bytes, 'latin1');
  });
}

async function transactions(of: Stage, server: ServerProcess): Promise<number> {
  return Number(await query(of, portOf(server), 'select sum(xact_commit) from pg_stat_database'));
}

function linesOf(server: ServerProcess): number {
  return linesIn(server.output());
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Of the process and its children: PostgreSQL has one for each client. */
function familyCpu(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return [pid, ...children].reduce((sum, each) => sum + cpuSecondsOf(each), 0);
}

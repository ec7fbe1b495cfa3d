/**
 * Prints what heartbeats cost a server that clients are logged in to: its CPU for each, and what they add to its log and to
 * its counters. Run by hand, for docs/costs.md; words behind it choose among the lines by their beginning:
 *
 *     npm run -s node -- test/servers/measure-heartbeats.ts
 *     npm run -s node -- test/servers/measure-heartbeats.ts nginx Kafka
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { cpuSecondsOf } from '../bench/machine.ts';
import * as say from '../support/protocol-samples.ts';
import { startCassandra } from './cassandra.ts';
import { startFerretdb } from './ferretdb.ts';
import { startGrpcServer } from './grpc-go.ts';
import { type JoinedSession, joinsBy, type Joins } from './joined-session.ts';
import { startKafka } from './kafka.ts';
import { startMosquitto } from './mosquitto-logins.ts';
import { startNats } from './nats.ts';
import { httpBlock, startNginx } from './nginx-process.ts';
import { query, READY, startPostgres, SUPERUSER, TRUSTED_LOGIN } from './postgresql-cluster.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { startRedis } from './redis-server.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { bytesOf } from './server-row.ts';
import { startSlapd } from './slapd.ts';
import { createStage, type Stage } from './stage.ts';
import { startZookeeper } from './zookeeper.ts';

const CLIENTS = 20;
const BEATS_EACH = 500;
/** A virtual machine compiles what it runs often, and needs none of that for the next one. */
const WARMING_BEATS = 100;

/** A server, who joins it, and what it counts beside lines of its log. */
type Measured = {
  readonly server: ServerProcess;
  readonly join: Joins;
  readonly counter?: () => Promise<number>;
};

const stage = createStage();
const wanted = process.argv.slice(2);

await measure('Redis, PING', async () => ({
  server: await startRedis(stage),
  join: joinsBy({ name: 'redis', settings: say.redisSettings() }),
}));
await measure('PostgreSQL, Sync', () =>
  postgres(joinsBy({ name: 'postgres', settings: say.postgresSettings({ username: SUPERUSER, database: SUPERUSER }) })),
);
await measure('PostgreSQL, empty query', () => postgres(emptyQueries));
await measure('nginx, HEAD', () => nginx('', joinsBy({ name: 'http', settings: say.httpSettings() })));
await measure('nginx, HEAD over HTTP/2', () =>
  nginx('http2', joinsBy({ name: 'http2', settings: say.http2Settings() })),
);
await measure('grpc-go, health check', async () => ({
  server: await startGrpcServer(stage),
  join: joinsBy({ name: 'grpc', settings: say.grpcSettings() }),
}));
await measure('ws, ping', async () => ({
  server: await startWebSocketServer(),
  join: joinsBy({ name: 'websocket', settings: say.websocketSettings() }),
}));
await measure('nginx before ws, ping', async () => {
  const upstream = portOf(await startWebSocketServer());
  const server = await startNginx(stage, 1, ([port]) =>
    httpBlock(`server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream};
      proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }`),
  );
  return { server, join: joinsBy({ name: 'websocket', settings: say.websocketSettings() }) };
});
await measure('Mosquitto, PINGREQ', async () => ({
  server: await startMosquitto(stage, 'allow_anonymous true'),
  join: joinsBy({ name: 'mqtt', settings: say.mqttSettings() }),
}));
await measure('NATS, PING', async () => ({
  server: await startNats(stage),
  join: joinsBy({ name: 'nats', settings: say.natsSettings() }),
}));
await measure('RabbitMQ, basic.qos', async () => ({
  server: (await startRabbitmq(stage)).server,
  join: joinsBy({ name: 'amqp', settings: say.amqpSettings() }, 'secret'),
}));
await measure('Kafka, ApiVersions', async () => ({
  server: await startKafka(stage),
  join: joinsBy({ name: 'kafka', settings: say.kafkaSettings() }),
}));
await measure('OpenLDAP, search of the root', async () => ({
  server: await startSlapd(stage),
  join: joinsBy({ name: 'ldap', settings: say.ldapSettings() }),
}));
await measure('OpenLDAP with loglevel stats, search of the root', async () => ({
  server: await startSlapd(stage, { debugLevel: 'stats' }),
  join: joinsBy({ name: 'ldap', settings: say.ldapSettings() }),
}));
await measure('ZooKeeper, ping', async () => ({
  server: await startZookeeper(stage),
  join: joinsBy({ name: 'zookeeper', settings: say.zookeeperSettings() }),
}));
await measure('Cassandra, OPTIONS', async () => ({
  server: await startCassandra(stage),
  join: joinsBy({ name: 'cassandra', settings: say.NO_CREDENTIALS }),
}));
await measure('FerretDB, ping', async () => ({
  server: await startFerretdb(stage),
  join: joinsBy({ name: 'mongodb', settings: say.mongodbSettings() }),
}));
await stage.clear();

/** For comparison: what other clients send to see whether a connection lives. */
async function emptyQueries(on: Stage, port: number): Promise<JoinedSession> {
  const client = await on.client(port);
  const ask = (bytes: string): Promise<void> =>
    new Promise((resolve) => {
      let text = '';
      client.removeAllListeners('data').on('data', (piece: Buffer) => {
        text += piece.toString('latin1');
        if (text.includes(bytesOf(READY))) resolve();
      });
      client.write(bytes, 'latin1');
    });
  await ask(bytesOf(TRUSTED_LOGIN));
  return { beat: () => ask('Q\0\0\0\x05\0'), leave: () => void client.destroy() };
}

async function postgres(join: Joins): Promise<Measured> {
  const server = await startPostgres(stage, 'log_statement=all', 'log_duration=on');
  const sum = 'select sum(xact_commit) from pg_stat_database';
  return { server, join, counter: async () => Number(await query(stage, portOf(server), sum)) };
}

async function nginx(listen: string, join: Joins): Promise<Measured> {
  const accessLog = `${await stage.folder()}/access.log`;
  const server = await startNginx(stage, 1, ([port]) =>
    httpBlock(
      `keepalive_requests 100000; server { listen 127.0.0.1:${port} ${listen}; access_log ${accessLog}; return 200; }`,
    ),
  );
  return { server, join, counter: async () => linesIn(readFileSync(accessLog, 'utf8')) };
}

function startWebSocketServer(): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('websocket-server.ts', import.meta.url));
  return stage.server(1, ([port]) => ({ file: process.execPath, args: [file, `${port}`, ''] }));
}

async function measure(name: string, start: () => Promise<Measured>): Promise<void> {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) return;
  const { server, join, counter = async () => 0 } = await start();
  const take = async (beatsEach: number): Promise<Readonly<Record<'cpu' | 'log' | 'counted', number>>> => {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => join(stage, portOf(server))));
    await settle();
    const before = { cpu: familyCpu(server.pid), log: linesIn(server.output()), counted: await counter() };
    for (let n = 0; n < beatsEach; n++) await Promise.all(clients.map((client) => client.beat()));
    const cpu = familyCpu(server.pid) - before.cpu;
    const log = linesIn(server.output()) - before.log;
    for (const client of clients) client.leave();
    await settle();
    return { cpu, log, counted: (await counter()) - before.counted };
  };
  await take(WARMING_BEATS);
  // Other clients: those of before are gone, and so have told all that they did.
  const { cpu, log, counted } = await take(BEATS_EACH);
  const beats = CLIENTS * BEATS_EACH;
  process.stdout.write(
    `${name}: ${beats} heartbeats of ${CLIENTS} clients: ${((1e6 * cpu) / beats).toFixed(0)} us of CPU each, ` +
      `${log} lines in the log, ${counted} transactions or lines of access, those that count them included\n`,
  );
  await server.stop();
}

/** Sessions of PostgreSQL tell their counters late; leaving does it at once. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1500));
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Of the process and its children: PostgreSQL has one for each client. */
function familyCpu(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return [pid, ...children].reduce((sum, each) => sum + cpuSecondsOf(each), 0);
}

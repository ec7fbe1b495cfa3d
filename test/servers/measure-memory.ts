/**
 * Prints what one held connection costs each server in memory: its processes' proportional set size with and without
 * a number of held connections. The kernel's socket buffers are not in it. Run by hand, for docs/costs.md; words behind it
 * choose among the servers:
 *
 *     npm run -s node -- test/servers/measure-memory.ts
 *     npm run -s node -- test/servers/measure-memory.ts Kafka
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import * as say from '../support/protocol-samples.ts';
import { startCassandra } from './cassandra.ts';
import { startFerretdb } from './ferretdb.ts';
import { HAPROXY } from './haproxy.ts';
import { type Joins, joinsBy } from './joined-session.ts';
import { startKafka } from './kafka.ts';
import { MARIADB } from './mariadb.ts';
import { startMosquitto } from './mosquitto-logins.ts';
import { startNats } from './nats.ts';
import { NGINX } from './nginx.ts';
import { OPENSSH } from './openssh.ts';
import { POSTGRESQL } from './postgresql.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { REDIS } from './redis.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { bytesOf, type RealServer } from './server-row.ts';
import { startSlapd } from './slapd.ts';
import { createStage, type Stage } from './stage.ts';
import { startZookeeper } from './zookeeper.ts';

/** Nobody reads a file here: the password stands behind the options. */
const named = (username: string) => ({ username, passwordFile: '-' });
const amqp = joinsBy({ name: 'amqp', settings: say.amqpSettings() }, 'secret');

/** The row whose server is measured, and how many connections it takes without hitting a limit of that server. */
const MEASURED: readonly (readonly [RealServer, string, number])[] = [
  [REDIS, 'redis-client-kill', 400],
  [POSTGRESQL, 'postgresql-immediate-shutdown', 50],
  [POSTGRESQL, 'postgresql-fast-shutdown', 50],
  [MARIADB, 'mariadb-stop', 100],
  [NGINX, 'nginx-stop', 100],
  [HAPROXY, 'haproxy-stop', 400],
  [OPENSSH, 'openssh-stop', 10],
];
const cassandra = joinsBy({ name: 'cassandra', settings: named('cassandra') }, 'cassandra');
const mongodb = joinsBy({ name: 'mongodb', settings: say.mongodbSettings(named('finrst')) }, 'secret');
/** As many clients as there are, and nobody is tired of them meanwhile. */
const ZOOKEEPER_LIMITS = ['maxClientCnxns=0', 'maxSessionTimeout=600000'];

/** Servers that clients are logged in to, and how many. */
const LOGGED_IN: readonly (readonly [string, (stage: Stage) => Promise<ServerProcess>, Joins, number])[] = [
  ['RabbitMQ', async (on) => (await startRabbitmq(on)).server, amqp, 200],
  ['Kafka', startKafka, joinsBy({ name: 'kafka', settings: say.kafkaSettings() }), 200],
  [
    'ZooKeeper',
    (on) => startZookeeper(on, () => ZOOKEEPER_LIMITS),
    joinsBy({ name: 'zookeeper', settings: say.zookeeperSettings() }),
    400,
  ],
  ['Cassandra', (on) => startCassandra(on, []), cassandra, 200],
  ['FerretDB', startFerretdb, mongodb, 200],
  ['NATS', (on) => startNats(on), joinsBy({ name: 'nats', settings: say.natsSettings() }), 400],
  [
    'Mosquitto',
    (on) => startMosquitto(on, 'allow_anonymous true'),
    joinsBy({ name: 'mqtt', settings: say.mqttSettings() }),
    400,
  ],
  ['OpenLDAP', (on) => startSlapd(on), joinsBy({ name: 'ldap', settings: say.ldapSettings() }), 400],
];
/** Long enough for a server to have accepted and settled; nothing here has to be exact to the kilobyte. */
const SETTLE_MS = 2000;
const WARMING = 50;

const stage = createStage();
const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);

for (const [server, group, count] of MEASURED) {
  if (!isWanted(server.name)) continue;
  const row = server.rows.find((candidate) => candidate.group === group);
  if (!row) throw new Error(`no row ${group}`);
  const { port } = await row.start(stage);
  const pid = listenerOn(port);
  const words = sendOf(row.settings);
  await measure(`${server.name} (${row.deed})`, pid, count, async () => {
    const client = await stage.client(port);
    if (words) client.write(words, 'latin1');
  });
}
for (const [name, start, join, count] of LOGGED_IN) {
  if (!isWanted(name)) continue;
  const server = await start(stage);
  const joining = async (): Promise<void> => void (await join(stage, portOf(server)));
  // What the first clients make a virtual machine load is no cost of a connection.
  for (let n = 0; n < WARMING; n++) await joining();
  await measure(`${name}, logged in`, server.pid, count, joining);
  await server.stop();
}
await stage.clear();

async function measure(name: string, pid: number, count: number, connect: () => Promise<void>): Promise<void> {
  await sleep(SETTLE_MS);
  const before = memoryOf(pid);
  for (let n = 0; n < count; n++) await connect();
  await sleep(SETTLE_MS);
  const after = memoryOf(pid);
  const each = (after - before) / count;
  process.stdout.write(`${name}: ${before} kB + ${count} connections -> ${after} kB: ${each.toFixed(1)} kB each\n`);
}

function sendOf(settings: Readonly<Record<string, unknown>>): string | null {
  const heartbeat = settings['heartbeat'] as { readonly send: string } | undefined;
  return heartbeat ? bytesOf(heartbeat.send) : null;
}

/** The oldest process that listens on the port: the others are its children. */
function listenerOn(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((cells) => cells[1]?.endsWith(`:${hex}`) && cells[3] === '0A');
  const inode = row?.[9];
  const holders = processes().filter((pid) => socketsOf(pid).includes(`socket:[${inode}]`));
  return Math.min(...holders);
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it has exited since the listing
  }
}

/** Kilobytes of the process and of all below it, shared pages counted in proportion. */
function memoryOf(root: number): number {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const family = [...parents.keys()].filter((pid) => descends(pid, root, parents));
  return family.reduce((sum, pid) => sum + proportionalSetSize(pid), 0);
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true;
  return false;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function proportionalSetSize(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has exited since the listing
  }
}

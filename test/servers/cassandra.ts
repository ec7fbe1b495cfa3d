import { once as onceOf } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { authResponse, OPTIONS_REQUEST, STARTUP_REQUEST } from '../../src/protocols/cassandra/cql-frames.ts';
import { programOf } from '../support/find-program.ts';
import { fetchJars, JARS, javaProgram } from './fetch-jars.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'cassandra' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const IDLE_LIMIT = `native_transport_idle_timeout: ${IDLE_ROW.limitSeconds * 1000}ms`;
/** More than the rows need. They come from one address; who takes all of them comes from another. */
const MOST_OF_ADDRESS = 24;
const OTHER_ADDRESS = '127.0.0.2';

/** What Java 17 has to open to it, from the jvm17-server.options of Cassandra 5.0. */
const OPENED = [
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.module',
  'java.base/java.lang.ref',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.misc',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.util.jar',
  'java.base/sun.nio.ch',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.management/com.sun.management.internal',
].flatMap((name) => [`--add-exports=${name}=ALL-UNNAMED`, `--add-opens=${name}=ALL-UNNAMED`]);

/** A node by itself needs less than Java takes. */
const JAVA = ['-Xms256m', '-Xmx256m', '-Xss512k', '-XX:ActiveProcessorCount=1', '-XX:TieredStopAtLevel=1'];
/** Waits for other nodes, which there are none of. */
const ALONE = ['skip_wait_for_gossip_to_settle=0', 'ring_delay_ms=100', 'superuser_setup_delay_ms=100'];
/** The last thing that a new node does: nobody can log in before it. */
const READY = /Created default superuser role/;

/** Limits of its clients; these are what the rows need. */
const LIMITS = [`native_transport_max_concurrent_connections_per_ip: ${MOST_OF_ADDRESS}`, IDLE_LIMIT];

export async function startCassandra(stage: Stage, limits: readonly string[] = LIMITS): Promise<ServerProcess> {
  const [folder, jars, { certFile, keyFile }] = await Promise.all([
    stage.folder(),
    fetchJars(JARS.cassandra),
    stage.certificate(),
  ]);
  const keys = join(folder, 'cassandra.pem');
  await writeFile(keys, (await readFile(keyFile, 'utf8')) + (await readFile(certFile, 'utf8')));
  const log = join(folder, 'logback.xml');
  await writeFile(log, LOGBACK);
  return stage.server(4, async ([port, portOfTls, storage, management]) => {
    const file = join(folder, `${port}.yaml`);
    await writeFile(file, settings({ port, portOfTls, storage, keys, limits }));
    const properties = [
      `cassandra.config=file://${file}`,
      `cassandra.storagedir=${join(folder, `${port}`)}`,
      `cassandra.jmx.local.port=${management}`,
      'cassandra-foreground=yes',
      'jdk.attach.allowAttachSelf=true',
      `logback.configurationFile=${log}`,
      ...ALONE.map((property) => `cassandra.${property}`),
    ].map((property) => `-D${property}`);
    const main = ['-cp', join(jars, '*'), 'org.apache.cassandra.service.CassandraDaemon'];
    const args = [...JAVA, ...OPENED, ...properties, ...main];
    return { file: programOf('java'), args, ready: READY, readyWithinMs: 110_000 };
  });
}

const LOGBACK = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%level %msg%n</pattern></encoder></appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`;

type Settings = Readonly<Record<'port' | 'portOfTls' | 'storage', number | undefined>> & {
  readonly keys: string;
  readonly limits: readonly string[];
};

/** One port for those with TLS and one for those without. */
function settings({ port, portOfTls, storage, keys, limits }: Settings): string {
  const factory = 'org.apache.cassandra.security.PEMBasedSslContextFactory';
  const seeds = 'org.apache.cassandra.locator.SimpleSeedProvider';
  return [
    'cluster_name: finrst',
    'num_tokens: 1',
    'partitioner: org.apache.cassandra.dht.Murmur3Partitioner',
    'commitlog_sync: periodic',
    'commitlog_sync_period: 10000ms',
    'commitlog_segment_size: 8MiB',
    `seed_provider: [{class_name: ${seeds}, parameters: [{seeds: "127.0.0.1:${storage}"}]}]`,
    'listen_address: 127.0.0.1',
    `storage_port: ${storage}`,
    'rpc_address: 127.0.0.1',
    `native_transport_port: ${port}`,
    `native_transport_port_ssl: ${portOfTls}`,
    'start_native_transport: true',
    'endpoint_snitch: SimpleSnitch',
    'authenticator: PasswordAuthenticator',
    'authorizer: CassandraAuthorizer',
    ...limits,
    'memtable_heap_space: 32MiB',
    'memtable_offheap_space: 32MiB',
    'key_cache_size: 1MiB',
    'file_cache_size: 32MiB',
    'networking_cache_size: 32MiB',
    `client_encryption_options: {enabled: true, optional: false, keystore: ${keys}, ssl_context_factory: {class_name: ${factory}}}`,
    '',
  ].join('\n');
}

/** A node that knows the role of docs/protocols.md. */
const shared = once(async (stage) => {
  const node = await startCassandra(stage);
  const talk = [STARTUP_REQUEST, authResponse('cassandra', 'cassandra'), query(CREATE_ROLE)];
  const answers = ['\x84\0\0\x01\x03', '\x84\0\0\x01\x10', '\x84\0\0\x01\x08'];
  const socket = await stage.client(portOf(node));
  for (const [index, request] of talk.entries()) {
    socket.write(request);
    const [answer] = (await onceOf(socket, 'data')) as [Buffer];
    if (!answer.toString('latin1').startsWith(answers[index] ?? ''))
      throw new Error(`Cassandra answered ${String(answer)}`);
  }
  return node;
});

const CREATE_ROLE = "CREATE ROLE finrst WITH PASSWORD = 'secret' AND LOGIN = true";

/** QUERY with consistency ONE and no flags. */
function query(words: string): Uint8Array {
  const body = Buffer.from(`\0\0\0${String.fromCharCode(words.length)}${words}\0\x01\0`, 'latin1');
  return Buffer.concat([Buffer.from([4, 0, 0, 1, 7, 0, 0, 0, body.length]), body]);
}

async function asRole(stage: Stage, password: string): Promise<Situation> {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { port: portOf(await shared(stage)), settings: { cassandra: { username: 'finrst', password_file: file } } };
}

/** All connections that an address may have, which say something so that the idle limit leaves them alone. */
async function takeAll(port: number): Promise<void> {
  for (let n = 0; n < MOST_OF_ADDRESS; n++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: OTHER_ADDRESS });
    socket.on('error', () => undefined);
    const timer = setInterval(() => socket.write(OPTIONS_REQUEST), 1000);
    socket.on('close', () => clearInterval(timer));
    socket.write(OPTIONS_REQUEST);
    await onceOf(socket, 'data');
  }
}

export const CASSANDRA: RealServer = {
  name: 'Cassandra',
  ...javaProgram(JARS.cassandra),
  rows: [
    {
      group: 'cassandra-beats',
      setting: `\`${IDLE_LIMIT}\` (default: never); roles have passwords`,
      deed: '`protocol: cassandra`, heartbeats (OPTIONS)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'cassandra-silent',
      setting: `\`${IDLE_LIMIT}\``,
      deed: '`protocol: cassandra`, `heartbeat: false`',
      server: 'resets the connection without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'error/reset'),
    },
    {
      group: 'cassandra-password',
      setting: `\`${CREATE_ROLE.replace(/'secret'/, "'...'")}\``,
      deed: '`protocol: cassandra` with name and password, heartbeats',
      server: 'takes the login, answers',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage) => asRole(stage, 'secret'),
      outcome: HELD,
    },
    {
      group: 'cassandra-wrong',
      setting: 'roles have passwords',
      deed: '`protocol: cassandra` with a wrong password',
      server: 'refuses the login with 0x0100',
      settings: LOGIN,
      start: (stage) => asRole(stage, 'wrong'),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'cassandra-tls',
      setting: '`client_encryption_options`',
      deed: '`protocol: cassandra` with `tls`, heartbeats',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await shared(stage), 1), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'cassandra-plain-at-tls',
      setting: '`client_encryption_options`',
      deed: '`protocol: cassandra` without `tls`',
      server: 'resets the connection without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await shared(stage), 1) }),
      outcome: refused('protocol/reset'),
    },
    {
      group: 'cassandra-bad-opcode',
      setting: '',
      deed: 'heartbeat of an opcode that is none, expects an ERROR',
      server: 'answers with 0x000a, keeps the connection',
      settings: {
        heartbeat: {
          send: String.raw`\x04\x00\x00\x01\x11\x00\x00\x00\x00`,
          expect: String.raw`\x00\x0a\x00\x11Unknown opcode`,
          interval: '500ms',
          timeout: '500ms',
        },
      },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: HELD,
    },
    {
      group: 'cassandra-full',
      setting: `\`native_transport_max_concurrent_connections_per_ip: ${MOST_OF_ADDRESS}\` (default: none), taken`,
      deed: '`protocol: cassandra`',
      server: 'resets the connection without a word',
      settings: { ...LOGIN, source_address: OTHER_ADDRESS },
      async start(stage) {
        const port = portOf(await shared(stage));
        await takeAll(port);
        return { port };
      },
      outcome: refused('protocol/reset'),
    },
    {
      group: 'cassandra-stop',
      setting: '',
      deed: '`protocol: cassandra`; the node is stopped (SIGTERM)',
      server: 'resets the connection without a word',
      // A node that stops stands still for a while, and one that is not asked in time would close for that.
      settings: { ...LOGIN, heartbeat: { interval: '4s', timeout: '4s' } },
      async start(stage) {
        const node = await shared(stage);
        return { port: portOf(node), act: () => node.signal('SIGTERM') };
      },
      endsOthers: true,
      outcome: endsAt('error/reset'),
    },
  ],
};

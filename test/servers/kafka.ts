import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import { fetchJars, JARS, javaProgram } from './fetch-jars.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'kafka' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const PASSWORD = 'secret';
/** How long a login is good for at the listener that limits it. */
const LIFETIME_S = 6;
/** A node with one topic of its own needs less than Java takes. */
const JAVA = ['-Xmx256m', '-XX:ActiveProcessorCount=1', '-XX:TieredStopAtLevel=1', '-cp'];

/** The listeners, by the place of their port. */
const LISTENER = { plain: 0, login: 1, short: 2, tls: 3 } as const;

/** A broker that is its own controller (KRaft). */
export async function startKafka(stage: Stage): Promise<ServerProcess> {
  const [folder, jars, { certFile, keyFile }] = await Promise.all([
    stage.folder(),
    fetchJars(JARS.kafka),
    stage.certificate(),
  ]);
  const classes = [...JAVA, join(jars, '*')];
  const keys = join(folder, 'kafka.pem');
  await writeFile(keys, (await readFile(keyFile, 'utf8')) + (await readFile(certFile, 'utf8')));
  return stage.server(5, async ([plain, login, short, tls, controller]) => {
    const file = join(folder, `server-${plain}.properties`);
    await writeFile(file, settings({ plain, login, short, tls, controller, folder: join(folder, `${plain}`), keys }));
    const users = [256, 512].map((bits) => `SCRAM-SHA-${bits}=[name=finrst,password=${PASSWORD}]`);
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file];
    await stage.program('java', [...classes, ...format, ...users.flatMap((user) => ['--add-scram', user])]);
    return { file: programOf('java'), args: [...classes, 'kafka.Kafka', file], readyWithinMs: 90_000 };
  });
}

type Settings = Readonly<Record<'plain' | 'login' | 'short' | 'tls' | 'controller', number | undefined>> & {
  readonly folder: string;
  readonly keys: string;
};

function settings({ plain, login, short, tls, controller, folder, keys }: Settings): string {
  const listeners = [
    `PLAIN://127.0.0.1:${plain}`,
    `LOGIN://127.0.0.1:${login}`,
    `SHORT://127.0.0.1:${short}`,
    `TLS://127.0.0.1:${tls}`,
  ].join(',');
  const plainUser = `org.apache.kafka.common.security.plain.PlainLoginModule required user_finrst="${PASSWORD}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${listeners},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${listeners}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,LOGIN:SASL_PLAINTEXT,SHORT:SASL_PLAINTEXT,TLS:SSL',
    'inter.broker.listener.name=PLAIN',
    'controller.listener.names=CONTROLLER',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...['login', 'short'].map((name) => `listener.name.${name}.plain.sasl.jaas.config=${plainUser}`),
    ...[256, 512].map((bits) => `listener.name.login.scram-sha-${bits}.sasl.jaas.config=${scram}`),
    'listener.name.short.sasl.enabled.mechanisms=PLAIN',
    `listener.name.short.plain.connections.max.reauth.ms=${LIFETIME_S * 1000}`,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keys}`,
    `log.dirs=${folder}`,
    `connections.max.idle.ms=${IDLE_ROW.limitSeconds * 1000}`,
    'offsets.topic.replication.factor=1',
    '',
  ].join('\n');
}

const shared = once(startKafka);

type Login = { readonly sasl: string; readonly password?: string };

/** The keys of a login with this mechanism. */
async function kafkaKeys(stage: Stage, { sasl, password = PASSWORD }: Login) {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { kafka: { sasl, username: 'finrst', password_file: file } };
}

const at = async (stage: Stage, listener: number, login?: Login): Promise<Situation> => ({
  port: portOf(await shared(stage), listener),
  ...(login !== undefined && { settings: await kafkaKeys(stage, login) }),
});

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'];

export const KAFKA: RealServer = {
  name: 'Kafka',
  ...javaProgram(JARS.kafka),
  rows: [
    {
      group: 'kafka-beats',
      setting: `\`connections.max.idle.ms = ${IDLE_ROW.limitSeconds}000\` (default 10 min)`,
      deed: '`protocol: kafka`, heartbeats (ApiVersions)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: (stage) => at(stage, LISTENER.plain),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'kafka-silent',
      setting: `\`connections.max.idle.ms = ${IDLE_ROW.limitSeconds}000\``,
      deed: '`protocol: kafka`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: (stage) => at(stage, LISTENER.plain),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'eof/fin'),
    },
    ...MECHANISMS.map((sasl) => ({
      group: `kafka-${sasl}`,
      setting: `a listener with SASL, ${sasl.toUpperCase()} among its mechanisms`,
      deed: `\`protocol: kafka\` with \`sasl: ${sasl}\``,
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage: Stage) => at(stage, LISTENER.login, { sasl }),
      outcome: HELD,
    })),
    ...MECHANISMS.map((sasl) => ({
      group: `kafka-${sasl}-wrong`,
      setting: 'a listener with SASL',
      deed: `\`sasl: ${sasl}\` with a wrong password`,
      server: 'refuses the login with 58',
      settings: LOGIN,
      start: (stage: Stage) => at(stage, LISTENER.login, { sasl, password: 'wrong' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    })),
    {
      group: 'kafka-no-such-mechanism',
      setting: 'a listener with SASL, `sasl.enabled.mechanisms = PLAIN`',
      deed: '`sasl: scram-sha-512`',
      server: 'refuses the mechanism with 33',
      settings: LOGIN,
      start: (stage) => at(stage, LISTENER.short, { sasl: 'scram-sha-512' }),
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      group: 'kafka-login-not-given',
      setting: 'a listener with SASL',
      deed: '`protocol: kafka` without a login',
      server: 'answers the first request, and closes at the second',
      settings: LOGIN,
      start: (stage) => at(stage, LISTENER.login),
      outcome: refused('protocol/eof'),
    },
    {
      group: 'kafka-login-not-wanted',
      setting: 'a listener without SASL',
      deed: '`sasl: plain`',
      server: 'refuses the mechanism with 34',
      settings: LOGIN,
      start: (stage) => at(stage, LISTENER.plain, { sasl: 'plain' }),
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      group: 'kafka-lifetime',
      setting: `\`connections.max.reauth.ms = ${LIFETIME_S}000\` (default: never)`,
      deed: '`sasl: plain`, heartbeats',
      server: 'says how long the login is good for; Finrst leaves in time and comes again',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage) => at(stage, LISTENER.short, { sasl: 'plain' }),
      outcome: { kind: 'held', seconds: 3 * LIFETIME_S },
    },
    {
      group: 'kafka-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: kafka` with `tls`',
      server: 'keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { ...(await at(stage, LISTENER.tls)), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'kafka-plain-at-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: kafka` without `tls`',
      server: 'answers with an alert of TLS',
      settings: LOGIN,
      start: (stage) => at(stage, LISTENER.tls),
      outcome: refused('protocol/other', 'protocol_error'),
    },
    {
      group: 'kafka-stop',
      setting: '',
      deed: '`protocol: kafka`; the broker is stopped (SIGTERM)',
      server: 'closes without a word',
      // A request that it has not read when it closes would make it a reset.
      settings: { ...LOGIN, heartbeat: { interval: '4s', timeout: '4s' } },
      async start(stage) {
        const server = await shared(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      endsOthers: true,
      outcome: endsAt('eof/fin'),
    },
  ],
};

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import { createLog } from '../../src/daemon/create-log.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { createJsonLines } from '../../src/terminal/json-lines.ts';
import { TerminalSink } from '../../src/terminal/terminal-sink.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import {
  AMQP_CHANNEL_OPEN_OK,
  AMQP_OPEN_OK,
  AMQP_QOS_OK,
  amqpClose,
  amqpStart,
  amqpTune,
  CQL_AUTH_SUCCESS,
  CQL_AUTHENTICATE,
  CQL_SUPPORTED,
  cqlError,
  errorMessage,
  grpcAnswer,
  httpAnswer,
  KAFKA_MECHANISMS,
  KAFKA_VERSIONS,
  kafkaAnswer,
  kafkaLogin,
  http2Frame,
  http2GoAway,
  ldapNotice,
  ldapResult,
  mongodbError,
  mongodbOk,
  mongodbSasl,
  mqttConnAck,
  MYSQL_NONCE,
  mysqlError,
  mysqlGreeting,
  mysqlOk,
  mysqlPacket,
  natsInfo,
  postgresMessage,
  uint32Text,
  websocketClose,
  websocketFrame,
} from '../support/protocol-samples.ts';
import { readFile, readFileNow } from '../support/read-file.ts';
import { until } from '../support/scenario.ts';
import { answerScram } from '../support/scram-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask, WEB_SETTINGS } from '../support/web-under-test.ts';

const RIGHT = 'Right-mark-41f7';
const WRONG = 'Wrong-mark-41f7';
const USER = 'finrst';
const SALT = 'salt';
const PAGES = ['/', '/metrics', '/config', '/api/v1/peers', '/api/v1/events', '/api/v1/incidents', '/api/v1/targets'];

/** What AUTH PLAIN gives to a mail server. */
const plain = (password: string) => Buffer.from(`\0${USER}\0${password}`).toString('base64');
/** And to a server of HTTP. */
const basic = (password: string) => Buffer.from(`${USER}:${password}`).toString('base64');
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();
const md5 = (text: string) => createHash('md5').update(text, 'latin1').digest('hex');

/** Every form of a password that somebody could print by mistake, what PostgreSQL takes in its place included. */
const SECRETS = [RIGHT, WRONG].flatMap((password) => [
  password,
  Buffer.from(password).toString('base64'),
  Buffer.from(password).toString('hex'),
  createHash('sha256').update(password).digest('hex'),
  createHash('sha256').update(password).digest('base64'),
  sha1(Buffer.from(password)).toString('hex'),
  md5(password + USER),
  plain(password),
  basic(password),
]);

/** It hears nothing yet: what a server says first. */
const GREETING = '';

/** What is answered to words with this part in them. */
type Line = readonly [part: string, answer: string | ((heard: string) => string)];

/** Answers what it hears by what that contains; the first that fits counts. Words of a server may repeat the password. */
function answering(heard: string[], script: readonly Line[]) {
  return (socket: Socket): void => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    const answer = (text: string) => {
      const found = script.find(([part]) =>
        text === GREETING ? part === GREETING : part !== GREETING && text.includes(part),
      );
      const words = found?.[1] ?? '';
      socket.write(typeof words === 'string' ? words : words(text), 'latin1');
    };
    answer(GREETING);
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      heard.push(text);
      answer(text);
    });
  };
}

/** The peers of one kind of server: one takes RIGHT as its password, the other refuses whatever it is given. */
async function serversOf(script: (echoed: string) => readonly Line[]) {
  const heard: string[] = [];
  const [taking, refusing] = await Promise.all([
    startPeer(answering(heard, script(RIGHT))),
    startPeer(answering(heard, script(WRONG))),
  ]);
  onTestFinished(async () => void (await Promise.all([taking.close(), refusing.close()])));
  return { heard, taking, refusing };
}

const redisScript = (echoed: string) =>
  [
    [RIGHT, '+OK\r\n+PONG\r\n'],
    ['AUTH', `-WRONGPASS ${echoed} is not the password\r\n`],
    ['PING', `-ERR ${echoed}\r\n`],
  ] as const;

const refusal = (echoed: string) => ({ S: 'FATAL', V: 'FATAL', M: `${echoed} is wrong`, D: echoed, H: echoed });
const proof = (password: string) => `md5${md5(md5(password + USER) + SALT)}`;

const postgresScript = (echoed: string) =>
  [
    ['user\0', postgresMessage('R', `\0\0\0\x05${SALT}`)],
    [proof(RIGHT), postgresMessage('R', '\0\0\0\0') + postgresMessage('Z', 'I')],
    [proof(WRONG), errorMessage('E', { ...refusal(echoed), C: '28P01' })],
    ['S\0\0\0\x04', postgresMessage('Z', 'I')],
  ] as const;

/** What a client of MySQL gives in place of its password. */
const scramble = (password: string): string => {
  const once = sha1(Buffer.from(password));
  const mask = sha1(Buffer.concat([Buffer.from(MYSQL_NONCE, 'latin1'), sha1(once)]));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0))).toString('latin1');
};

const mysqlScript = (echoed: string) =>
  [
    [GREETING, mysqlGreeting({ tls: false })],
    [scramble(RIGHT), mysqlOk(2)],
    [scramble(WRONG), mysqlError(1045, 2, `#28000${echoed} is not the password`)],
    [mysqlPacket(0, '\x0e'), mysqlOk(1)],
  ] as const;

const smtpScript = (echoed: string) =>
  [
    [GREETING, `220 ${echoed}\r\n`],
    ['EHLO', '250 ok\r\n'],
    [plain(RIGHT), '235 ok\r\n'],
    ['AUTH', `535 5.7.8 ${echoed} is not the password\r\n`],
    ['NOOP', `250 ${echoed}\r\n`],
  ] as const;

/** Sends it as it is. */
const amqpScript = (echoed: string) =>
  [
    ['AMQP', amqpStart()],
    [RIGHT, amqpTune()],
    ['PLAIN', amqpClose(403, `${echoed} is not the password`)],
    ['\0\x0a\0\x28', AMQP_OPEN_OK],
    ['\0\x14\0\x0a', AMQP_CHANNEL_OPEN_OK],
    ['\0\x3c\0\x0a', AMQP_QOS_OK],
  ] as const;

/** Answers have the number of their request. */
const kafkaScript = (echoed: string) =>
  [
    [RIGHT, kafkaAnswer(3, kafkaLogin())],
    ['\0\x24\0\x01\0\0\0\x03', kafkaAnswer(3, kafkaLogin({ code: 58, text: `${echoed} is not the password` }))],
    ['\0\x11\0\x01\0\0\0\x02', kafkaAnswer(2, KAFKA_MECHANISMS)],
    ...[1, 4, 5, 6].map((id) => [`\0\x12\0\0${uint32Text(id)}`, kafkaAnswer(id, KAFKA_VERSIONS)] as const),
  ] as const;

const cassandraScript = (echoed: string) =>
  [
    [RIGHT, CQL_AUTH_SUCCESS],
    ['CQL_VERSION', CQL_AUTHENTICATE],
    [WRONG, cqlError(0x0100, `${echoed} is not the password`)],
    ['\x04\0\0\x01\x05', CQL_SUPPORTED],
  ] as const;

/** By SCRAM: the client's part of the nonce is in front of ours. */
const mongodbScript = (echoed: string) => {
  const rest = `NONCE,s=${Buffer.from(SALT).toString('base64')},i=4096`;
  const answerProof = (message: string) => {
    const [clientFinal = '', clientNonce = ''] = /c=biws,r=([\w+/=]+?)NONCE,p=[\w+/=]+/.exec(message) ?? [];
    const clientFirst = `n=${USER},r=${clientNonce}`;
    const serverFirst = `r=${clientNonce}${rest}`;
    return answerScram({ digest: 'sha256', password: RIGHT, clientFirst, serverFirst, clientFinal });
  };
  return [
    ['isMaster', mongodbOk(1)],
    ['saslStart', (heard) => mongodbSasl(2, `r=${/,r=([\w+/=]+)/.exec(heard)?.[1] ?? ''}${rest}`)],
    [
      'saslContinue',
      (heard) => {
        const { isRight, verifier } = answerProof(heard);
        return isRight ? mongodbSasl(3, verifier, true) : mongodbError(3, 18, `${echoed} is not the password`);
      },
    ],
    ['ping', (heard) => mongodbOk(heard.charCodeAt(4))],
  ] satisfies readonly Line[];
};

/** Sends it as it is, too. */
const ftpScript = (echoed: string) =>
  [
    [GREETING, `220 ${echoed}\r\n`],
    ['USER', `331 ${echoed}\r\n`],
    [RIGHT, `230 ${echoed}\r\n`],
    ['PASS', `530 ${echoed} is not the password\r\n`],
    ['NOOP', `200 ${echoed}\r\n`],
  ] as const;

/** A reason in words is a property of version 5. */
const reason = (words: string) => `\x1f\0${String.fromCharCode(words.length)}${words}`;

const mqttScript = (echoed: string) =>
  [
    [RIGHT, mqttConnAck(0, reason(echoed))],
    ['MQTT', mqttConnAck(0x86, reason(`${echoed} is not the password`))],
    ['\xc0\0', '\xd0\0'],
  ] as const;

const natsScript = (echoed: string) =>
  [
    [GREETING, natsInfo({ server_name: echoed })],
    [RIGHT, 'PONG\r\n'],
    ['CONNECT', `-ERR 'Authorization Violation: ${echoed}'\r\n`],
    ['PING', 'PONG\r\n'],
  ] as const;

const httpScript = (echoed: string) =>
  [
    [basic(RIGHT), httpAnswer(200, `X-Echo: ${echoed}`)],
    ['HEAD', httpAnswer(401, `X-Echo: ${echoed}`, 'Connection: close')],
  ] as const;

/** The proof that the key of a handshake was read. */
function handshakeOf(request: string): string {
  const key = /Sec-WebSocket-Key: (\S+)/.exec(request)?.[1] ?? '';
  const proof = sha1(Buffer.from(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)).toString('base64');
  return httpAnswer(101, 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${proof}`);
}

/** The byte of a masked ping, as it was. */
const pongOf = (ping: string): string =>
  websocketFrame(0x8a, String.fromCharCode(ping.charCodeAt(6) ^ ping.charCodeAt(2)));

const websocketScript = (echoed: string) =>
  [
    [`session=${RIGHT}`, (request) => handshakeOf(request) + websocketFrame(0x81, echoed)],
    ['GET', httpAnswer(401, `X-Echo: ${echoed}`, 'Connection: close')],
    ['\x89\x81', pongOf],
  ] satisfies readonly Line[];

/** Texts of a result repeat the password as well. */
const ldapAnswer = (id: number, operation: number, code: number, echoed: string) =>
  ldapResult(id, operation, code, `\x04${String.fromCharCode(echoed.length)}${echoed}`);

const ldapScript = (echoed: string) =>
  [
    [RIGHT, ldapAnswer(1, 0x61, 0, echoed)],
    [WRONG, ldapAnswer(1, 0x61, 49, echoed)],
    ['objectClass', ldapAnswer(2, 0x65, 0, echoed)],
  ] as const;

/** Nobody logs in: the words of the server alone are none to print. */
const grpcScript = (refusal: string) =>
  [
    ['PRI * HTTP/2.0', http2Frame(4, 0, 0) + refusal + grpcAnswer(1)],
    ['\0\0\0\x03', grpcAnswer(3)],
  ] as const;

/** What a protocol is given, to log in with this password. */
function optionsOf(protocol: string, password: string): string {
  if (protocol === 'grpc') return '{}';
  if (protocol === 'websocket') return `{headers_file: ${password}.headers}`;
  const user = protocol === 'redis' ? '' : `, username: ${USER}`;
  const version = protocol === 'mqtt' ? ', version: 5' : '';
  const sasl = protocol === 'kafka' ? ', sasl: plain' : '';
  return `{password_file: ${password}.txt${user}${version}${sasl}}`;
}

/** `note` is a label of each target, and wanted wherever a peer is named. */
function configOf(ports: Readonly<Record<string, number>>, collector: string, note: string): string {
  const groups = Object.entries(ports).map(([name, port]) => {
    const [protocol = '', password = ''] = name.split('-');
    return [
      `  - name: ${name}`,
      `    protocol: ${protocol}`,
      `    ${protocol}: ${optionsOf(protocol, password)}`,
      `    heartbeat: {interval: 10s}`,
      `    static_configs:`,
      `      - targets: ["127.0.0.1:${port}"]`,
      `        labels: {note: "${note}"}`,
    ].join('\n');
  });
  const global = 'global: {metrics: {target_labels: [note]}}';
  return `${global}\ntracing: {endpoint: "${collector}", compression: none}\ngroups:\n${groups.join('\n')}\n`;
}

function outputOf(lines: string[]) {
  return { write: (text: string) => lines.push(text) > 0, writableLength: 0, on: () => {} };
}

const groupOf = (event: FinrstEvent): unknown =>
  'peer' in event && typeof event.peer === 'object' ? event.peer.group : null;

/** Everything that Finrst printed, served, wrote or sent of these logins, by what it is. */
async function outputsOf(note: string): Promise<ReadonlyMap<string, string>> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'right.txt'), `${RIGHT}\n`);
  writeFileSync(join(folder, 'wrong.txt'), `${WRONG}\n`);
  writeFileSync(join(folder, 'right.headers'), `Cookie: session=${RIGHT}\n`);
  writeFileSync(join(folder, 'wrong.headers'), `Cookie: session=${WRONG}\n`);
  const servers = await Promise.all([
    serversOf(redisScript),
    serversOf(postgresScript),
    serversOf(mysqlScript),
    serversOf(amqpScript),
    serversOf(kafkaScript),
    serversOf(smtpScript),
    serversOf(ftpScript),
    serversOf(mqttScript),
    serversOf(natsScript),
    serversOf(httpScript),
    serversOf(websocketScript),
    serversOf(ldapScript),
    serversOf(cassandraScript),
    serversOf(mongodbScript),
    serversOf((echoed) => grpcScript(echoed === RIGHT ? '' : http2GoAway(11, echoed))),
  ]);
  const [redis, postgres, mysql, amqp, kafka, smtp, ftp, mqtt, nats, http, websocket, ldap, cassandra, mongodb, grpc] =
    servers;
  const collector = await startOtlpSink();
  onTestFinished(() => collector.close());
  const names = {
    'redis-right': redis.taking,
    'redis-wrong': redis.refusing,
    'postgres-right': postgres.taking,
    'postgres-wrong': postgres.refusing,
    'mysql-right': mysql.taking,
    'mysql-wrong': mysql.refusing,
    'amqp-right': amqp.taking,
    'amqp-wrong': amqp.refusing,
    'kafka-right': kafka.taking,
    'kafka-wrong': kafka.refusing,
    'smtp-right': smtp.taking,
    'smtp-wrong': smtp.refusing,
    'ftp-right': ftp.taking,
    'ftp-wrong': ftp.refusing,
    'mqtt-right': mqtt.taking,
    'mqtt-wrong': mqtt.refusing,
    'nats-right': nats.taking,
    'nats-wrong': nats.refusing,
    'http-right': http.taking,
    'http-wrong': http.refusing,
    'websocket-right': websocket.taking,
    'websocket-wrong': websocket.refusing,
    'ldap-right': ldap.taking,
    'ldap-wrong': ldap.refusing,
    'cassandra-right': cassandra.taking,
    'cassandra-wrong': cassandra.refusing,
    'mongodb-right': mongodb.taking,
    'mongodb-wrong': mongodb.refusing,
    'grpc-right': grpc.taking,
    'grpc-wrong': grpc.refusing,
  };
  const ports = Object.fromEntries(Object.entries(names).map(([name, { port }]) => [name, port]));
  const read = () => parseConfig(configOf(ports, collector.url, note), join(folder, 'finrst.yml'), readFileNow);
  const first = read();
  if (first.kind === 'invalid') throw new Error(first.problems[0]?.message);

  const clock = createFakeClock();
  const work = new PacedWork(clock);
  const [logfmt, json, terminal, lines]: [string[], string[], string[], string[]] = [[], [], [], []];
  const events: FinrstEvent[] = [];
  const keep = (event: FinrstEvent) => void events.push(event);
  const all = (type: FinrstEvent['type']) => events.filter((event) => event.type === type);
  const journal = join(folder, 'journal.jsonl');
  const log = { externalUrl: null, level: 'debug', clock, work } as const;
  const daemon = createDaemon({
    config: first.config,
    load: async () => read(),
    hostName: 'finrst-0',
    docsFolder: '',
    readFile,
    clock,
    random: seededRandom(1), // each span has an id of its own
    work,
    build: { version: '1.2.3', revision: 'abc', nodeVersion: '24.5.0' },
    platform: process.platform,
    env: {},
    sinks: {
      kept: { connection: keep, peer: keep, sample: keep, discovery: keep, process: keep },
      logfmt: createLog({ ...log, format: 'logfmt', output: outputOf(logfmt) }),
      json: createLog({ ...log, format: 'json', output: outputOf(json) }),
      terminal: new TerminalSink({
        write: (line) => void terminal.push(line),
        colours: false,
        columns: () => null,
        brief: false,
        clock,
        nameOf: ({ group }) => group,
        names: Object.keys(names),
      }).sink,
      lines: createJsonLines({ write: (line) => void lines.push(line), now: () => clock.now() }).sink,
    },
    web: { ...WEB_SETTINGS, enableLifecycle: true },
    eventsFile: journal,
  });
  const started = await daemon.start();
  if (started.kind === 'failed') throw new Error(started.problem);
  const address = started.listening[0] ?? '';
  await until(
    clock,
    () => all('connected').length === servers.length && all('connectFailed').length >= servers.length,
    1,
  );

  // A heartbeat, then last words of the servers that hold us, which repeat the password too.
  await until(clock, () => new Set(all('heartbeatAnswered').map(groupOf)).size === servers.length, 1000);
  const taking = [
    redis,
    postgres,
    mysql,
    amqp,
    kafka,
    mqtt,
    nats,
    http,
    websocket,
    ldap,
    cassandra,
    mongodb,
    grpc,
    smtp,
    ftp,
  ].map((each) => each.taking.accepted());
  const [
    redisSocket,
    postgresSocket,
    mysqlSocket,
    amqpSocket,
    kafkaSocket,
    mqttSocket,
    natsSocket,
    httpSocket,
    websocketSocket,
    ldapSocket,
    cassandraSocket,
    mongodbSocket,
    grpcSocket,
    ...others
  ] = await Promise.all(taking);
  redisSocket?.end(`-ERR ${RIGHT}\r\n`);
  postgresSocket?.end(errorMessage('E', { ...refusal(RIGHT), C: '57P01' }), 'latin1');
  mysqlSocket?.end(mysqlError(1927, 0, `#70100${RIGHT} was killed`), 'latin1');
  const goodbye = `\x8b${String.fromCharCode(reason(RIGHT).length)}${reason(RIGHT)}`;
  mqttSocket?.end(`\xe0${String.fromCharCode(goodbye.length)}${goodbye}`, 'latin1');
  natsSocket?.end(`-ERR 'Server Shutdown ${RIGHT}'\r\n`);
  httpSocket?.end(httpAnswer(408, `X-Echo: ${RIGHT}`, 'Connection: close'));
  websocketSocket?.end(websocketClose(1012, RIGHT), 'latin1');
  ldapSocket?.end(ldapNotice(52), 'latin1');
  kafkaSocket?.end(RIGHT); // no word of Kafka
  mongodbSocket?.end(mongodbError(0, 11_600, `${RIGHT} is gone`), 'latin1'); // asked by nobody
  cassandraSocket?.end(cqlError(0, `${RIGHT} broke it`, { stream: 0 }), 'latin1');
  amqpSocket?.end(amqpClose(320, `${RIGHT} was closed`), 'latin1');
  grpcSocket?.end(http2GoAway(0, `${RIGHT} max_age`), 'latin1');
  for (const socket of others) socket?.end(`421 ${RIGHT} timeout\r\n`);
  await until(clock, () => all('disconnected').length === servers.length, 1);

  const pages = new Map<string, string>();
  for (const path of PAGES) pages.set(path, (await ask(address, path)).text);
  writeFileSync(join(folder, 'wrong.txt'), `${WRONG}\0\n`);
  writeFileSync(join(folder, 'wrong.headers'), `${WRONG}\n`);
  pages.set('/-/reload', (await ask(address, '/-/reload', { method: 'POST' })).text);
  let isStopped = false;
  const stopped = daemon.stop('SIGTERM', 10_000).finally(() => (isStopped = true));
  await until(clock, () => isStopped, 1);
  await stopped;

  // The passwords were in use, and every output is about these peers.
  expect(redis.heard.join('')).toContain(RIGHT);
  expect(mongodb.heard.join('')).toContain('c=biws,r='); // its proof; the password itself never leaves
  expect(redis.heard.join('')).toContain(WRONG);
  expect(postgres.heard.join('')).toContain(proof(RIGHT));
  expect(postgres.heard.join('')).toContain(proof(WRONG));
  for (const password of [RIGHT, WRONG]) {
    expect(mysql.heard.join('')).toContain(scramble(password));
    expect(smtp.heard.join('')).toContain(plain(password));
    expect(http.heard.join('')).toContain(basic(password));
    expect(websocket.heard.join('')).toContain(`\r\nCookie: session=${password}\r\n`);
    for (const { heard } of [amqp, kafka, cassandra]) expect(heard.join('')).toContain(`\0${USER}\0${password}`);
    for (const { heard } of [ftp, mqtt, nats, ldap]) expect(heard.join('')).toContain(password);
  }
  expect(all('connectFailed')).toContainEqual(expect.objectContaining({ goodbye: 'auth_failed' }));
  expect(pages.get('/-/reload')).toContain('holds a zero byte');
  expect(pages.get('/-/reload')).toContain('wrong.headers, whose line 1 is no');
  const outputs = new Map([
    ...pages,
    ['the log', logfmt.join('')],
    ['the log in JSON', json.join('')],
    ['the terminal', terminal.join('\n')],
    ['the terminal in JSON', lines.join('\n')],
    ['the journal', readFileSync(journal, 'utf8')],
    ['the spans', JSON.stringify([...collector.spans.values()])],
    ['the events', JSON.stringify(events)],
  ]);
  for (const [output, text] of outputs) {
    if (PEERLESS.includes(output)) continue;
    for (const name of Object.keys(names)) expect(text, output).toContain(name);
  }
  return outputs;
}

/** Those that name no peer. */
const PEERLESS: readonly string[] = ['/-/reload', '/api/v1/incidents'];

/** The outputs in which a secret stands, in any of its forms. */
function leaking(outputs: ReadonlyMap<string, string>): readonly string[] {
  return [...outputs].flatMap(([output, text]) => (SECRETS.some((secret) => text.includes(secret)) ? [output] : []));
}

test('a password stands in no output, whether the server takes it, refuses it or repeats it', async () => {
  expect(leaking(await outputsOf('nothing'))).toEqual([]);
});

test('a password that somebody wrote into a label is found in each output that has labels', async () => {
  const outputs = await outputsOf(RIGHT);
  const withoutLabels = [...PEERLESS, 'the terminal'];
  expect(leaking(outputs)).toEqual([...outputs.keys()].filter((output) => !withoutLabels.includes(output)));
});

import type {
  AmqpSettings,
  Credentials,
  GrpcSettings,
  Http1Settings,
  Http2Settings,
  LdapSettings,
  KafkaSettings,
  MongodbSettings,
  MailSettings,
  MqttSettings,
  MysqlSettings,
  NatsSettings,
  PostgresSettings,
  RedisSettings,
  ScriptSettings,
  WebSocketSettings,
  ZookeeperSettings,
} from '../../src/settings/protocol-settings.ts';
import { parseSendTemplate, type SendPart } from '../../src/text/send-template.ts';

/** `redis` with nothing written but what is given. */
export function redisSettings(overrides: Partial<RedisSettings> = {}): RedisSettings {
  return { username: null, passwordFile: null, clientName: '', ...overrides };
}

/** `postgres` of the user finrst. */
export function postgresSettings(overrides: Partial<PostgresSettings> = {}): PostgresSettings {
  return {
    username: 'finrst',
    passwordFile: null,
    database: 'postgres',
    applicationName: 'finrst',
    directTls: false,
    ...overrides,
  };
}

/** `mysql` of the user finrst. */
export function mysqlSettings(overrides: Partial<MysqlSettings> = {}): MysqlSettings {
  return { username: 'finrst', passwordFile: null, serverPublicKey: null, ...overrides };
}

/** A packet of MySQL, one character for each byte. */
export function mysqlPacket(sequence: number, body: string): string {
  const { length } = body;
  return String.fromCharCode(length & 255, (length >> 8) & 255, length >> 16, sequence) + body;
}

/** The nonce of `mysqlGreeting`. */
export const MYSQL_NONCE = 'abcdefghijklmnopqrst';
/** And that of `mysqlSwitch`. */
export const MYSQL_OTHER_NONCE = 'tsrqponmlkjihgfedcba';

/** What a server of MySQL says first. Without `tls` it has none to give. */
export function mysqlGreeting({ plugin = 'mysql_native_password', tls = true } = {}): string {
  const low = tls ? '\xff\xff' : '\xff\xf7';
  const nonce = [MYSQL_NONCE.slice(0, 8), MYSQL_NONCE.slice(8)];
  const rest = `${low}\x2d\x02\x00\xff\x81\x15${'\0'.repeat(10)}${nonce[1]}\0${plugin}\0`;
  return mysqlPacket(0, `\x0a8.4.0\0\x07\0\0\0${nonce[0]}\0${rest}`);
}

/** An ERR packet. Those before the greeting have no SQLSTATE. */
export function mysqlError(code: number, sequence = 2, text = '#HY000words of the server'): string {
  return mysqlPacket(sequence, `\xff${String.fromCharCode(code & 255, code >> 8)}${text}`);
}

/** An OK packet. */
export function mysqlOk(sequence = 2): string {
  return mysqlPacket(sequence, '\0\0\0\x02\0\0\0');
}

/** Names another method, with a nonce of its own. */
export function mysqlSwitch(plugin: string, sequence = 2): string {
  return mysqlPacket(sequence, `\xfe${plugin}\0${MYSQL_OTHER_NONCE}\0`);
}

/** `amqp` of the user finrst. */
export function amqpSettings(overrides: Partial<AmqpSettings> = {}): AmqpSettings {
  return { username: 'finrst', passwordFile: '/run/pw', vhost: '/', ...overrides };
}

/** A frame of AMQP, one character for each byte. */
export function amqpFrame(type: number, channel: number, payload: string): string {
  return `${String.fromCharCode(type, 0, channel)}${uint32Text(payload.length)}${payload}\xce`;
}

/** A method of AMQP. */
export function amqpMethod(channel: number, group: number, method: number, body = ''): string {
  return amqpFrame(1, channel, `\0${String.fromCharCode(group)}\0${String.fromCharCode(method)}${body}`);
}

/** connection.start, with one property of the server. */
export function amqpStart(mechanisms = 'AMQPLAIN PLAIN'): string {
  const properties = '\x07productS\0\0\0\x08RabbitMQ';
  const texts = [properties, mechanisms, 'en_US'].map((text) => uint32Text(text.length) + text);
  return amqpMethod(0, 10, 10, `\0\x09${texts.join('')}`);
}

/** connection.tune with a heartbeat of so many seconds, as RabbitMQ says the rest. */
export function amqpTune(heartbeat = 60): string {
  return amqpMethod(0, 10, 30, `\x07\xff\0\x02\0\0\0${String.fromCharCode(heartbeat)}`);
}

/** The two answers of a login that make it ready. */
export const AMQP_OPEN_OK = amqpMethod(0, 10, 41, '\0');
export const AMQP_CHANNEL_OPEN_OK = amqpMethod(1, 20, 11, '\0\0\0\0');
/** The answer to a heartbeat. */
export const AMQP_QOS_OK = amqpMethod(1, 60, 11);

/** connection.close; `channel` 1: channel.close. */
export function amqpClose(code: number, text = '', channel = 0): string {
  const body = `${String.fromCharCode(code >> 8, code & 255, text.length)}${text}\0\0\0\0`;
  return channel === 0 ? amqpMethod(0, 10, 50, body) : amqpMethod(channel, 20, 40, body);
}

/** `kafka` without a login; with `sasl` of the user finrst. */
export function kafkaSettings(overrides: Partial<KafkaSettings> = {}): KafkaSettings {
  return { username: 'finrst', passwordFile: null, sasl: 'none', clientId: 'finrst', ...overrides };
}

/** The answer of a broker to the request of this number. */
export function kafkaAnswer(correlationId: number, body: string): string {
  return uint32Text(4 + body.length) + uint32Text(correlationId) + body;
}

/** Of ApiVersions: one request that the broker knows. */
export const KAFKA_VERSIONS = `\0\0${uint32Text(1)}\0\x12\0\0\0\x04`;
/** Of SaslHandshake: one mechanism. */
export const KAFKA_MECHANISMS = `\0\0${uint32Text(1)}\0\x05PLAIN`;

/** Of SaslAuthenticate: without an error, or with its code and a text for people. */
export function kafkaLogin({ code = 0, text = '', words = '', lifetimeMs = 0 } = {}): string {
  const error = String.fromCharCode(code >> 8, code & 255);
  const message = code === 0 ? '\xff\xff' : `\0${String.fromCharCode(text.length)}${text}`;
  return error + message + uint32Text(words.length) + words + uint32Text(0) + uint32Text(lifetimeMs);
}

/** `smtp` and `imap` without a login. */
export function mailSettings(overrides: Partial<MailSettings> = {}): MailSettings {
  return { username: null, passwordFile: null, starttls: false, ...overrides };
}

/** Without a login. */
export const NO_CREDENTIALS: Credentials = { username: null, passwordFile: null };

/** `script` with a greeting alone. */
export function scriptSettings(overrides: Partial<ScriptSettings> = {}): ScriptSettings {
  return {
    ...NO_CREDENTIALS,
    login: [{ kind: 'expect', expect: { kind: 'line', pattern: '^hello' }, refuse: [], startTls: false }],
    heartbeat: { send: sendParts('ping\\n'), expect: { kind: 'line', pattern: '^pong' } },
    goodbyes: [],
    farewell: [],
    ...overrides,
  };
}

/** What a script sends, as a configuration writes it. */
export function sendParts(text: string): readonly SendPart[] {
  const parsed = parseSendTemplate(text);
  if (parsed.kind === 'invalid') throw new Error(parsed.message);
  return parsed.parts;
}

/** A message of PostgreSQL, one character for each byte. */
export function postgresMessage(type: string, body: string): string {
  const length = 4 + body.length;
  return `${type}\0${String.fromCharCode(length >> 16, (length >> 8) & 255, length & 255)}${body}`;
}

/** An ErrorResponse (`E`) or a NoticeResponse (`N`) with these fields. */
export function errorMessage(type: 'E' | 'N', fields: Readonly<Record<string, string>>): string {
  const body = Object.entries(fields).map(([name, text]) => `${name}${text}\0`);
  return postgresMessage(type, `${body.join('')}\0`);
}

/** `http` with nothing written but what is given. */
export function httpSettings(overrides: Partial<Http1Settings> = {}): Http1Settings {
  return { ...NO_CREDENTIALS, path: '/', host: null, ...overrides };
}

/** The head of an answer of HTTP/1.1, with these lines behind the status. */
export function httpAnswer(status: number, ...lines: readonly string[]): string {
  return [`HTTP/1.1 ${status} Words`, 'Server: test', ...lines, '', ''].join('\r\n');
}

/** `websocket` with nothing written but what is given. */
export function websocketSettings(overrides: Partial<WebSocketSettings> = {}): WebSocketSettings {
  return { ...httpSettings(), credentials: 'authorization', origin: null, subprotocol: null, ...overrides };
}

/** What a server of WebSocket answers to the key of a session whose random bytes are 1, 2, 3 ... */
export function websocketHandshake(...lines: readonly string[]): string {
  // SHA-1 of AQIDBAUGBwgJCgsMDQ4PEA== and 258EAFA5-E914-47DA-95CA-C5AB0DC85B11, worked out with OpenSSL.
  const accepted = 'Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY=';
  return httpAnswer(101, 'Upgrade: websocket', 'Connection: Upgrade', accepted, ...lines);
}

/** A frame of a server of WebSocket: `first` has the opcode and the bit of the last part. */
export function websocketFrame(first: number, payload = ''): string {
  const { length } = payload;
  const head = length <= 125 ? [length] : length <= 0xffff ? [126] : [127];
  const more = length <= 125 ? '' : length <= 0xffff ? uint32Text(length).slice(2) : `\0\0\0\0${uint32Text(length)}`;
  return String.fromCharCode(first, ...head) + more + payload;
}

/** A close frame with this code. */
export function websocketClose(code: number, text = ''): string {
  return websocketFrame(0x88, uint32Text(code).slice(2) + text);
}

/** `http2` with nothing written but what is given. */
export function http2Settings(overrides: Partial<Http2Settings> = {}): Http2Settings {
  return { username: null, passwordFile: null, path: '/', authority: null, ...overrides };
}

/** `grpc` with nothing written but what is given. */
export function grpcSettings(overrides: Partial<GrpcSettings> = {}): GrpcSettings {
  return { username: null, passwordFile: null, service: '', authority: null, ...overrides };
}

/** A frame of HTTP/2, one character for each byte. */
export function http2Frame(type: number, flags: number, stream: number, payload = ''): string {
  const { length } = payload;
  const header = [length >> 16, (length >> 8) & 255, length & 255, type, flags];
  return String.fromCharCode(...header) + uint32Text(stream) + payload;
}

/** A whole answer of HTTP/2: headers, which nobody reads, and the end of the stream. */
export function http2Answer(stream: number): string {
  return http2Frame(1, 0x5, stream, '\x88');
}

/** An answer of the health service of gRPC: headers, SERVING, trailers. */
export function grpcAnswer(stream: number): string {
  const serving = '\0\0\0\0\x02\x08\x01';
  return http2Frame(1, 0x4, stream, '\x88') + http2Frame(0, 0, stream, serving) + http2Frame(1, 0x5, stream, '\x88');
}

/** A GOAWAY of HTTP/2 that names no stream. */
export function http2GoAway(code: number, text = ''): string {
  return http2Frame(7, 0, 0, uint32Text(0) + uint32Text(code) + text);
}

/** Four bytes, big endian, one character each. */
export function uint32Text(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** `mqtt` without a login. */
export function mqttSettings(overrides: Partial<MqttSettings> = {}): MqttSettings {
  return { username: null, passwordFile: null, version: '3.1.1', clientId: null, ...overrides };
}

/** Of version 5, with these properties; those of 3.1.1 have none. */
export function mqttConnAck(code: number, properties = ''): string {
  const body = `\0${String.fromCharCode(code, properties.length)}${properties}`;
  return `\x20${String.fromCharCode(body.length)}${body}`;
}

/** `nats` without a login. */
export function natsSettings(overrides: Partial<NatsSettings> = {}): NatsSettings {
  return { username: null, passwordFile: null, tlsFirst: false, ...overrides };
}

/** The INFO of a server. */
export function natsInfo(more: Readonly<Record<string, unknown>> = {}): string {
  return `INFO ${JSON.stringify({ server_id: 'NA', version: '2.10.0', max_payload: 1_048_576, ...more })} \r\n`;
}

/** `ldap` without a login. */
export function ldapSettings(overrides: Partial<LdapSettings> = {}): LdapSettings {
  return { username: null, passwordFile: null, starttls: false, ...overrides };
}

/** What ends an operation of LDAP: its tag, a code, two texts, and what stands behind them. */
export function ldapResult(id: number, operation: number, code: number, more = ''): string {
  const result = `\x0a\x01${String.fromCharCode(code)}\x04\0\x04\x04text${more}`;
  const body = `\x02\x01${String.fromCharCode(id, operation, result.length)}${result}`;
  return `\x30${String.fromCharCode(body.length)}${body}`;
}

/** The notice of disconnection. */
export function ldapNotice(code: number): string {
  const name = '1.3.6.1.4.1.1466.20036';
  return ldapResult(0, 0x78, code, `\x8a${String.fromCharCode(name.length)}${name}`);
}

/** `zookeeper` with nothing written but what is given. */
export function zookeeperSettings(overrides: Partial<ZookeeperSettings> = {}): ZookeeperSettings {
  return { ...NO_CREDENTIALS, sessionTimeoutMs: null, ...overrides };
}

/** What a server of ZooKeeper answers to the request for a session: its timeout, number and password. */
export function zookeeperConnected(timeoutMs: number): string {
  const body = `${uint32Text(0)}${uint32Text(timeoutMs)}12345678${uint32Text(16)}0123456789abcdef\0`;
  return uint32Text(body.length) + body;
}

/** And to a request of this number. */
export function zookeeperReply(request: number, error = 0): string {
  return `${uint32Text(16)}${uint32Text(request)}12345678${uint32Text(error)}`;
}

/** A frame of a server of CQL: OPTIONS and logins are on stream 1. */
export function cqlFrame(opcode: number, body = '', { stream = 1, flags = 0 } = {}): string {
  const head = String.fromCharCode(0x84, flags, stream >> 8, stream & 255, opcode);
  return head + uint32Text(body.length) + body;
}

/** An ERROR. */
export function cqlError(code: number, text = 'words of the server', more = {}): string {
  return cqlFrame(0x00, `${uint32Text(code)}\0${String.fromCharCode(text.length)}${text}`, more);
}

/** The answers of a login that goes well, and to OPTIONS. */
export const CQL_SUPPORTED = cqlFrame(0x06, '\0\x01\0\x0bCQL_VERSION\0\x01\0\x053.4.7');
export const CQL_AUTHENTICATE = cqlFrame(0x03, '\0\x2forg.apache.cassandra.auth.PasswordAuthenticator');
export const CQL_AUTH_SUCCESS = cqlFrame(0x10, '\xff\xff\xff\xff');

/** `mongodb` with nothing written but what is given. */
export function mongodbSettings(overrides: Partial<MongodbSettings> = {}): MongodbSettings {
  return { ...NO_CREDENTIALS, authSource: 'admin', ...overrides };
}

/** Four bytes, little endian, one character each. */
export function uint32leText(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

/** A document of BSON with these elements: a type, a name and the bytes of a value. */
export function bson(...elements: readonly (readonly [type: number, name: string, value: string])[]): string {
  const body = elements.map(([type, name, value]) => `${String.fromCharCode(type)}${name}\0${value}`).join('');
  return `${uint32leText(body.length + 5)}${body}\0`;
}

/** A message of MongoDB that answers the request of this number, or is one. */
export function mongodbMessage(answers: number, document: string, { number = 77, kind = 2013 } = {}): string {
  const rest = `${[number, answers, kind, 0].map(uint32leText).join('')}\0${document}`;
  return uint32leText(rest.length + 4) + rest;
}

/** `ok` as servers say it. */
export const MONGODB_OK = [0x01, 'ok', '\0\0\0\0\0\0\xf0\x3f'] as const;

/** An answer without an error. */
export function mongodbOk(answers: number): string {
  return mongodbMessage(answers, bson([0x08, 'helloOk', '\x01'], MONGODB_OK));
}

/** And one with it. */
export function mongodbError(answers: number, code: number, text = 'words of the server'): string {
  const words = `${uint32leText(text.length + 1)}${text}\0`;
  const isNot = [0x01, 'ok', '\0'.repeat(8)] as const;
  return mongodbMessage(answers, bson(isNot, [0x02, 'errmsg', words], [0x10, 'code', uint32leText(code)]));
}

/** A step of a login. */
export function mongodbSasl(answers: number, payload: string, isDone = false): string {
  const binary = `${uint32leText(payload.length)}\0${payload}`;
  return mongodbMessage(
    answers,
    bson(
      [0x10, 'conversationId', uint32leText(5)],
      [0x08, 'done', isDone ? '\x01' : '\0'],
      [0x05, 'payload', binary],
      MONGODB_OK,
    ),
  );
}

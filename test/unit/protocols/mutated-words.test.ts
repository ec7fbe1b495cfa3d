import { expect, test } from 'vitest';
import { createProtocol, PROTOCOLS } from '../../../src/protocols/registry.ts';
import type { Protocol, Session, Step } from '../../../src/protocols/session.ts';
import {
  AMQP_CHANNEL_OPEN_OK,
  AMQP_OPEN_OK,
  AMQP_QOS_OK,
  amqpClose,
  amqpFrame,
  amqpSettings,
  amqpStart,
  amqpTune,
  errorMessage,
  grpcAnswer,
  grpcSettings,
  httpAnswer,
  http2Answer,
  http2Frame,
  http2GoAway,
  http2Settings,
  httpSettings,
  ldapNotice,
  ldapResult,
  ldapSettings,
  KAFKA_MECHANISMS,
  KAFKA_VERSIONS,
  kafkaAnswer,
  kafkaLogin,
  kafkaSettings,
  mailSettings,
  mqttConnAck,
  mqttSettings,
  mysqlError,
  mysqlGreeting,
  mysqlOk,
  mysqlPacket,
  mysqlSettings,
  mysqlSwitch,
  natsInfo,
  natsSettings,
  NO_CREDENTIALS,
  postgresMessage,
  postgresSettings,
  redisSettings,
  scriptSettings,
  sendParts,
  websocketClose,
  websocketFrame,
  websocketHandshake,
  websocketSettings,
} from '../../support/protocol-samples.ts';
import { sessionContext } from '../../support/session-context.ts';

/** The same each time. More of them: FUZZ_ROUNDS=100000, which takes minutes. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 2000);

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const request = (code: number, rest: string): string =>
  postgresMessage('R', `\0\0\0${String.fromCharCode(code)}${rest}`);

/** A name begins with that of the protocol. */
type Sample = { readonly name: string; readonly protocol: Protocol; readonly words: readonly string[] };

const SAMPLES: readonly Sample[] = [
  {
    name: 'send_expect',
    protocol: createProtocol({
      name: 'send_expect',
      settings: { send: bytes('PING\r\n'), expect: bytes('+PO+PONG') },
    }),
    words: ['+PO+PO+PONG\r\n', '+PO+PONG\r\n', '-ERR\r\n'],
  },
  {
    name: 'redis',
    protocol: createProtocol({ name: 'redis', settings: redisSettings({ clientName: 'f' }) }),
    words: ['+OK\r\n+OK\r\n+PONG\r\n', '+PONG\r\n', '-LOADING x\r\n', '-ERR max number of clients reached\r\n'],
  },
  {
    name: 'postgres',
    protocol: createProtocol({ name: 'postgres', settings: postgresSettings() }),
    words: [
      request(10, 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'),
      request(11, 'r=AQIDBAUGBwgJCgsMDQ4PEBESx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'),
      request(12, 'v=AAAA'),
      request(5, 'abcd'),
      request(0, ''),
      postgresMessage('Z', 'I'),
      errorMessage('N', { S: 'NOTICE', C: '01000', M: 'x' }),
      errorMessage('E', { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'x' }),
    ],
  },
  {
    name: 'mysql',
    protocol: createProtocol({ name: 'mysql', settings: mysqlSettings() }),
    words: [
      mysqlGreeting({ plugin: 'caching_sha2_password' }),
      mysqlSwitch('mysql_native_password'),
      mysqlSwitch('caching_sha2_password'),
      mysqlPacket(4, '\x01\x04'),
      mysqlOk(6),
      mysqlOk(1),
      mysqlError(4031),
    ],
  },
  {
    name: 'amqp',
    protocol: createProtocol({ name: 'amqp', settings: amqpSettings() }),
    words: [
      amqpStart(),
      amqpTune(),
      AMQP_OPEN_OK,
      AMQP_CHANNEL_OPEN_OK,
      amqpFrame(8, 0, '') + AMQP_QOS_OK,
      amqpClose(406, 'PRECONDITION_FAILED', 1),
      AMQP_CHANNEL_OPEN_OK,
      amqpClose(530, 'NOT_ALLOWED - vhost a not found'),
      amqpClose(320),
    ],
  },
  {
    name: 'kafka',
    protocol: createProtocol({ name: 'kafka', settings: kafkaSettings({ sasl: 'scram-sha-512' }) }),
    words: [
      kafkaAnswer(1, KAFKA_VERSIONS),
      kafkaAnswer(2, KAFKA_MECHANISMS),
      kafkaAnswer(3, kafkaLogin({ words: 'r=AQIDBAUGBwgJCgsMDQ4PEBESx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096' })),
      kafkaAnswer(4, kafkaLogin({ words: 'v=AAAA', lifetimeMs: 3_600_000 })),
      kafkaAnswer(5, KAFKA_VERSIONS),
    ],
  },
  {
    name: 'kafka without a login',
    protocol: createProtocol({ name: 'kafka', settings: kafkaSettings() }),
    words: [1, 2, 3, 4].map((id) => kafkaAnswer(id, KAFKA_VERSIONS)),
  },
  {
    name: 'script',
    protocol: createProtocol({
      name: 'script',
      settings: scriptSettings({
        login: [
          { kind: 'expect', expect: { kind: 'line', pattern: '^hello (?<name>\\S+)' }, refuse: [], startTls: false },
          { kind: 'send', parts: sendParts('I heard ${name} ${base64:${password}}\\n') },
          { kind: 'expect', expect: { kind: 'bytes', bytes: bytes('o\xffk') }, refuse: [], startTls: false },
        ],
        goodbyes: [{ match: '^([0-9]+) bye', goodbye: 'going_away' }],
      }),
    }),
    words: ['hello you\n', 'so\xffkay\n', 'pong\npong\n', '421 bye\n'],
  },
  {
    name: 'smtp',
    protocol: createProtocol({ name: 'smtp', settings: mailSettings({ username: 'u' }) }),
    words: ['220-a\r\n220 b\r\n', '250-a\r\n250 b\r\n', '235 c\r\n', '250 ok\r\n', '421 4.4.2 timeout\r\n'],
  },
  {
    name: 'smtp with STARTTLS',
    protocol: createProtocol({ name: 'smtp', settings: mailSettings({ starttls: true }) }),
    words: ['220 b\r\n', '250 b\r\n', '220 go\r\n', '250 ok\r\n', '250 ok\r\n', '421 bye\r\n'],
  },
  {
    name: 'imap',
    protocol: createProtocol({ name: 'imap', settings: mailSettings({ username: 'u' }) }),
    words: ['* OK ready\r\n', '* x\r\nb OK\r\n', 'c OK\r\n', '* BYE idle\r\n', 'b NO [LIMIT] x\r\n'],
  },
  {
    name: 'ftp',
    protocol: createProtocol({ name: 'ftp', settings: NO_CREDENTIALS }),
    words: ['220-x\r\n220 b\r\n', '331 b\r\n', '230 ok\r\n', '200 ok\r\n', '421 Timeout.\r\n', '500 OOPS\r\n'],
  },
  {
    name: 'memcached',
    protocol: createProtocol({ name: 'memcached', settings: NO_CREDENTIALS }),
    words: ['VERSION 1\r\n', 'VERSION 1\r\n', 'SERVER_ERROR x\r\n', 'ERROR Too many open connections\r\n'],
  },
  {
    name: 'http',
    protocol: createProtocol({ name: 'http', settings: httpSettings({ username: 'u' }) }),
    words: [
      httpAnswer(103, 'Link: x') + httpAnswer(200, 'Keep-Alive: timeout=5, max=100', 'Connection: Keep-Alive'),
      httpAnswer(404, 'Content-Length: 5', 'X: folded', '\tagain'),
      httpAnswer(503),
      httpAnswer(200, 'Connection: close'),
      httpAnswer(408, 'Connection: close') + '<html>',
    ],
  },
  {
    name: 'websocket',
    protocol: createProtocol({ name: 'websocket', settings: websocketSettings() }),
    words: [
      websocketHandshake('Server: x'),
      websocketFrame(0x01, 'part') + websocketFrame(0x89, 'ping') + websocketFrame(0x80, 'x'.repeat(200)),
      websocketFrame(0x8a, '\x01') + websocketFrame(0x8a, '\x02'),
      websocketFrame(0x82, 'x'.repeat(70)),
      websocketClose(1012, 'restart'),
    ],
  },
  {
    name: 'http2',
    protocol: createProtocol({ name: 'http2', settings: http2Settings() }),
    words: [
      http2Frame(4, 0, 0, '\0\x04\0\0\xff\xff') + http2Frame(8, 0, 0, '\0\x01\0\0'),
      http2Answer(1),
      http2Frame(6, 0, 0, 'pingpong') + http2Frame(1, 0, 3, 'abc') + http2Frame(9, 5, 3, 'def'),
      http2Answer(5),
      http2GoAway(0, 'max_age'),
      http2GoAway(0),
    ],
  },
  {
    name: 'grpc',
    protocol: createProtocol({ name: 'grpc', settings: grpcSettings({ service: 'shop.v1.Cart' }) }),
    words: [
      http2Frame(4, 0, 0, '\0\x04\0\0\0\x02') + grpcAnswer(1),
      http2Frame(8, 0, 3, '\0\0\0\x07') + grpcAnswer(3),
      http2Frame(3, 0, 5, '\0\0\0\x07'),
      grpcAnswer(7),
      http2GoAway(11, 'too_many_pings'),
    ],
  },
  {
    name: 'mqtt',
    protocol: createProtocol({ name: 'mqtt', settings: mqttSettings() }),
    words: ['\x20\x02\0\0', '\xd0\0', '\x30\x85\x01' + 'x'.repeat(133) + '\xd0\0', '\xd0\0\xd0\0'],
  },
  {
    name: 'mqtt of version 5',
    protocol: createProtocol({ name: 'mqtt', settings: mqttSettings({ version: '5' }) }),
    words: [
      mqttConnAck(0, '\x21\0\x14\x12\0\x02id\x26\0\x01a\0\x01b\x13\0\x05'),
      '\xd0\0',
      '\x30\x03\0\x01a',
      '\xe0\x02\x8e\0',
    ],
  },
  {
    name: 'nats',
    protocol: createProtocol({ name: 'nats', settings: natsSettings({ username: 'u' }) }),
    words: [
      natsInfo({ tls_available: true }),
      'PING\r\n+OK\r\nPONG\r\n',
      'PONG\r\nPING\r\n',
      natsInfo({ ldm: true }),
      "-ERR 'Permissions Violation for Publish to \"a\"'\r\n-ERR 'Stale Connection'\r\n",
    ],
  },
  {
    name: 'ldap',
    protocol: createProtocol({ name: 'ldap', settings: ldapSettings() }),
    words: [
      ldapResult(1, 0x61, 0),
      ldapResult(2, 0x64, 0) + ldapResult(2, 0x65, 0),
      ldapResult(3, 0x65, 1),
      ldapNotice(52),
    ],
  },
  {
    name: 'ldap with StartTLS',
    protocol: createProtocol({ name: 'ldap', settings: ldapSettings({ starttls: true, username: 'cn=u' }) }),
    words: [ldapResult(1, 0x78, 0), ldapResult(2, 0x61, 0), ldapResult(3, 0x65, 0), ldapNotice(3)],
  },
];

/** The same numbers for the same seed (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Bytes changed, cut, doubled, or all of them made up; in half of the cases none. */
function mutated(words: Uint8Array, below: (bound: number) => number): Uint8Array {
  if (below(2) === 0) return words; // so that what comes late in a login is reached as well
  const changed = Uint8Array.from(words);
  switch (below(5)) {
    case 0:
      return Uint8Array.from({ length: below(60) }, () => below(256));
    case 1:
      return changed.subarray(0, below(changed.length + 1));
    case 2:
      return Uint8Array.from([...changed, ...changed]);
    default:
      for (let times = below(4); times >= 0; times--) changed[below(changed.length)] = below(256);
      return changed;
  }
}

function* piecesOf(whole: Uint8Array, below: (bound: number) => number): Generator<Uint8Array> {
  for (let at = 0; at < whole.length;) {
    const size = 1 + below(whole.length);
    yield whole.subarray(at, at + size);
    at += size;
  }
}

/** Steps of the session and of what the driver answers at once. */
function answer(session: Session, steps: readonly Step[]): readonly Step[] {
  const more = steps.flatMap(({ kind }) => {
    if (kind === 'derive') return session.derived(new Uint8Array(32));
    return kind === 'startTls' ? session.secured(null) : [];
  });
  return [...steps, ...more];
}

/** Every how many rounds the words come as they are. */
const UNCHANGED_EACH = 20;

test('every registered protocol has words to change', () => {
  const named = SAMPLES.map(({ name }) => name.replace(/ .*/, ''));
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(PROTOCOLS).toSorted());
});

/** What follows from the words as they are, a heartbeat asked for between two of them. */
function unchanged({ protocol, words }: Sample): readonly (readonly Step[])[] {
  const session = protocol.open(sessionContext({ password: 'secret' }));
  const seen = [answer(session, session.start())];
  for (const word of words) {
    const steps = answer(session, session.received(bytes(word)));
    seen.push(steps);
    if (seen.some((each) => each.some(({ kind }) => kind === 'ready'))) seen.push(session.beat());
  }
  return seen;
}

test.each(SAMPLES)(
  '$name: whatever a peer sends, nothing is thrown, no step is made up, and others get theirs',
  (sample) => {
    const { protocol, words } = sample;
    const known = new Set([...protocol.goodbyes.connect, ...protocol.goodbyes.held]);
    const expected = unchanged(sample);
    for (let round = 0; round < ROUNDS; round++) {
      const below = numbersFrom(round);
      const session = protocol.open(sessionContext({ password: 'secret', tls: below(3) === 0 }));
      session.start();
      let isReady = false;
      for (const word of words) {
        const whole = mutated(bytes(word), below);
        for (const piece of piecesOf(whole, below)) {
          const steps = answer(session, session.received(piece));
          expect(steps.length, `steps in round ${round}`).toBeLessThanOrEqual(piece.length + 4);
          for (const step of steps) {
            isReady ||= step.kind === 'ready';
            if (step.kind === 'refused' || step.kind === 'goodbye') expect(known).toContain(step.goodbye);
            if ('code' in step) expect(step.code).toMatch(/^[0-9A-Za-z_.-]{1,16}$/);
          }
        }
        if (isReady && below(4) === 0) session.beat();
      }
      if (round % UNCHANGED_EACH === 0) expect(unchanged(sample), `after round ${round}`).toEqual(expected);
    }
  },
  Math.max(30_000, ROUNDS * 20),
);

import { array, assert, constant, oneof, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { createProtocol, PROTOCOLS } from '../../../src/protocols/registry.ts';
import type { Protocol, Session, SessionContext, Step } from '../../../src/protocols/session.ts';
import type { ProtocolName } from '../../../src/settings/protocol-settings.ts';
import { sessionContext } from '../../support/session-context.ts';
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
  postgresSettings,
  redisSettings,
  scriptSettings,
  sendParts,
  websocketClose,
  websocketFrame,
  websocketHandshake,
  websocketSettings,
} from '../../support/protocol-samples.ts';

type State = 'opening' | 'securing' | 'held' | 'saidGoodbye' | 'over';
type Input = 'start' | 'received' | 'secured' | 'derived' | 'beat';

const OPENING = ['send', 'startTls', 'derive', 'ready', 'refused', 'broken'] as const;

/** Which steps may come when. Adding a state or an input without filling this in does not compile. */
const LEGAL: Readonly<Record<State, Readonly<Record<Input, readonly Step['kind'][]>>>> = {
  opening: { start: OPENING, received: OPENING, secured: OPENING, derived: ['send', 'refused'], beat: [] },
  // Nothing is sent until the handshake is done.
  securing: { start: [], received: ['refused'], secured: [], derived: [], beat: [] },
  held: { start: [], received: ['send', 'answered', 'goodbye', 'broken'], secured: [], derived: [], beat: ['send'] },
  saidGoodbye: {
    start: [],
    received: ['send', 'answered', 'goodbye', 'broken'],
    secured: [],
    derived: [],
    beat: ['send'],
  },
  over: { start: [], received: [], secured: [], derived: [], beat: [] },
};

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

type Sample = {
  readonly shape: string;
  readonly protocol: Protocol;
  readonly context?: Partial<SessionContext>;
  readonly words: readonly string[];
};

const POSTGRES_WORDS = [
  'S',
  'N',
  'R\0\0\0\x08\0\0\0\0',
  'R\0\0\0\x08\0\0\0\x03',
  'R\0\0\0\x0c\0\0\0\x05abcd',
  'R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0',
  'R\0\0\0\x3b\0\0\0\x0br=AQIDBAUGBwgJCgsMDQ4PEBES9,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  'Z\0\0\0\x05I',
  errorMessage('E', { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'bye' }),
  errorMessage('N', { S: 'WARNING', V: 'WARNING', C: '57P02', M: 'bye' }),
  'HTTP/1.1 400 Bad Request\r\n',
];

const MYSQL_WORDS = [
  mysqlGreeting(),
  mysqlGreeting({ plugin: 'caching_sha2_password', tls: false }),
  mysqlSwitch('caching_sha2_password'),
  mysqlSwitch('mysql_native_password'),
  mysqlSwitch('client_ed25519'),
  mysqlPacket(2, '\x01\x03'),
  mysqlPacket(2, '\x01\x04'),
  mysqlOk(),
  mysqlOk(1),
  mysqlError(1045),
  'HTTP/1.1 400 Bad Request\r\n',
];

const HTTP_WORDS = [
  httpAnswer(200),
  httpAnswer(404, 'Keep-Alive: timeout=5', 'Connection: keep-alive'),
  httpAnswer(100),
  httpAnswer(101),
  httpAnswer(408, 'Connection: close'),
  httpAnswer(503),
  'HTTP/1.0 200\r\n\r\n',
  'HTTP/1.1 20',
  '0 OK\r\nA: b\r',
  '\n\r\n',
  'SSH-2.0-x\r\n',
];

const AMQP_WORDS = [
  amqpStart(),
  amqpStart('EXTERNAL'),
  amqpTune(),
  amqpTune(0),
  AMQP_OPEN_OK,
  AMQP_CHANNEL_OPEN_OK,
  AMQP_QOS_OK,
  amqpFrame(8, 0, ''),
  amqpFrame(3, 1, 'a message'),
  amqpClose(404, 'gone', 1),
  amqpClose(403, 'refused'),
  amqpClose(320),
  'AMQP\0\0\x09\x01',
  'HTTP/1.1 400 Bad Request\r\n',
];

const KAFKA_WORDS = [
  kafkaAnswer(1, KAFKA_VERSIONS),
  kafkaAnswer(2, KAFKA_VERSIONS),
  kafkaAnswer(2, KAFKA_MECHANISMS),
  kafkaAnswer(2, '\0\x21\0\0\0\0'),
  kafkaAnswer(3, kafkaLogin({ words: 'r=AQIDBAUGBwgJCgsMDQ4PEBESx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096' })),
  kafkaAnswer(3, kafkaLogin({ lifetimeMs: 60_000 })),
  kafkaAnswer(3, kafkaLogin({ code: 58, text: 'no' })),
  kafkaAnswer(3, KAFKA_VERSIONS),
  kafkaAnswer(4, kafkaLogin({ words: 'v=AAAA' })),
  kafkaAnswer(4, KAFKA_VERSIONS),
  'HTTP/1.1 400 Bad Request\r\n',
];

const HTTP2_WORDS = [
  http2Frame(4, 0, 0),
  http2Frame(4, 0, 0, '\0\x04\0\0\0\0'),
  http2Frame(4, 1, 0),
  http2Answer(1),
  grpcAnswer(3),
  http2Answer(5),
  http2Frame(1, 0, 3),
  http2Frame(9, 4, 3),
  http2Frame(3, 0, 1, '\0\0\0\x07'),
  http2Frame(6, 0, 0, 'pingpong'),
  http2Frame(8, 0, 0, '\0\0\0\x01'),
  http2GoAway(0, 'max_age'),
  http2GoAway(11),
  'HTTP/1.1 400 Bad Request\r\n',
];

const NATS_WORDS = [
  natsInfo(),
  natsInfo({ tls_required: true }),
  natsInfo({ ldm: true }),
  'PING\r\n',
  'PONG\r\n',
  "-ERR 'Authorization Violation'\r\n",
  "-ERR 'Permissions Violation for Publish'\r\n",
  '+OK\r\n',
  'PO',
  'NG\r\n',
  'HTTP/1.1 400 Bad Request\r\n',
];

const LDAP_WORDS = [
  ldapResult(1, 0x61, 0),
  ldapResult(1, 0x61, 49),
  ldapResult(2, 0x65, 0),
  ldapResult(2, 0x64, 0),
  ldapNotice(52),
  '\x30\x0c',
  'HTTP/1.1 400 Bad Request\r\n',
];

const REPLIES = [
  '220 mail ready\r\n',
  '250-mail\r\n250 SIZE\r\n',
  '250 ok\r\n',
  '235 ok\r\n',
  '331 password\r\n',
  '230 ok\r\n',
  '454 no\r\n',
  '535 5.7.8 wrong\r\n',
  '421 4.4.2 timeout\r\n',
  '42',
  '1 bye\r',
  '\n',
  'HTTP/1.1 400 Bad Request\r\n',
];

/** Each registered protocol in each of its shapes, with words that a peer of it says. */
const SAMPLES: Readonly<Record<ProtocolName, readonly Sample[]>> = {
  send_expect: [
    {
      shape: 'with an answer',
      protocol: createProtocol({
        name: 'send_expect',
        settings: { send: bytes('PING\r\n'), expect: bytes('+PONG') },
      }),
      words: ['+PONG\r\n', '+PO', 'NG', '-ERR\r\n'],
    },
    {
      shape: 'without',
      protocol: createProtocol({ name: 'send_expect', settings: { send: bytes('\n'), expect: null } }),
      words: ['hello'],
    },
  ],
  redis: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'redis', settings: redisSettings({ clientName: 'finrst' }) }),
      context: { password: 'secret' },
      words: ['+OK\r\n', '+PONG\r\n', '-NOAUTH x\r\n', '-BUSY x\r\n', '+PO', 'NG\r', '\n', 'HTTP/1.1 400\r\n'],
    },
  ],
  postgres: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'postgres', settings: postgresSettings() }),
      context: { password: 'secret' },
      words: POSTGRES_WORDS,
    },
    {
      shape: 'with TLS',
      protocol: createProtocol({ name: 'postgres', settings: postgresSettings() }),
      context: { password: 'secret', tls: true },
      words: POSTGRES_WORDS,
    },
  ],
  mysql: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'mysql', settings: mysqlSettings() }),
      context: { password: 'secret' },
      words: MYSQL_WORDS,
    },
    {
      shape: 'with TLS',
      protocol: createProtocol({ name: 'mysql', settings: mysqlSettings() }),
      context: { password: 'secret', tls: true },
      words: MYSQL_WORDS,
    },
  ],
  amqp: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'amqp', settings: amqpSettings() }),
      context: { password: 'secret' },
      words: AMQP_WORDS,
    },
  ],
  kafka: [
    {
      shape: 'without a login',
      protocol: createProtocol({ name: 'kafka', settings: kafkaSettings() }),
      words: KAFKA_WORDS,
    },
    {
      shape: 'with PLAIN',
      protocol: createProtocol({ name: 'kafka', settings: kafkaSettings({ sasl: 'plain' }) }),
      context: { password: 'secret' },
      words: KAFKA_WORDS,
    },
    {
      shape: 'with SCRAM',
      protocol: createProtocol({ name: 'kafka', settings: kafkaSettings({ sasl: 'scram-sha-256' }) }),
      context: { password: 'secret' },
      words: KAFKA_WORDS,
    },
  ],
  script: [
    {
      shape: 'by lines and bytes',
      protocol: createProtocol({
        name: 'script',
        settings: scriptSettings({
          login: [
            { kind: 'expect', expect: { kind: 'line', pattern: '^hello (?<name>.*)' }, refuse: [], startTls: false },
            { kind: 'send', parts: sendParts('I heard ${name}\\n') },
            { kind: 'expect', expect: { kind: 'bytes', bytes: bytes('o\xffk') }, refuse: [], startTls: false },
          ],
          heartbeat: { send: sendParts('ping'), expect: { kind: 'bytes', bytes: bytes('pong') } },
          goodbyes: [{ match: '^bye', goodbye: 'going_away' }],
        }),
      }),
      words: ['hello you\n', 'hello \x01\n', 'o\xff', 'k', 'pong', 'pon', 'g', 'bye\n', '\n'],
    },
    {
      shape: 'of nothing',
      protocol: createProtocol({ name: 'script', settings: scriptSettings({ login: [], heartbeat: null }) }),
      words: ['hello\n'],
    },
  ],
  smtp: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'smtp', settings: mailSettings({ username: 'u' }) }),
      context: { password: 'secret' },
      words: REPLIES,
    },
    {
      shape: 'with STARTTLS',
      protocol: createProtocol({ name: 'smtp', settings: mailSettings({ starttls: true }) }),
      context: { tls: true },
      words: REPLIES,
    },
  ],
  imap: [
    {
      shape: 'with STARTTLS and a password',
      protocol: createProtocol({ name: 'imap', settings: mailSettings({ starttls: true, username: 'u' }) }),
      context: { password: 'secret', tls: true },
      words: ['* OK ready\r\n', 'a OK\r\n', 'b OK\r\n', 'b NO [LIMIT]\r\n', 'c OK\r\n', '* BYE\r\n', '* ', 'OK\r\n'],
    },
  ],
  ftp: [{ shape: 'anonymous', protocol: createProtocol({ name: 'ftp', settings: NO_CREDENTIALS }), words: REPLIES }],
  memcached: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'memcached', settings: NO_CREDENTIALS }),
      words: ['VERSION 1.6\r\n', 'ERROR Too many open connections\r\n', 'SERVER_ERROR\r\n', 'VERS', 'ION 1\r\n'],
    },
  ],
  http: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'http', settings: httpSettings({ username: 'u' }) }),
      context: { password: 'secret' },
      words: HTTP_WORDS,
    },
    {
      shape: 'with a value that is none',
      protocol: createProtocol({ name: 'http', settings: httpSettings() }),
      context: { password: 'two\nlines' },
      words: HTTP_WORDS,
    },
  ],
  websocket: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'websocket', settings: websocketSettings() }),
      words: [
        websocketHandshake(),
        websocketHandshake() + websocketFrame(0x89, 'ping') + websocketClose(1001),
        httpAnswer(101),
        httpAnswer(403),
        websocketFrame(0x8a, '\x01'),
        websocketFrame(0x8a, '\x02'),
        websocketFrame(0x01, 'part'),
        websocketFrame(0x80, 'x'.repeat(200)),
        websocketFrame(0x82, 'x'),
        websocketFrame(0x89),
        websocketClose(1012, 'restart'),
        websocketFrame(0x88),
        '\x8a',
        '\x01\x03',
        'SSH-2.0-x\r\n',
      ],
    },
    {
      shape: 'with a value that is none',
      protocol: createProtocol({ name: 'websocket', settings: websocketSettings() }),
      context: { password: 'two\nlines' },
      words: [websocketHandshake()],
    },
  ],
  http2: [
    { shape: 'plain', protocol: createProtocol({ name: 'http2', settings: http2Settings() }), words: HTTP2_WORDS },
  ],
  mqtt: [
    {
      shape: 'of version 3.1.1',
      protocol: createProtocol({ name: 'mqtt', settings: mqttSettings({ username: 'u' }) }),
      context: { password: 'secret' },
      words: ['\x20\x02\0\0', '\x20\x02\0\x05', '\xd0\0', '\x20', '\x02\0', '\0', '\xe0\0', 'HTTP/1.1 400\r\n'],
    },
    {
      shape: 'of version 5',
      protocol: createProtocol({ name: 'mqtt', settings: mqttSettings({ version: '5' }) }),
      words: [mqttConnAck(0, '\x13\0\x0a'), mqttConnAck(0x87), '\xd0\0', '\xe0\x02\x8e\0', '\xe0\0', '\x30\x03\0\x01a'],
    },
  ],
  ldap: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'ldap', settings: ldapSettings({ username: 'cn=u' }) }),
      context: { password: 'secret' },
      words: LDAP_WORDS,
    },
    {
      shape: 'with StartTLS',
      protocol: createProtocol({ name: 'ldap', settings: ldapSettings({ starttls: true }) }),
      context: { tls: true },
      words: [ldapResult(1, 0x78, 0), ldapResult(2, 0x61, 0), ldapResult(3, 0x65, 0), ...LDAP_WORDS],
    },
  ],
  nats: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'nats', settings: natsSettings({ username: 'u' }) }),
      context: { password: 'secret' },
      words: NATS_WORDS,
    },
    {
      shape: 'with TLS',
      protocol: createProtocol({ name: 'nats', settings: natsSettings() }),
      context: { tls: true },
      words: NATS_WORDS,
    },
  ],
  grpc: [{ shape: 'plain', protocol: createProtocol({ name: 'grpc', settings: grpcSettings() }), words: HTTP2_WORDS }],
};

test('every registered protocol has samples', () => {
  expect(Object.keys(PROTOCOLS).toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
});

/** Plays inputs as the driver would, and checks each step against the table. */
function play(session: Session, inputs: readonly (Uint8Array | 'beat')[]): void {
  let state = 'opening' as State;
  let isOutstanding = false;
  const take = (input: Input, steps: readonly Step[]): void => {
    for (const step of steps) {
      const { kind } = step;
      expect(LEGAL[state][input], `${kind} in answer to ${input} while ${state}`).toContain(kind);
      if (kind === 'ready') state = 'held';
      if (kind === 'startTls') state = 'securing';
      if (kind === 'refused' || kind === 'broken') state = 'over';
      if (kind === 'goodbye') state = 'saidGoodbye';
      if (kind === 'answered') {
        expect(isOutstanding, 'answered, and nothing was asked').toBe(true);
        isOutstanding = false;
      }
    }
    // The driver answers these at once here.
    if (state === 'securing') {
      state = 'opening';
      take('secured', session.secured(null));
    }
    if (steps.some(({ kind }) => kind === 'derive')) take('derived', session.derived(new Uint8Array(32)));
  };
  take('start', session.start());
  for (const input of inputs) {
    if (state === 'over') return; // the driver drops the session
    if (input !== 'beat') {
      take('received', session.received(input));
    } else if (state === 'held' && !isOutstanding) {
      isOutstanding = true;
      take('beat', session.beat());
    }
  }
}

const rows = Object.entries(SAMPLES).flatMap(([name, samples]) => samples.map((sample) => ({ name, ...sample })));

test.each(rows)('$name $shape: whatever comes, only legal steps follow', ({ protocol, words, context }) => {
  const word = oneof(...words.map((each) => constant(bytes(each))));
  const inputs = array(oneof(word, uint8Array({ maxLength: 20 }), constant('beat' as const)), { maxLength: 30 });
  assert(property(inputs, (all) => play(protocol.open(sessionContext(context)), all)));
});

test.each(rows)('$name $shape: two sessions know nothing of each other', ({ protocol, words, context }) => {
  const inputs = ['beat', ...words.map(bytes), 'beat', ...words.map(bytes)] as const;
  const run = (session: Session, other: Session | null): unknown[] => {
    other?.start();
    return [
      session.start(),
      ...inputs.map((input) => {
        if (input === 'beat') other?.beat();
        else other?.received(input);
        return input === 'beat' ? session.beat() : session.received(input);
      }),
    ];
  };
  const open = () => protocol.open(sessionContext(context));
  expect(run(open(), open())).toEqual(run(open(), null));
});

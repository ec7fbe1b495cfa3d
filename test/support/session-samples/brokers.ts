import { createProtocol } from '../../../src/protocols/registry.ts';
import type { Protocol } from '../../../src/protocols/session.ts';
import * as say from '../protocol-samples.ts';
import { OTHER_WORDS, SCRAM_NONCE, SECRET, type SampleRows } from './session-sample.ts';

const kafka = (sasl: 'none' | 'plain' | 'scram-sha-256'): Protocol =>
  createProtocol({ name: 'kafka', settings: say.kafkaSettings({ sasl }) });
const KAFKA_MORE = [
  say.kafkaAnswer(2, '\0\x21\0\0\0\0'),
  say.kafkaAnswer(3, say.kafkaLogin({ code: 58, text: 'no' })),
  say.kafkaAnswer(2, say.KAFKA_VERSIONS),
  OTHER_WORDS,
];
const NATS_MORE = [
  say.natsInfo({ tls_required: true }),
  "-ERR 'Authorization Violation'\r\n",
  'PING\r\n',
  'PONG\r\n',
  '+OK\r\n',
  'PO',
  'NG\r\n',
  OTHER_WORDS,
];

/** Brokers. */
export const BROKER_SAMPLES = {
  amqp: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'amqp', settings: say.amqpSettings() }),
      context: SECRET,
      words: [
        say.amqpStart(),
        say.amqpTune(),
        say.AMQP_OPEN_OK,
        say.AMQP_CHANNEL_OPEN_OK,
        say.amqpFrame(8, 0, '') + say.AMQP_QOS_OK,
        say.amqpClose(406, 'PRECONDITION_FAILED', 1),
        say.AMQP_CHANNEL_OPEN_OK,
        say.amqpClose(530, 'NOT_ALLOWED - vhost a not found'),
        say.amqpClose(320),
      ],
      more: [
        say.amqpStart('EXTERNAL'),
        say.amqpTune(0),
        say.AMQP_QOS_OK,
        say.amqpFrame(3, 1, 'a message'),
        'AMQP\0\0\x09\x01',
        OTHER_WORDS,
      ],
    },
  ],
  kafka: [
    {
      shape: 'without a login',
      protocol: kafka('none'),
      words: [1, 2, 3, 4].map((id) => say.kafkaAnswer(id, say.KAFKA_VERSIONS)),
      more: KAFKA_MORE,
    },
    {
      shape: 'with PLAIN',
      protocol: kafka('plain'),
      context: SECRET,
      words: [
        say.kafkaAnswer(1, say.KAFKA_VERSIONS),
        say.kafkaAnswer(2, say.KAFKA_MECHANISMS),
        say.kafkaAnswer(3, say.kafkaLogin({ lifetimeMs: 3_600_000 })),
        say.kafkaAnswer(4, say.KAFKA_VERSIONS),
      ],
      more: KAFKA_MORE,
    },
    {
      shape: 'with SCRAM',
      protocol: kafka('scram-sha-256'),
      context: SECRET,
      words: [
        say.kafkaAnswer(1, say.KAFKA_VERSIONS),
        say.kafkaAnswer(2, say.KAFKA_MECHANISMS),
        say.kafkaAnswer(3, say.kafkaLogin({ words: `${SCRAM_NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096` })),
        say.kafkaAnswer(4, say.kafkaLogin({ words: 'v=AAAA' })),
      ],
      more: KAFKA_MORE,
    },
  ],
  mqtt: [
    {
      shape: 'of version 3.1.1',
      protocol: createProtocol({ name: 'mqtt', settings: say.mqttSettings({ username: 'u' }) }),
      context: SECRET,
      words: ['\x20\x02\0\0', '\xd0\0', '\x30\x85\x01' + 'x'.repeat(133) + '\xd0\0', '\xd0\0\xd0\0'],
      more: ['\x20\x02\0\x05', '\x20', '\x02\0', '\0', '\xe0\0', OTHER_WORDS],
    },
    {
      shape: 'of version 5',
      protocol: createProtocol({ name: 'mqtt', settings: say.mqttSettings({ version: '5' }) }),
      words: [
        say.mqttConnAck(0, '\x21\0\x14\x12\0\x02id\x26\0\x01a\0\x01b\x13\0\x05'),
        '\xd0\0',
        '\x30\x03\0\x01a',
        '\xe0\x02\x8e\0',
      ],
      more: [say.mqttConnAck(0x87), '\xe0\0'],
    },
  ],
  nats: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'nats', settings: say.natsSettings({ username: 'u' }) }),
      context: SECRET,
      words: [
        say.natsInfo({ tls_available: true }),
        'PING\r\n+OK\r\nPONG\r\n',
        'PONG\r\nPING\r\n',
        say.natsInfo({ ldm: true }),
        "-ERR 'Permissions Violation for Publish to \"a\"'\r\n-ERR 'Stale Connection'\r\n",
      ],
      more: NATS_MORE,
    },
    {
      shape: 'with TLS',
      protocol: createProtocol({ name: 'nats', settings: say.natsSettings() }),
      context: { tls: true },
      words: [say.natsInfo({ tls_required: true }), 'PONG\r\n', 'PONG\r\n', "-ERR 'Stale Connection'\r\n"],
      more: NATS_MORE,
    },
  ],
} satisfies SampleRows;

import { createProtocol } from '../../../src/protocols/registry.ts';
import * as say from '../protocol-samples.ts';
import { OTHER_WORDS, SCRAM_NONCE, SECRET, type SampleRows } from './session-sample.ts';

const postgres = { protocol: createProtocol({ name: 'postgres', settings: say.postgresSettings() }) };
const asks = (code: number, rest = ''): string => say.postgresMessage('R', `\0\0\0${String.fromCharCode(code)}${rest}`);
const POSTGRES_ENDS = [
  say.errorMessage('N', { S: 'WARNING', V: 'WARNING', C: '57P02', M: 'bye' }),
  say.errorMessage('E', { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'bye' }),
];
const POSTGRES_MORE = [
  'S',
  'N',
  asks(3),
  asks(12, 'v=AAAA'),
  asks(11, `${SCRAM_NONCE}9,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`),
  OTHER_WORDS,
];
const mysql = { protocol: createProtocol({ name: 'mysql', settings: say.mysqlSettings() }), context: SECRET };
const MYSQL_MORE = [
  say.mysqlGreeting(),
  say.mysqlGreeting({ plugin: 'caching_sha2_password', tls: false }),
  say.mysqlSwitch('client_ed25519'),
  say.mysqlPacket(2, '\x01\x03'),
  say.mysqlPacket(2, '\x01\x04'),
  say.mysqlOk(),
  say.mysqlError(1045),
  OTHER_WORDS,
];
const CQL_MORE = [say.cqlError(0x0100), say.cqlFrame(0x02), say.cqlFrame(0x0e, '\0\0\0\0'), '\x84\0\0', OTHER_WORDS];
const MONGODB_MORE = [
  say.mongodbError(1, 13),
  say.mongodbError(2, 18),
  say.mongodbOk(3),
  say.mongodbMessage(1, say.bson(), { kind: 1 }),
  '\x1a\0\0',
  OTHER_WORDS,
];
const LDAP_MORE = [say.ldapResult(1, 0x61, 49), say.ldapNotice(3), '\x30\x0c', OTHER_WORDS];

/** Databases, caches and directories. */
export const DATABASE_SAMPLES = {
  redis: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'redis', settings: say.redisSettings({ clientName: 'finrst' }) }),
      context: SECRET,
      words: ['+OK\r\n+OK\r\n+PONG\r\n', '+PONG\r\n', '-LOADING x\r\n', '-ERR max number of clients reached\r\n'],
      more: ['+OK\r\n', '-NOAUTH x\r\n', '-BUSY x\r\n', '+PO', 'NG\r', '\n', OTHER_WORDS],
    },
  ],
  postgres: [
    {
      ...postgres,
      shape: 'with SCRAM',
      context: SECRET,
      words: [
        asks(10, 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'),
        asks(11, `${SCRAM_NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`),
        asks(12, 'v=AAAA'),
        ...POSTGRES_ENDS,
      ],
      more: POSTGRES_MORE,
    },
    {
      ...postgres,
      shape: 'with TLS',
      context: { ...SECRET, tls: true },
      words: [
        'S',
        asks(5, 'abcd'),
        asks(0),
        say.postgresMessage('Z', 'I'),
        say.errorMessage('N', { S: 'NOTICE', C: '01000', M: 'x' }) + say.postgresMessage('Z', 'I'),
        ...POSTGRES_ENDS,
      ],
      more: POSTGRES_MORE,
    },
  ],
  mysql: [
    {
      ...mysql,
      shape: 'with a password',
      words: [
        say.mysqlGreeting(),
        say.mysqlSwitch('caching_sha2_password'),
        say.mysqlSwitch('mysql_native_password'),
        say.mysqlOk(6),
        say.mysqlOk(1),
        say.mysqlError(4031),
      ],
      more: MYSQL_MORE,
    },
    {
      ...mysql,
      shape: 'with TLS',
      context: { ...SECRET, tls: true },
      words: [
        say.mysqlGreeting({ plugin: 'caching_sha2_password' }),
        say.mysqlPacket(4, '\x01\x04'),
        say.mysqlOk(6),
        say.mysqlOk(1),
        say.mysqlError(4031),
      ],
      more: MYSQL_MORE,
    },
  ],
  ldap: [
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'ldap', settings: say.ldapSettings({ username: 'cn=u' }) }),
      context: SECRET,
      words: [
        say.ldapResult(1, 0x61, 0),
        say.ldapResult(2, 0x64, 0) + say.ldapResult(2, 0x65, 0),
        say.ldapResult(3, 0x65, 1),
        say.ldapNotice(52),
      ],
      more: LDAP_MORE,
    },
    {
      shape: 'with StartTLS',
      protocol: createProtocol({ name: 'ldap', settings: say.ldapSettings({ starttls: true }) }),
      context: { tls: true },
      words: [say.ldapResult(1, 0x78, 0), say.ldapResult(2, 0x61, 0), say.ldapResult(3, 0x65, 0), say.ldapNotice(3)],
      more: LDAP_MORE,
    },
  ],
  zookeeper: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'zookeeper', settings: say.zookeeperSettings() }),
      words: [
        say.zookeeperConnected(10_000),
        say.zookeeperReply(-2),
        say.zookeeperReply(-1) + say.zookeeperReply(-2),
        say.zookeeperReply(-2, -112),
      ],
      more: [say.zookeeperConnected(0), say.zookeeperReply(-2, -124), '\0\0\0\x10', OTHER_WORDS],
    },
  ],
  cassandra: [
    {
      shape: 'without a login',
      protocol: createProtocol({ name: 'cassandra', settings: say.NO_CREDENTIALS }),
      words: [
        say.CQL_SUPPORTED,
        say.CQL_SUPPORTED,
        say.cqlFrame(0x0c, 'event', { stream: 0xffff }) + say.cqlError(0x1001),
        say.cqlError(0x000a, 'no', { stream: 0 }),
      ],
      more: CQL_MORE,
    },
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'cassandra', settings: { username: 'u', passwordFile: '/run/pw' } }),
      context: SECRET,
      words: [say.CQL_AUTHENTICATE, say.CQL_AUTH_SUCCESS, say.CQL_SUPPORTED, say.cqlError(0x0000, 'no', { stream: 0 })],
      more: CQL_MORE,
    },
  ],
  mongodb: [
    {
      shape: 'without a login',
      protocol: createProtocol({ name: 'mongodb', settings: say.mongodbSettings() }),
      words: [say.mongodbOk(1), say.mongodbOk(2), say.mongodbError(3, 50), say.mongodbError(4, 11_600)],
      more: MONGODB_MORE,
    },
    {
      shape: 'with a password',
      protocol: createProtocol({ name: 'mongodb', settings: say.mongodbSettings({ username: 'u' }) }),
      context: SECRET,
      words: [
        say.mongodbOk(1),
        say.mongodbSasl(2, `${SCRAM_NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`),
        say.mongodbSasl(3, 'v=AAAA', true),
        say.mongodbOk(4),
      ],
      more: MONGODB_MORE,
    },
  ],
  memcached: [
    {
      shape: 'plain',
      protocol: createProtocol({ name: 'memcached', settings: say.NO_CREDENTIALS }),
      words: ['VERSION 1\r\n', 'VERSION 1\r\n', 'SERVER_ERROR x\r\n', 'ERROR Too many open connections\r\n'],
      more: ['VERS', 'ION 1\r\n'],
    },
  ],
} satisfies SampleRows;

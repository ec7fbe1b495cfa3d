import { LOGIN_PROTOCOLS } from '../../settings/protocol-settings.ts';
import { oneOf } from './field-schemas.ts';
import { amqpSchema } from './amqp-schema.ts';
import { cassandraSchema } from './cassandra-schema.ts';
import { kafkaSchema } from './kafka-schema.ts';
import { mongodbSchema } from './mongodb-schema.ts';
import { mqttSchema } from './mqtt-schema.ts';
import { mysqlSchema } from './mysql-schema.ts';
import { natsSchema } from './nats-schema.ts';
import { httpSchema, websocketSchema } from './http1-schema.ts';
import { grpcSchema, http2Schema } from './http2-schema.ts';
import { ftpSchema, memcachedSchema } from './ftp-schema.ts';
import { ldapSchema } from './ldap-schema.ts';
import { mailSchema } from './mail-schema.ts';
import { postgresSchema } from './postgres-schema.ts';
import { redisSchema } from './redis-schema.ts';
import { scriptSchema } from './script-schema.ts';
import { zookeeperSchema } from './zookeeper-schema.ts';

/** The keys of a group about its protocol: the word, and one map of options for each. */
export const protocolFields = {
  protocol: oneOf(LOGIN_PROTOCOLS)
    .optional()
    .describe('Log in by this protocol, and report what the server says; see docs/protocols.md.'),
  redis: redisSchema.optional().describe('Options of protocol: redis.'),
  postgres: postgresSchema.optional().describe('Options of protocol: postgres.'),
  mysql: mysqlSchema.optional().describe('Options of protocol: mysql.'),
  amqp: amqpSchema.optional().describe('Options of protocol: amqp.'),
  kafka: kafkaSchema.optional().describe('Options of protocol: kafka.'),
  script: scriptSchema.optional().describe('Options of protocol: script.'),
  smtp: mailSchema.optional().describe('Options of protocol: smtp.'),
  imap: mailSchema.optional().describe('Options of protocol: imap.'),
  ftp: ftpSchema.optional().describe('Options of protocol: ftp.'),
  memcached: memcachedSchema.optional().describe('Of protocol: memcached, which has no options.'),
  http: httpSchema.optional().describe('Options of protocol: http.'),
  websocket: websocketSchema.optional().describe('Options of protocol: websocket.'),
  http2: http2Schema.optional().describe('Options of protocol: http2.'),
  grpc: grpcSchema.optional().describe('Options of protocol: grpc.'),
  mqtt: mqttSchema.optional().describe('Options of protocol: mqtt.'),
  nats: natsSchema.optional().describe('Options of protocol: nats.'),
  ldap: ldapSchema.optional().describe('Options of protocol: ldap.'),
  zookeeper: zookeeperSchema.optional().describe('Options of protocol: zookeeper.'),
  cassandra: cassandraSchema.optional().describe('Options of protocol: cassandra.'),
  mongodb: mongodbSchema.optional().describe('Options of protocol: mongodb.'),
} as const;

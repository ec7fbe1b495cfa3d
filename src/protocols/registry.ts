import type { ProtocolName, ProtocolSettings } from '../settings/protocol-settings.ts';
import { amqp } from './amqp/amqp.ts';
import { cassandra } from './cassandra/cassandra.ts';
import { grpc } from './http2/grpc.ts';
import { http } from './http1/http.ts';
import { websocket } from './http1/websocket.ts';
import { http2 } from './http2/http2.ts';
import { ldap } from './ldap/ldap.ts';
import { kafka } from './kafka/kafka.ts';
import { mongodb } from './mongodb/mongodb.ts';
import { mqtt } from './mqtt/mqtt.ts';
import { mysql } from './mysql/mysql.ts';
import { nats } from './nats/nats.ts';
import { postgres } from './postgres/postgres.ts';
import { redis } from './redis/redis.ts';
import { ftp } from './script/ftp.ts';
import { imap } from './script/imap.ts';
import { memcached } from './script/memcached.ts';
import { script } from './script/script.ts';
import { smtp } from './script/smtp.ts';
import { sendExpect } from './send-expect/send-expect.ts';
import type { Protocol, ProtocolKind } from './session.ts';
import { zookeeper } from './zookeeper/zookeeper.ts';

/** Every protocol that Finrst speaks. */
export const PROTOCOLS: { readonly [Name in ProtocolName]: ProtocolKind<Name> } = {
  send_expect: sendExpect,
  redis,
  postgres,
  mysql,
  amqp,
  kafka,
  script,
  smtp,
  imap,
  ftp,
  memcached,
  http,
  websocket,
  http2,
  grpc,
  mqtt,
  nats,
  ldap,
  zookeeper,
  cassandra,
  mongodb,
};

/** The protocol that these settings ask for. */
export function createProtocol<Name extends ProtocolName>({ name, settings }: ProtocolSettings<Name>): Protocol {
  return PROTOCOLS[name].create(settings);
}

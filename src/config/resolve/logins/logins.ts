import type { LoginProtocolName } from '../../../settings/protocol-settings.ts';
import { amqp, kafka, mqtt, nats } from './brokers.ts';
import { cassandra, memcached, mongodb, mysql, postgres, redis, zookeeper } from './databases.ts';
import { ftp, imap, ldap, script, smtp } from './line-protocols.ts';
import type { LoginRules } from './login-rules.ts';
import { grpc, http, http2, websocket } from './web-servers.ts';

/** What the configuration knows of each protocol. A new one adds its line. */
export const LOGINS: Readonly<Record<LoginProtocolName, LoginRules>> = {
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

import { APACHE } from './apache.ts';
import { DOVECOT } from './dovecot.ts';
import { GO_MYSQL_SERVER } from './go-mysql-server.ts';
import { GRPC_GO } from './grpc-go.ts';
import { HAPROXY } from './haproxy.ts';
import { MARIADB } from './mariadb.ts';
import { MEMCACHED } from './memcached.ts';
import { MOCHI } from './mochi.ts';
import { MOSQUITTO } from './mosquitto.ts';
import { NATS } from './nats.ts';
import { NGINX } from './nginx.ts';
import { NODE_HTTP } from './node-http.ts';
import { NODE_HTTP2 } from './node-http2.ts';
import { OPENSSH } from './openssh.ts';
import { PGBOUNCER } from './pgbouncer.ts';
import { POSTFIX } from './postfix.ts';
import { POSTGRESQL } from './postgresql.ts';
import { REDIS } from './redis.ts';
import { SLAPD } from './slapd.ts';
import { VSFTPD } from './vsftpd.ts';
import type { RealServer } from './server-row.ts';
import { testServers } from './test-servers.ts';
import { WS } from './ws.ts';

const SERVERS: readonly RealServer[] = [
  REDIS,
  POSTGRESQL,
  PGBOUNCER,
  MARIADB,
  GO_MYSQL_SERVER,
  NGINX,
  HAPROXY,
  APACHE,
  MOSQUITTO,
  MOCHI,
  NATS,
  SLAPD,
  OPENSSH,
  POSTFIX,
  DOVECOT,
  MEMCACHED,
  VSFTPD,
  NODE_HTTP,
  NODE_HTTP2,
  WS,
  GRPC_GO,
];

testServers('servers', SERVERS);

import type { ScriptWords } from './script-settings.ts';

/** Bytes to send and, where an answer is awaited, bytes that it must contain (at least one). */
export type SendExpectSettings = { readonly send: Uint8Array; readonly expect: Uint8Array | null };

/** Credentials of a login. The file is read at each connect; null: no password. */
export type Credentials = { readonly username: string | null; readonly passwordFile: string | null };

/** `redis`: empty texts mean that nothing is sent. */
export type RedisSettings = Credentials & { readonly clientName: string };

/** `postgres`. */
export type PostgresSettings = Credentials & {
  readonly username: string;
  readonly database: string;
  readonly applicationName: string;
  /** TLS begins with the first byte (PostgreSQL 17), and is not asked for before. */
  readonly directTls: boolean;
};

/** `mysql`. */
export type MysqlSettings = Credentials & {
  readonly username: string;
  /** The server's RSA key in PEM, for a password without TLS; null: none. */
  readonly serverPublicKey: string | null;
};

/** `amqp`. */
export type AmqpSettings = Credentials & {
  readonly username: string;
  /** The virtual host, at most 255 bytes. */
  readonly vhost: string;
};

/** `kafka`. */
export type KafkaSettings = Credentials & {
  /** How to log in; `none`: nobody does, and there are no credentials. */
  readonly sasl: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
  /** How we name ourselves in each request. */
  readonly clientId: string;
};

/** `script`. */
export type ScriptSettings = Credentials & ScriptWords;

/** `smtp` and `imap`: TLS where the group has it begins with the first byte, or with `starttls` when asked for. */
export type MailSettings = Credentials & { readonly starttls: boolean };

/**
 * `http`. With a user name its credentials are a name and a password (Basic), without one the file holds the whole value of
 * `Authorization`.
 */
export type Http1Settings = Credentials & {
  readonly path: string;
  /** What `Host` says; null: the target. */
  readonly host: string | null;
};

/** `websocket`. */
export type WebSocketSettings = Http1Settings & {
  /** `headers`: the file of its credentials holds whole lines of the handshake; else they are those of `http`. */
  readonly credentials: 'headers' | 'authorization';
  /** Null: none is named. */
  readonly origin: string | null;
  /** What is offered; null: nothing. */
  readonly subprotocol: string | null;
};

/** `http2`. Nobody logs in. */
export type Http2Settings = Credentials & {
  readonly path: string;
  /** What `:authority` says; null: the target. */
  readonly authority: string | null;
};

/** `grpc`. Nobody logs in. */
export type GrpcSettings = Credentials & {
  /** Of the health service; empty: the whole server. */
  readonly service: string;
  /** What `:authority` says; null: the target. */
  readonly authority: string | null;
};

/** `mqtt`. */
export type MqttSettings = Credentials & {
  readonly version: '3.1.1' | '5';
  /** Null: another one for each connection. */
  readonly clientId: string | null;
};

/** `nats`: a password without a user is a token. */
export type NatsSettings = Credentials & {
  /** TLS begins with the first byte, and is not asked for before. */
  readonly tlsFirst: boolean;
};

/** `ldap`: TLS where the group has it begins with the first byte, or with StartTLS when asked for. */
export type LdapSettings = Credentials & { readonly starttls: boolean };

/** `zookeeper`. Nobody logs in. */
export type ZookeeperSettings = Credentials & {
  /** How long the server keeps a session that it hears nothing of; null: three intervals of heartbeats. */
  readonly sessionTimeoutMs: number | null;
};

/** `mongodb`. */
export type MongodbSettings = Credentials & {
  /** The database that knows the user. */
  readonly authSource: string;
};

/** What the configuration says of each protocol, by its name. A new protocol adds its line. */
export type SettingsOfProtocol = {
  readonly send_expect: SendExpectSettings;
  readonly redis: RedisSettings;
  readonly postgres: PostgresSettings;
  readonly mysql: MysqlSettings;
  readonly amqp: AmqpSettings;
  readonly kafka: KafkaSettings;
  readonly script: ScriptSettings;
  readonly smtp: MailSettings;
  readonly imap: MailSettings;
  readonly ftp: Credentials;
  readonly memcached: Credentials;
  readonly http: Http1Settings;
  readonly websocket: WebSocketSettings;
  readonly http2: Http2Settings;
  readonly grpc: GrpcSettings;
  readonly mqtt: MqttSettings;
  readonly nats: NatsSettings;
  readonly ldap: LdapSettings;
  readonly zookeeper: ZookeeperSettings;
  readonly cassandra: Credentials;
  readonly mongodb: MongodbSettings;
};

/** The protocols by the names that configurations and labels have for them. */
export type ProtocolName = keyof SettingsOfProtocol;

/** The protocol that is spoken with a peer. */
export type ProtocolSettings<Name extends ProtocolName = ProtocolName> = {
  readonly [Each in Name]: { readonly name: Each; readonly settings: SettingsOfProtocol[Each] };
}[Name];

/** Those that a group names with `protocol`: they log in. The bytes of a heartbeat are no login. */
export type LoginProtocolName = Exclude<ProtocolName, 'send_expect'>;

/** The login of a group. */
export type LoginSettings = ProtocolSettings<LoginProtocolName>;

/** Every value of `protocol`, in the order of the docs. */
export const LOGIN_PROTOCOLS = [
  'redis',
  'postgres',
  'mysql',
  'amqp',
  'kafka',
  'script',
  'smtp',
  'imap',
  'ftp',
  'memcached',
  'http',
  'websocket',
  'http2',
  'grpc',
  'mqtt',
  'nats',
  'ldap',
  'zookeeper',
  'cassandra',
  'mongodb',
] as const satisfies readonly LoginProtocolName[];

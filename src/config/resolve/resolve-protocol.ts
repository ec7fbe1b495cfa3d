import { createPublicKey } from 'node:crypto';
import { LOGIN_PROTOCOLS, type LoginProtocolName, type LoginSettings } from '../../settings/protocol-settings.ts';
import type { Path } from '../../yaml/path.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { readPem } from './read-pem.ts';
import { NOBODY, resolveCredentials, resolvePasswordFile } from './resolve-credentials.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';
import { resolveScript } from './resolve-script.ts';
import { resolveWebProtocol } from './resolve-web-protocol.ts';

/** The login of a group; null: it has none, or what is written is none, which was noted. */
export function resolveProtocol(
  context: ResolveContext,
  path: Path,
  group: Partially<GroupValues>,
): LoginSettings | null {
  const { protocol } = group;
  refuseOtherMaps(context, path, group);
  switch (protocol) {
    case undefined:
      return null;
    case 'redis':
      return resolveRedis(context, [...path, 'redis'], group.redis ?? {});
    case 'postgres':
      return resolvePostgres(context, path, group);
    case 'mysql':
      return resolveMysql(context, path, group);
    case 'amqp':
      return resolveAmqp(context, path, group);
    case 'kafka':
      return resolveKafka(context, path, group);
    case 'script':
      return { name: 'script', settings: resolveScript(context, path, group) };
    case 'smtp':
    case 'imap':
    case 'ldap':
      return resolveStartTls(context, path, { name: protocol, group });
    case 'ftp':
      return { name: 'ftp', settings: resolveCredentials(context, [...path, 'ftp'], group.ftp ?? {}) };
    case 'memcached':
      return { name: 'memcached', settings: NOBODY };
    case 'http':
    case 'websocket':
    case 'http2':
    case 'grpc':
      return resolveWebProtocol(context, path, { name: protocol, group });
    case 'mqtt':
      return resolveMqtt(context, [...path, 'mqtt'], group.mqtt ?? {});
    case 'nats':
      return resolveNats(context, path, group);
  }
}

/** Options of a protocol that the group does not speak. */
function refuseOtherMaps(context: ResolveContext, path: Path, group: Partially<GroupValues>): void {
  const { protocol } = group;
  for (const name of LOGIN_PROTOCOLS) {
    if (group[name] === undefined || name === protocol || !isValid(context, [...path, 'protocol'])) continue;
    const instead =
      protocol === undefined ? `the group has no protocol; add protocol: ${name}` : `protocol is ${protocol}`;
    addProblem(context, [...path, name], `is given, but ${instead}`);
  }
}

type StartTlsScope = { readonly name: 'smtp' | 'imap' | 'ldap'; readonly group: Partially<GroupValues> };

function resolveStartTls(context: ResolveContext, path: Path, { name, group }: StartTlsScope): LoginSettings {
  const at = [...path, name];
  const values = group[name] ?? {};
  if (values.starttls === true && group.tls === undefined && isValid(context, [...path, 'tls'])) {
    addProblem(context, [...at, 'starttls'], `needs tls beside ${name}; add tls: {} or remove it`);
  }
  const settings = { ...resolveCredentials(context, at, values), starttls: values.starttls ?? false };
  return { name, settings };
}

function resolveRedis(
  context: ResolveContext,
  path: Path,
  values: Partially<NonNullable<GroupValues['redis']>>,
): LoginSettings {
  const passwordFile = resolvePasswordFile(context, [...path, 'password_file'], values.password_file);
  const username = values.username === undefined || values.username === '' ? null : values.username;
  if (username !== null && passwordFile === null && isValid(context, [...path, 'password_file'])) {
    addProblem(context, [...path, 'username'], 'needs password_file beside it');
  }
  return { name: 'redis', settings: { username, passwordFile, clientName: values.client_name ?? '' } };
}

function resolvePostgres(context: ResolveContext, path: Path, group: Partially<GroupValues>): LoginSettings {
  const at = [...path, 'postgres'];
  const values = group.postgres ?? {};
  const passwordFile = resolvePasswordFile(context, [...at, 'password_file'], values.password_file);
  if (values.username === undefined && isValid(context, at, [...at, 'username'])) {
    addProblem(context, [...path, 'protocol'], 'is postgres, which needs a role; add postgres: {username: ...}');
  }
  if (values.direct_tls === true && group.tls === undefined && isValid(context, [...path, 'tls'])) {
    addProblem(context, [...at, 'direct_tls'], 'needs tls beside postgres; add tls: {} or remove it');
  }
  return {
    name: 'postgres',
    settings: {
      username: values.username ?? '',
      passwordFile,
      database: values.database ?? 'postgres',
      applicationName: values.application_name ?? 'finrst',
      directTls: values.direct_tls ?? false,
    },
  };
}

function resolveMysql(context: ResolveContext, path: Path, group: Partially<GroupValues>): LoginSettings {
  const at = [...path, 'mysql'];
  const values = group.mysql ?? {};
  const passwordFile = resolvePasswordFile(context, [...at, 'password_file'], values.password_file);
  if (values.username === undefined && isValid(context, at, [...at, 'username'])) {
    addProblem(context, [...path, 'protocol'], 'is mysql, which needs a user; add mysql: {username: ...}');
  }
  const keyPath = [...at, 'server_public_key_file'];
  const serverPublicKey = readPem(context, keyPath, { name: values.server_public_key_file, holds: 'public key' });
  if (serverPublicKey !== null && !isRsaKey(serverPublicKey)) {
    addProblem(context, keyPath, 'names a key that is not RSA; MySQL writes public_key.pem into its data directory');
  }
  return { name: 'mysql', settings: { username: values.username ?? '', passwordFile, serverPublicKey } };
}

function resolveMqtt(
  context: ResolveContext,
  path: Path,
  values: Partially<NonNullable<GroupValues['mqtt']>>,
): LoginSettings {
  const { version = '3.1.1', client_id: clientId = null, ...written } = values;
  return { name: 'mqtt', settings: { ...resolveCredentials(context, path, written), version, clientId } };
}

function resolveNats(context: ResolveContext, path: Path, group: Partially<GroupValues>): LoginSettings {
  const at = [...path, 'nats'];
  const values = group.nats ?? {};
  const credentials = resolveCredentials(context, at, values);
  const tokenFile = resolvePasswordFile(context, [...at, 'token_file'], values.token_file);
  if (tokenFile !== null && (credentials.username !== null || credentials.passwordFile !== null))
    addProblem(context, [...at, 'token_file'], 'stands beside username and password_file; expected one of the two');
  if (values.tls_first === true && group.tls === undefined && isValid(context, [...path, 'tls']))
    addProblem(context, [...at, 'tls_first'], 'needs tls beside nats; add tls: {} or remove it');
  const login = tokenFile === null ? credentials : { username: null, passwordFile: tokenFile };
  return { name: 'nats', settings: { ...login, tlsFirst: values.tls_first ?? false } };
}

/** One byte says how long the name is. */
const LONGEST_VHOST = 255;

function resolveAmqp(context: ResolveContext, path: Path, group: Partially<GroupValues>): LoginSettings {
  const at = [...path, 'amqp'];
  const { vhost = '/', ...written } = group.amqp ?? {};
  const { username, passwordFile } = resolveCredentials(context, at, written);
  if (
    username === null &&
    passwordFile === null &&
    isValid(context, at, [...at, 'username'], [...at, 'password_file'])
  ) {
    const login = 'amqp: {username: ..., password_file: ...}';
    addProblem(context, [...path, 'protocol'], `is amqp, which needs a user with a password; add ${login}`);
  }
  const bytes = Buffer.byteLength(vhost);
  if (bytes > LONGEST_VHOST) addProblem(context, [...at, 'vhost'], `has ${bytes} bytes; expected at most 255`);
  return { name: 'amqp', settings: { username: username ?? '', passwordFile, vhost } };
}

function resolveKafka(context: ResolveContext, path: Path, group: Partially<GroupValues>): LoginSettings {
  const at = [...path, 'kafka'];
  const { sasl: written, client_id: clientId = 'finrst', ...login } = group.kafka ?? {};
  const credentials = resolveCredentials(context, at, login);
  const isNamed = credentials.username !== null || credentials.passwordFile !== null;
  // Of the mechanisms that show no password the one that brokers prefer.
  const sasl = written ?? (isNamed ? 'scram-sha-512' : 'none');
  if (isValid(context, at, [...at, 'sasl'], [...at, 'username'], [...at, 'password_file'])) {
    if (sasl !== 'none' && !isNamed) addProblem(context, [...at, 'sasl'], 'needs username and password_file beside it');
    if (sasl === 'none' && isNamed) addProblem(context, [...at, 'sasl'], 'is none, and a login stands beside it');
  }
  return { name: 'kafka', settings: { ...credentials, sasl, clientId } };
}

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false; // no key at all
  }
}

/** From send to send where nothing is written: what servers close soonest by default, and what a heartbeat costs them. */
export const LOGIN_INTERVAL_MS: Readonly<Record<LoginProtocolName, number>> = {
  redis: 10_000,
  postgres: 30_000,
  mysql: 30_000,
  amqp: 10_000,
  kafka: 60_000,
  script: 30_000,
  smtp: 120_000,
  imap: 120_000,
  ftp: 60_000,
  memcached: 30_000,
  http: 30_000,
  websocket: 30_000,
  http2: 30_000,
  grpc: 30_000,
  mqtt: 30_000,
  nats: 30_000,
  ldap: 30_000,
};

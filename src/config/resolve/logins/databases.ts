import { createPublicKey } from 'node:crypto';
import { readPem } from '../read-pem.ts';
import { NOBODY, resolveCredentials, resolvePasswordFile } from '../resolve-credentials.ts';
import { addProblem, isValid } from '../resolve-context.ts';
import { always, type LoginRules, never, refuseWithoutTls } from './login-rules.ts';

export const redis: LoginRules = {
  intervalMs: 10_000,
  showsPassword: always,
  resolve({ context, at, group }) {
    const values = group.redis ?? {};
    const passwordFile = resolvePasswordFile(context, [...at, 'password_file'], values.password_file);
    const username = values.username === undefined || values.username === '' ? null : values.username;
    if (username !== null && passwordFile === null && isValid(context, [...at, 'password_file'])) {
      addProblem(context, [...at, 'username'], 'needs password_file beside it');
    }
    return { name: 'redis', settings: { username, passwordFile, clientName: values.client_name ?? '' } };
  },
};

export const postgres: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve(scope) {
    const { context, path, at, group } = scope;
    const values = group.postgres ?? {};
    const passwordFile = resolvePasswordFile(context, [...at, 'password_file'], values.password_file);
    if (values.username === undefined && isValid(context, at, [...at, 'username'])) {
      addProblem(context, [...path, 'protocol'], 'is postgres, which needs a role; add postgres: {username: ...}');
    }
    if (values.direct_tls === true) refuseWithoutTls(scope, 'direct_tls');
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
  },
};

export const mysql: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve({ context, path, at, group }) {
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
  },
};

export const memcached: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve: () => ({ name: 'memcached', settings: NOBODY }),
};

export const zookeeper: LoginRules = {
  intervalMs: 10_000,
  showsPassword: never,
  resolve: ({ group }) => ({
    name: 'zookeeper',
    settings: { ...NOBODY, sessionTimeoutMs: group.zookeeper?.session_timeout ?? null },
  }),
};

export const cassandra: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve: ({ context, at, group }) => ({
    name: 'cassandra',
    settings: resolveCredentials(context, at, group.cassandra ?? {}),
  }),
};

export const mongodb: LoginRules = {
  intervalMs: 30_000,
  showsPassword: never,
  resolve({ context, at, group }) {
    const { auth_source: authSource = 'admin', ...login } = group.mongodb ?? {};
    return { name: 'mongodb', settings: { ...resolveCredentials(context, at, login), authSource } };
  },
};

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false; // no key at all
  }
}

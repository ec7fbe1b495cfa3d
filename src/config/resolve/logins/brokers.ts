import { resolveCredentials, resolvePasswordFile } from '../resolve-credentials.ts';
import { addProblem, isValid } from '../resolve-context.ts';
import { always, type LoginRules, refuseWithoutTls } from './login-rules.ts';

/** One byte says how long the name is. */
const LONGEST_VHOST = 255;

export const amqp: LoginRules = {
  intervalMs: 10_000,
  showsPassword: always,
  resolve({ context, path, at, group }) {
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
  },
};

export const kafka: LoginRules = {
  intervalMs: 60_000,
  showsPassword: (login) => login.name === 'kafka' && login.settings.sasl === 'plain',
  resolve({ context, at, group }) {
    const { sasl: written, client_id: clientId = 'finrst', ...login } = group.kafka ?? {};
    const credentials = resolveCredentials(context, at, login);
    const isNamed = credentials.username !== null || credentials.passwordFile !== null;
    // Of the mechanisms that show no password the one that brokers prefer.
    const sasl = written ?? (isNamed ? 'scram-sha-512' : 'none');
    if (isValid(context, at, [...at, 'sasl'], [...at, 'username'], [...at, 'password_file'])) {
      if (sasl !== 'none' && !isNamed)
        addProblem(context, [...at, 'sasl'], 'needs username and password_file beside it');
      if (sasl === 'none' && isNamed) addProblem(context, [...at, 'sasl'], 'is none, and a login stands beside it');
    }
    return { name: 'kafka', settings: { ...credentials, sasl, clientId } };
  },
};

export const mqtt: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve({ context, at, group }) {
    const { version = '3.1.1', client_id: clientId = null, ...written } = group.mqtt ?? {};
    return { name: 'mqtt', settings: { ...resolveCredentials(context, at, written), version, clientId } };
  },
};

export const nats: LoginRules = {
  intervalMs: 30_000,
  showsPassword: always,
  resolve(scope) {
    const { context, at, group } = scope;
    const values = group.nats ?? {};
    const credentials = resolveCredentials(context, at, values);
    const tokenFile = resolvePasswordFile(context, [...at, 'token_file'], values.token_file);
    if (tokenFile !== null && (credentials.username !== null || credentials.passwordFile !== null))
      addProblem(context, [...at, 'token_file'], 'stands beside username and password_file; expected one of the two');
    if (values.tls_first === true) refuseWithoutTls(scope, 'tls_first');
    const login = tokenFile === null ? credentials : { username: null, passwordFile: tokenFile };
    return { name: 'nats', settings: { ...login, tlsFirst: values.tls_first ?? false } };
  },
};

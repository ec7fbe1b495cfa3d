import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/config/load-config.ts';
import { LOGIN_PROTOCOLS, type LoginProtocolName } from '../../../../src/settings/protocol-settings.ts';
import { readFileNow } from '../../../support/read-file.ts';
import { peersOf } from '../../../support/peers-of.ts';

/** The login of the one peer of a group with these keys, where every file holds a password. */
function loginOf(keys: string) {
  const text = `groups: [{name: a, static_configs: [{targets: ["h:1"]}], ${keys}}]`;
  const bytes = new TextEncoder().encode('secret');
  const result = parseConfig(text, '/etc/finrst/finrst.yml', () => ({ kind: 'read', bytes }));
  if (result.kind === 'invalid') throw new Error(result.problems[0]?.message);
  return result.config.groups.flatMap(peersOf)[0]?.protocol;
}

/** What some of them cannot do without. */
const NEEDED: Partial<Record<LoginProtocolName, string>> = {
  postgres: '{username: u}',
  mysql: '{username: u}',
  amqp: '{username: u, password_file: p}',
  script: '{login: [{expect: a}], heartbeat: {send: b, expect: c}}',
};

test.each(LOGIN_PROTOCOLS)('%s resolves to settings of its own', (name) => {
  expect(loginOf(`protocol: ${name}, ${name}: ${NEEDED[name] ?? '{}'}`)?.name).toBe(name);
});

test.each(['smtp', 'imap', 'ldap'])('%s takes starttls beside tls', (name) => {
  expect(loginOf(`protocol: ${name}, ${name}: {starttls: true}, tls: {}`)?.settings).toMatchObject({ starttls: true });
});

test('the good file about protocols has no problem', () => {
  const file = join(import.meta.dirname, '..', 'good', 'protocols.yml');
  expect(parseConfig(readFileSync(file, 'utf8'), file, readFileNow)).toMatchObject({ kind: 'loaded' });
});

const NOBODY = { username: null, passwordFile: null };

test('a token of NATS is a password without a user', () => {
  const [tlsFirst, passwordFile] = [false, '/etc/finrst/token'];
  expect(loginOf('protocol: nats, nats: {token_file: token}')).toEqual({
    name: 'nats',
    settings: { username: null, passwordFile, tlsFirst },
  });
  expect(loginOf('protocol: nats')).toEqual({ name: 'nats', settings: { ...NOBODY, tlsFirst } });
  expect(loginOf('protocol: nats, nats: {username: u, password_file: token}')).toEqual({
    name: 'nats',
    settings: { username: 'u', passwordFile, tlsFirst },
  });
});

test.each([
  ['3.1.1', '3.1.1'],
  ['"3.1.1"', '3.1.1'],
  ['5', '5'],
  ['"5"', '5'],
])('a version of MQTT that is written %s is %s', (written, version) => {
  const settings = { ...NOBODY, version, clientId: null };
  expect(loginOf(`protocol: mqtt, mqtt: {version: ${written}}`)).toEqual({ name: 'mqtt', settings });
  expect(loginOf('protocol: mqtt')).toEqual({ name: 'mqtt', settings: { ...settings, version: '3.1.1' } });
});

test('a session of ZooKeeper lives as long as written, or as its heartbeats want', () => {
  const settings = { ...NOBODY, sessionTimeoutMs: 40_000 };
  expect(loginOf('protocol: zookeeper, zookeeper: {session_timeout: 40s}')).toEqual({ name: 'zookeeper', settings });
  expect(loginOf('protocol: zookeeper')).toEqual({
    name: 'zookeeper',
    settings: { ...settings, sessionTimeoutMs: null },
  });
});

test('users of MongoDB are those of admin, unless another database is named', () => {
  const settings = { ...NOBODY, authSource: 'admin' };
  expect(loginOf('protocol: mongodb')).toEqual({ name: 'mongodb', settings });
  expect(loginOf('protocol: mongodb, mongodb: {auth_source: shop}')).toEqual({
    name: 'mongodb',
    settings: { ...settings, authSource: 'shop' },
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configJsonSchema, keyReference, RECONNECTING, replaceReference } from '../../scripts/config-reference.ts';
import { formatProblem } from '../../src/text/file-problem.ts';
import { configSchema } from '../../src/config/schema/config-schema.ts';
import { sourceFields } from '../../src/config/schema/source-keys.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { peerChange } from '../../src/domain/peer-change.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { LOGIN_PROTOCOLS } from '../../src/settings/protocol-settings.ts';
import { peersOf } from '../support/peers-of.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const page = read('docs/configuration.md');
const again = 'run `npm run node scripts/generate-schema.ts`';

test('finrst.schema.json is what the schema in code gives', () => {
  expect(JSON.parse(read('finrst.schema.json')), again).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test('the tables of keys are what the schema in code gives', () => {
  expect(replaceReference(page, keyReference()), again).toBe(page);
});

/** A reader of the documentation has whatever files an example names. */
function problemsIn(text: string): readonly string[] {
  const pem = `${read('test/support/tls/server.pem')}${read('test/support/tls/server.key')}`;
  const contentOf = (path: string) => (path.endsWith('.token') ? 'Bearer secret\n' : pem);
  const result = parseConfig(text, 'finrst.yml', (path) => ({ kind: 'read', bytes: Buffer.from(contentOf(path)) }));
  return result.kind === 'loaded' ? [] : result.problems.map(formatProblem);
}

type Condition = { readonly if: { readonly required: readonly string[] }; readonly then: z.core.JSONSchema.BaseSchema };

/** zod reads no conditions: those of the groups are taken out and looked at by themselves. */
function validator() {
  const schema = configJsonSchema() as { properties: { groups: { items: { allOf?: readonly Condition[] } } } };
  const { allOf: conditions = [], ...items } = schema.properties.groups.items;
  const whole = z.fromJSONSchema({ ...schema, properties: { ...schema.properties, groups: { type: 'array', items } } });
  const thens = conditions.map(({ if: { required }, then }) => ({ required, then: z.fromJSONSchema(then) }));
  const holds = (group: object) =>
    thens.every(({ required, then }) => !required.every((key) => key in group) || then.safeParse(group).success);
  return {
    admits(data: unknown): boolean {
      if (!whole.safeParse(data).success) return false;
      return (data as { readonly groups: readonly object[] }).groups.every(holds);
    },
  };
}

describe('finrst.schema.json, read by a validator', () => {
  const { admits } = validator();
  const folder = join(root, 'test/unit/config');
  const files = (kind: string) => readdirSync(join(folder, kind)).filter((name) => name.endsWith('.yml'));
  const data = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'), { merge: true });

  test.each(files('good'))('admits good/%s', (name) => {
    expect(admits(data(`good/${name}`))).toBe(true);
  });

  const wrongByThemselves =
    /^(?:unknown-key|groups-|keepalive-count|max-connect|ip-family|tls-min|targets-|label-value|duration-w|protocol-map-|protocol-unknown)/;
  test.each(files('bad').filter((name) => wrongByThemselves.test(name)))('refuses bad/%s', (name) => {
    expect(admits(data(`bad/${name}`))).toBe(false);
  });

  const admitsGroup = (keys: object) => admits({ groups: [{ name: 'a', ...keys }] });
  test.each(LOGIN_PROTOCOLS)('ties the map of %s to that protocol, and knows its options', (name) => {
    expect(admitsGroup({ protocol: name })).toBe(true);
    expect(admitsGroup({ protocol: name, [name]: { no_such_option: 1 } })).toBe(false);
    expect(admitsGroup({ [name]: {} })).toBe(false);
    for (const other of LOGIN_PROTOCOLS) {
      if (other !== name) expect(admitsGroup({ protocol: name, [other]: {} }), other).toBe(false);
    }
  });
});

describe('an example in the documentation that is a whole configuration loads', () => {
  const pages = [...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`), 'README.md'];
  const written = pages.filter((name) => name.endsWith('.md') && existsSync(join(root, name)));
  const examples = written.flatMap((name) => {
    const blocks = [...read(name).matchAll(/```ya?ml\n(.*?)```/gs)].map(([, text = '']) => text);
    return blocks.filter((text) => /^groups:/m.test(text)).map((text, index) => ({ name, number: index + 1, text }));
  });

  test.each(examples)('$name, number $number', ({ text }) => {
    expect(problemsIn(text)).toEqual([]);
  });

  test('there are some', () => {
    expect(examples.length).toBeGreaterThan(1);
  });
});

/** They decide which peers there are, and what is measured and observed beside them, not how one is held. */
const TARGET_KEYS: ReadonlySet<string> = new Set([
  'name',
  'relabel_configs',
  'target_limit',
  'silence',
  'hold',
  'observe',
  ...Object.keys(sourceFields),
]);

describe('a reload does with a changed key what the tables say', () => {
  const CHANGES: Readonly<Record<string, string>> = {
    connect_timeout: '1s',
    idle_timeout: '1s',
    write_timeout: '1s',
    keepalive: '{idle: 1s}',
    user_timeout: '1s',
    reconnect: '{initial: 2s}',
    max_connection_age: '1s',
    sample_interval: '1s',
    ip_family: 'ipv4',
    source_address: '127.0.0.1',
    protocol: 'redis',
    redis: '{client_name: x}, protocol: redis',
    postgres: '{username: x}, protocol: postgres',
    mysql: '{username: x}, protocol: mysql',
    amqp: '{username: x, password_file: pw}, protocol: amqp',
    kafka: '{}, protocol: kafka',
    script: '{login: [{expect: x}]}, protocol: script, heartbeat: false',
    smtp: '{}, protocol: smtp',
    imap: '{}, protocol: imap',
    ftp: '{}, protocol: ftp',
    memcached: '{}, protocol: memcached',
    http: '{}, protocol: http',
    websocket: '{}, protocol: websocket',
    http2: '{}, protocol: http2',
    grpc: '{}, protocol: grpc',
    mqtt: '{}, protocol: mqtt',
    nats: '{}, protocol: nats',
    ldap: '{}, protocol: ldap',
    zookeeper: '{}, protocol: zookeeper',
    cassandra: '{}, protocol: cassandra',
    mongodb: '{}, protocol: mongodb',
    heartbeat: '{send: x}',
    tls: '{}',
  };
  const settings = (keys: string): PeerSettings => {
    const text = `groups: [{name: a, static_configs: [{targets: ["h:1"]}]${keys}}]`;
    const password = { kind: 'read', bytes: Buffer.from('secret') } as const;
    const readNow = (path: string) => (path === 'pw' ? password : ({ kind: 'unreadable', why: 'ENOENT' } as const));
    const result = parseConfig(text, 'f.yml', readNow);
    const [peer] = result.kind === 'loaded' ? result.config.groups.flatMap(peersOf) : [];
    if (peer === undefined) throw new Error(`no peer of ${text}`);
    return peer;
  };

  test.each(Object.entries(CHANGES))('%s', (key, value) => {
    const [before, after] = [settings(''), settings(`, ${key}: ${value}`)];
    expect(peerChange(before, after)).toBe(RECONNECTING.has(key) ? 'reconnect' : 'inPlace');
  });

  test('no key of a group is left out', () => {
    const keys = Object.keys(configSchema.shape.groups.element.shape);
    expect(keys.filter((key) => !TARGET_KEYS.has(key))).toEqual(Object.keys(CHANGES));
  });
});

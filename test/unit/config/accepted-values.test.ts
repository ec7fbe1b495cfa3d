import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { staticTargetsOf } from '../../../src/settings/source-settings.ts';
import { parseConfig } from '../../../src/config/load-config.ts';
import type { FileContent } from '../../../src/files/file-content.ts';
import { formatAll } from './problems-of.ts';

const tlsFolder = join(import.meta.dirname, '../../support/tls');

/** Test certificates by their names, and texts by what they are. */
function readFile(path: string): FileContent {
  const name = path.replace(/^.*\//, '');
  if (name.startsWith('text ')) return { kind: 'read', bytes: Buffer.from(name.slice('text '.length)) };
  return { kind: 'read', bytes: readFileSync(join(tlsFolder, name)) };
}

function load(text: string) {
  const result = parseConfig(text, '/etc/finrst.yml', readFile);
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  return result.config;
}

const template = (keys: string, global = '') =>
  load(`global: {${global}}\ngroups: [{name: a, ${keys}, static_configs: [{targets: ["h:1"]}]}]`).groups[0]?.template;

describe('at the edge of a rule, and on the right side of it', () => {
  test.each([
    { when: 'the first reconnect delay is the longest', keys: 'reconnect: {initial: 5s, max: 5s}' },
    {
      when: 'an answer may take the whole interval',
      keys: 'heartbeat: {send: x, expect: y, interval: 2s, timeout: 2s}',
    },
    { when: 'the source address is of the family', keys: 'ip_family: ipv4, source_address: 127.0.0.1' },
    { when: 'any family goes with a source address', keys: 'ip_family: any, source_address: "::1"' },
    { when: 'keepalive at its bounds', keys: 'keepalive: {idle: 32767s, interval: 1s, count: 127}' },
    { when: 'user_timeout at its bound', keys: 'user_timeout: 24d20h31m23s647ms' },
    { when: 'sample_interval off', keys: 'sample_interval: 0s' },
    { when: 'sample_interval at its bound', keys: 'sample_interval: 1s' },
    { when: 'connect_timeout at its bound', keys: 'connect_timeout: 1ms' },
    { when: 'heartbeat interval at its bound', keys: 'heartbeat: {send: x, interval: 10ms}' },
    {
      when: 'a file name taken back',
      keys: 'heartbeat: {send: x, send_file: ""}, tls: {ca_file: "", cert_file: "", key_file: ""}',
    },
    { when: 'a server name taken back', keys: 'tls: {server_name: ""}' },
  ])('$when', ({ keys }) => {
    expect(template(keys)).toBeDefined();
  });
});

test('a group that fits by itself is not blamed for what global says of other keys', () => {
  expect(template('reconnect: {initial: 2m, max: 3m}', 'reconnect: {initial: 1s, max: 5s}')).toMatchObject({
    reconnect: { initialMs: 120_000, maxMs: 180_000 },
  });
});

test('certificates of a group are named by whole paths, in the form the runtime takes', () => {
  const keys =
    'tls: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key, server_name: db, min_version: TLS12}';
  expect(template(keys)?.tls).toEqual({
    serverName: 'db',
    caFile: '/etc/ca.pem',
    certFile: '/etc/client.pem',
    keyFile: '/etc/client.key',
    minVersion: 'TLSv1.2',
    insecureSkipVerify: false,
    expectCloseNotify: false,
  });
  expect(template('tls: {insecure_skip_verify: true, expect_close_notify: true}')?.tls).toMatchObject({
    insecureSkipVerify: true,
    expectCloseNotify: true,
  });
});

describe('the headers of spans', () => {
  const headersOf = (text: string) => {
    const yaml = `groups: []\ntracing: {endpoint: "http://otel:4318", headers_file: ${JSON.stringify(`text ${text}`)}}`;
    return load(yaml).tracing?.headers;
  };

  test.each([
    { written: 'a=1', headers: { a: '1' } },
    { written: 'Authorization=Basic a==', headers: { authorization: 'Basic a==' } },
    { written: '  X-Org \t=\t one two ', headers: { 'x-org': 'one two' } },
    { written: 'a=1\nA=2', headers: { a: '2' } },
    { written: 'a=', headers: { a: '' } },
    { written: '\n\n # a=1\r\nb=2\r\n', headers: { b: '2' } },
    { written: "!#$%&'*+-.^_`|~9z=~", headers: { "!#$%&'*+-.^_`|~9z": '~' } },
  ])('$written', ({ written, headers }) => {
    expect(headersOf(written)).toEqual(headers);
  });

  test.each(['=1', 'a', 'ab', 'a b=1', 'a:b=1', 'a=\u0001', 'é=1', 'a=é'])(
    '%j is refused without its value',
    (written) => {
      const problem = 'tracing.headers_file names /etc/text ';
      expect(() => headersOf(`ok=1\n${written}`)).toThrow(problem);
      expect(() => headersOf(`ok=1\n${written}`)).toThrow('whose line 2 is no key=value of an HTTP header');
    },
  );
});

test('what tracing says stands over its defaults', () => {
  const keys = 'endpoint: "https://otel:4318//", compression: none, timeout: 3s, sampling_ratio: 0, ca_file: ca.pem';
  expect(load(`groups: []\ntracing: {${keys}}`).tracing).toEqual({
    endpoint: 'https://otel:4318',
    headers: {},
    caFile: '/etc/ca.pem',
    certFile: null,
    keyFile: null,
    compression: 'none',
    timeoutMs: 3000,
    samplingRatio: 0,
  });
  expect(load('groups: []\ntracing: {endpoint: ""}').tracing?.endpoint).toBeNull();
});

test('process-wide settings are taken as written', () => {
  const { global } = load(
    'global: {max_connects_per_second: 1, max_connections: 7, metrics: {detail: minimal, histograms: off, target_labels: [team, severity]}}\ngroups: []',
  );
  expect(global).toEqual({
    maxConnectsPerSecond: 1,
    maxConnections: 7,
    detail: 'minimal',
    histograms: 'off',
    targetLabels: ['team', 'severity'],
  });
});

test('targets keep their order, their spelling and the labels of their own list', () => {
  const { groups } = load(
    'groups: [{name: a, static_configs: [{targets: ["B:1", "a:1"], labels: {zone: x}}, {targets: []}, {targets: ["c:1"]}]}]',
  );
  expect(staticTargetsOf(groups[0]?.sources ?? [])).toEqual([
    { targets: ['B:1', 'a:1'], labels: { zone: 'x' } },
    { targets: ['c:1'], labels: {} },
  ]);
});

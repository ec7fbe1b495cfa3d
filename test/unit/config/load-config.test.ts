import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig, parseConfig } from '../../../src/config/load-config.ts';
import type { PeerSettings } from '../../../src/settings/peer-settings.ts';
import { readFile, readFileNow } from '../../support/read-file.ts';
import { peersOf } from '../../support/peers-of.ts';
import { formatAll } from './problems-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'finrst-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function configOf(text: string): Config {
  const result = parseConfig(text, join(folder, 'f.yml'), readFileNow);
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  return result.config;
}

/** The first peer of the first group that these lines describe; `global` and the group's keys in flow style. */
function peerOf({ global = '', group = '' }): PeerSettings {
  const text = `global: {${global}}\ngroups: [{name: g, static_configs: [{targets: ["h:1"]}], ${group}}]`;
  const [peer] = peersOf(configOf(text).groups[0]);
  if (peer === undefined) throw new Error('no peer');
  return peer;
}

test('a peer about which nothing is said has the defaults of the contract', () => {
  expect(peerOf({})).toEqual({
    group: 'g',
    peer: 'h:1',
    host: 'h',
    port: 1,
    labels: {},
    targetLabels: [],
    connectTimeoutMs: 5000,
    idleTimeoutMs: 0,
    writeTimeoutMs: 30_000,
    keepalive: { idleSeconds: 60, intervalSeconds: 10, count: 3 },
    userTimeoutMs: 0,
    reconnect: { initialMs: 1000, maxMs: 60_000 },
    maxConnectionAgeMs: 0,
    sampleIntervalMs: 15_000,
    ipFamily: 'any',
    sourceAddress: null,
    heartbeat: null,
    protocol: null,
    tls: null,
  });
});

test('process-wide settings have the defaults of the contract', () => {
  const { global, tracing } = configOf('groups: []');
  expect(global).toEqual({
    maxConnectsPerSecond: 200,
    maxConnections: 0,
    detail: 'full',
    histograms: 'by_class',
    targetLabels: [],
  });
  expect(tracing).toBeNull();
});

describe('a group stands over global, and global over the defaults, nested maps key by key', () => {
  test.each([
    { when: 'global sets a duration', global: 'idle_timeout: 1m', gives: { idleTimeoutMs: 60_000 } },
    {
      when: 'the group sets it again',
      global: 'idle_timeout: 1m',
      group: 'idle_timeout: 2m',
      gives: { idleTimeoutMs: 120_000 },
    },
    {
      when: 'the group takes it back with 0',
      global: 'idle_timeout: 1m',
      group: 'idle_timeout: 0',
      gives: { idleTimeoutMs: 0 },
    },
    {
      when: 'global and group each set one key of keepalive',
      global: 'keepalive: {idle: 5s}',
      group: 'keepalive: {count: 9}',
      gives: { keepalive: { idleSeconds: 5, intervalSeconds: 10, count: 9 } },
    },
    {
      when: 'the group sets none of the keys that global set',
      global: 'keepalive: {interval: 7s, count: 9}',
      group: 'keepalive: {idle: 5s}',
      gives: { keepalive: { idleSeconds: 5, intervalSeconds: 7, count: 9 } },
    },
    { when: 'the group turns keepalive off', group: 'keepalive: off', gives: { keepalive: null } },
    { when: 'global turns keepalive off', global: 'keepalive: false', gives: { keepalive: null } },
    {
      when: 'the group turns keepalive on again: from the built-in values',
      global: 'keepalive: off',
      group: 'keepalive: {idle: 5s}',
      gives: { keepalive: { idleSeconds: 5, intervalSeconds: 10, count: 3 } },
    },
    {
      when: 'global and group each set one key of reconnect',
      global: 'reconnect: {max: 5m}',
      group: 'reconnect: {initial: 2m}',
      gives: { reconnect: { initialMs: 120_000, maxMs: 300_000 } },
    },
    {
      when: 'the group takes the source address back',
      global: 'source_address: 127.0.0.1',
      group: 'source_address: ""',
      gives: { sourceAddress: null },
    },
    {
      when: 'the group chooses a family',
      global: 'ip_family: ipv4',
      group: 'ip_family: ipv6',
      gives: { ipFamily: 'ipv6' },
    },
  ])('$when', ({ global, group, gives }) => {
    expect(peerOf({ ...(global && { global }), ...(group && { group }) })).toMatchObject(gives);
  });
});

describe('a heartbeat', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

  test('has an interval of 10 s and waits 5 s for its answer', () => {
    const { heartbeat } = peerOf({ group: `heartbeat: {send: 'PING\\r\\n', expect: '+PONG'}` });
    const settings = { send: bytes('PING\r\n'), expect: bytes('+PONG') };
    expect(heartbeat).toEqual({ protocol: { name: 'send_expect', settings }, intervalMs: 10_000, timeoutMs: 5000 });
  });

  test('waits no longer than its interval where nothing is said', () => {
    const { heartbeat } = peerOf({ group: 'heartbeat: {send: x, expect: y, interval: 2s}' });
    expect(heartbeat?.timeoutMs).toBe(2000);
  });

  test('needs no answer without expect', () => {
    const { heartbeat } = peerOf({ group: 'heartbeat: {send: x}' });
    expect(heartbeat).toMatchObject({ protocol: { settings: { expect: null } }, timeoutMs: null });
  });

  test.each([
    { written: String.raw`'\x00\xFF\r\n\t\\'`, sends: bytes('\x00\xff\r\n\t\\') },
    { written: String.raw`"PING\r\n"`, sends: bytes('PING\r\n') },
    { written: String.raw`'→😀'`, sends: Uint8Array.from(Buffer.from('→😀', 'utf8')) },
    { written: String.raw`plain words`, sends: bytes('plain words') },
  ])('sends the bytes that $written stands for', ({ written, sends }) => {
    expect(peerOf({ group: `heartbeat: {send: ${written}}` }).heartbeat?.protocol.settings).toEqual({
      send: sends,
      expect: null,
    });
  });

  test('sends the bytes of a file as they are, found beside the configuration', () => {
    writeFileSync(join(folder, 'probe.bin'), Buffer.from([0, 255, 92, 110]));
    const { heartbeat } = peerOf({ group: 'heartbeat: {send_file: probe.bin}' });
    expect(heartbeat?.protocol.settings).toEqual({ send: Buffer.from([0, 255, 92, 110]), expect: null });
  });
});

test('tls has its defaults when nothing but {} is said', () => {
  expect(peerOf({ group: 'tls: {}' }).tls).toEqual({
    serverName: null,
    caFile: null,
    certFile: null,
    keyFile: null,
    minVersion: 'TLSv1.2',
    insecureSkipVerify: false,
    expectCloseNotify: false,
  });
});

test('tls files are named by paths that can be opened from anywhere', () => {
  const support = join(import.meta.dirname, '../../support/tls');
  for (const name of ['ca.pem', 'client.pem', 'client.key']) {
    writeFileSync(join(folder, name), readFileSync(join(support, name)));
  }
  const { tls } = peerOf({
    group: 'tls: {ca_file: ca.pem, cert_file: ./client.pem, key_file: client.key, min_version: TLS13}',
  });
  expect(tls).toMatchObject({
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'client.pem'),
    keyFile: join(folder, 'client.key'),
    minVersion: 'TLSv1.3',
  });
});

test('tracing headers are read from their file, comments and blank lines left out', () => {
  writeFileSync(join(folder, 'headers.txt'), '# for the collector\n\nAuthorization = Bearer a=b\nX-Org=1\n');
  const { tracing } = configOf('tracing: {endpoint: "http://otel:4318/", headers_file: headers.txt}\ngroups: []');
  expect(tracing).toEqual({
    endpoint: 'http://otel:4318',
    headers: { authorization: 'Bearer a=b', 'x-org': '1' },
    caFile: null,
    certFile: null,
    keyFile: null,
    compression: 'gzip',
    timeoutMs: 10_000,
    samplingRatio: 1,
  });
});

test('anchors and merge keys share what groups have in common', () => {
  const { groups } = configOf(readFileSync(join(import.meta.dirname, 'good', 'shared-by-anchors.yml'), 'utf8'));
  const [first, second] = groups.map((group) => peersOf(group)[0]);
  expect(first).toMatchObject({
    idleTimeoutMs: 60_000,
    keepalive: { idleSeconds: 5 },
    heartbeat: { intervalMs: 2000 },
  });
  expect(second).toMatchObject({ group: 'second', idleTimeoutMs: 0, heartbeat: { timeoutMs: 1000 } });
  expect(groups[2]).toMatchObject({ name: 'empty', sources: [{ kind: 'static', settings: [] }] });
});

test('a file that is not there is a problem without a place', async () => {
  const file = join(folder, 'nowhere.yml');
  const problem = { file, message: 'cannot be read: it does not exist' };
  expect(await loadConfig({ file, readFile })).toEqual({ kind: 'invalid', problems: [problem] });
});

test('a file that is not UTF-8 is a problem', async () => {
  const file = join(folder, 'latin1.yml');
  writeFileSync(file, Buffer.from('groups: [] # caf\xe9', 'latin1'));
  expect(await loadConfig({ file, readFile })).toEqual({
    kind: 'invalid',
    problems: [{ file, message: 'not UTF-8 text' }],
  });
});

test('the key of a MySQL server is read together with the configuration that names it', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  writeFileSync(join(folder, 'public_key.pem'), pem);
  const file = join(folder, 'mysql.yml');
  const login = 'protocol: mysql, mysql: {username: u, server_public_key_file: public_key.pem}';
  writeFileSync(file, `groups: [{name: g, ${login}, static_configs: [{targets: ["h:3306"]}]}]`);
  const result = await loadConfig({ file, readFile });
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  const [peer] = peersOf(result.config.groups[0]);
  expect(peer?.protocol).toMatchObject({ name: 'mysql', settings: { serverPublicKey: pem } });
});

describe('for a process that holds nothing', () => {
  const text = [
    'global: {ip_family: ipv4}',
    'groups:',
    '  - name: a',
    '    tls: {ca_file: gone.pem}',
    '    protocol: redis',
    '    redis: {password_file: gone.txt}',
    '    static_configs: [{targets: ["[2001:db8::1]:3306"]}]',
  ].join('\n');
  const load = async (own: string, holdsNothing: boolean) => {
    const file = join(folder, 'only.yml');
    writeFileSync(file, text + own);
    return loadConfig({ file, readFile }, { holdsNothing });
  };

  test('keys of held connections and their files do not matter, and every group is one that is not held', async () => {
    const held = await load('\n    observe: {}\n', false);
    expect(held.kind === 'invalid' && held.problems.map(({ message }) => message).join()).toMatch(
      /gone\.pem.*gone\.txt/,
    );
    const result = await load('\n    observe: {}\n', true);
    if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
    expect(result.config.groups).toMatchObject([{ name: 'a', isHeld: false, isObserved: true }]);
    expect(result.config.groups[0]?.template).toMatchObject({
      tls: null,
      protocol: null,
      heartbeat: null,
      ipFamily: 'any',
    });
    expect(result.config.warnings).toEqual([]);
  });

  test('a key that is wrong by itself stays a problem, and so does hold: false with keys that it excludes', async () => {
    for (const own of ['\n    idle_timout: 1s\n', '\n    hold: false\n    observe: {}\n'])
      expect((await load(own, true)).kind).toBe('invalid');
  });

  test('that no group is observed is worth a warning', async () => {
    const result = await load('\n', true);
    expect(result.kind === 'loaded' && result.config.warnings.join()).toContain('no group has observe');
  });
});

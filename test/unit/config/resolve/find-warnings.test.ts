import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../../src/config/load-config.ts';
import { DescriptorBudget } from '../../../../src/connections/fleet/descriptor-budget.ts';
import { descriptorRoom } from '../../../../src/settings/descriptor-room.ts';
import { readFile } from '../../../support/read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'finrst-warnings-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function warningsOf(
  text: string,
  openFileLimit: number | null = null,
  packetBacklog: number | null = null,
): Promise<readonly string[]> {
  const file = join(folder, 'f.yml');
  writeFileSync(file, text);
  const result = await loadConfig({ file, readFile }, { openFileLimit, packetBacklog });
  return result.kind === 'loaded'
    ? result.config.warnings.map((warning) => warning.replace(`${folder}/`, ''))
    : result.problems.map(({ message }) => message);
}

const withTargets = (targets: string): string => `groups:\n- name: db\n  static_configs:\n  - targets: [${targets}]\n`;

test('MySQL ports are warned of at their first target, once in a group', async () => {
  expect(await warningsOf(withTargets('a:1, db-0:3306, db-1:3306'))).toEqual([
    'f.yml:4:20: warning: 2 targets of group "db" on port 3306: MySQL and MariaDB block a host after 100 broken handshakes ' +
      '(max_connect_errors) and reset silent clients after connect_timeout, 10 s; make sure that the server expects such clients',
  ]);
});

test.each([22, 3306, 5432])('port %d is warned of', async (port) => {
  expect(await warningsOf(withTargets(`db-0:${port}`))).toEqual([
    expect.stringContaining(`target "db-0:${port}" on port ${port}: `),
  ]);
});

test('other ports are not warned of', async () => {
  expect(await warningsOf(withTargets('redis-0:6379, web:443'))).toEqual([]);
});

test('more peers than the limit of open files leaves room for are warned of', async () => {
  const targets = Array.from({ length: 745 }, (_, index) => `p${index}:1`).join(', ');
  expect(await warningsOf(withTargets(targets), 1001)).toEqual([]);
  expect(await warningsOf(withTargets(targets), 1000)).toEqual([
    'f.yml:1:1: warning: 745 peers are more than the 744 that the limit of 1000 open files leaves room for; ' +
      'raise it (ulimit -n, LimitNOFILE=), or some will be tcp/fd_limit connect failures',
  ]);
  expect(await warningsOf(withTargets(targets), null)).toEqual([]);
});

test.each([16, 256, 384, 1024, 1_048_576])(
  'the warning and the fleet agree on the room that %d open files leave',
  (limit) => {
    expect(new DescriptorBudget(limit, 0, () => undefined).limit).toBe(descriptorRoom(limit));
  },
);

test('an idle_timeout that ends every peer which only answers heartbeats is warned of', async () => {
  const group = (idle: string): string =>
    `groups:\n- name: a\n  idle_timeout: ${idle}\n  heartbeat: {send: x, expect: y, interval: 10s}\n  static_configs: [{targets: ["a:1"]}]\n`;
  expect(await warningsOf(group('10s'))).toEqual([
    'f.yml:3:17: warning: groups[0].idle_timeout is 10s, not longer than heartbeat.interval, 10s: a peer that only answers ' +
      'heartbeats will be ended as idle_timeout/no_data',
  ]);
  expect(await warningsOf(group('11s'))).toEqual([]);
});

describe('nothing is said about an idle_timeout', () => {
  const group = (keys: string, targets = '["a:1"]'): string =>
    `groups:\n- {name: a, ${keys}, static_configs: [{targets: ${targets}}]}\n`;

  test.each([
    { when: 'without a heartbeat', text: group('idle_timeout: 1s') },
    { when: 'when no answer is asked for', text: group('idle_timeout: 1s, heartbeat: {send: x}') },
    { when: 'when it is off', text: group('idle_timeout: 0s, heartbeat: {send: x, expect: y}') },
    { when: 'when it is longer', text: group('idle_timeout: 10s1ms, heartbeat: {send: x, expect: y}') },
    { when: 'where there is no peer', text: group('idle_timeout: 1s, heartbeat: {send: x, expect: y}', '[]') },
  ])('$when', async ({ text }) => {
    expect(await warningsOf(text)).toEqual([]);
  });
});

test('an idle_timeout that global gives is warned of at the group that it is too short for', async () => {
  const text =
    'global: {idle_timeout: 5s}\ngroups:\n- {name: a, heartbeat: {send: x, expect: y}, static_configs: [{targets: ["a:1"]}]}\n';
  expect(await warningsOf(text)).toEqual([
    expect.stringMatching(/^f\.yml:3:3: warning: groups\[0\]\.idle_timeout is 5s, /),
  ]);
});

test('each port and each group is warned of by itself', async () => {
  const group = (name: string, targets: string): string =>
    `- name: ${name}\n  static_configs:\n  - targets: [${targets}]\n`;
  const text = `groups:\n${group('a', 'x:22, y:5432, z:22')}${group('b', 'x:22')}`;
  expect((await warningsOf(text)).map((warning) => warning.split(': ').slice(0, 3).join(': '))).toEqual([
    'f.yml:4:15: warning: 2 targets of group "a" on port 22',
    'f.yml:4:21: warning: target "y:5432" on port 5432',
    'f.yml:7:15: warning: target "x:22" on port 22',
  ]);
});

describe('an smtp heartbeat that Postfix counts as an error', () => {
  const smtp = (keys = '', targets = '["m:25"]'): string =>
    `groups:\n- name: a\n  protocol: smtp\n${keys}  static_configs: [{targets: ${targets}}]\n`;

  test.each(['', '  max_connection_age: 181m\n', '  heartbeat: {interval: 1m}\n  max_connection_age: 91m\n'])(
    'is warned of where connections live longer than 90 of them: %j',
    async (keys) => {
      const most = keys.includes('interval') ? ['1m', '1h30m'] : ['2m', '3h'];
      expect(await warningsOf(smtp(keys))).toEqual([
        `f.yml:3:13: warning: group "a" sends a NOOP every ${most[0]}, and Postfix slows down and closes a connection after 100 of them (smtpd_junk_command_limit); set max_connection_age to at most ${most[1]}`,
      ]);
    },
  );

  test.each([
    smtp('  max_connection_age: 3h\n'),
    smtp('  heartbeat: false\n'),
    smtp('', '[]'),
    smtp().replace('smtp', 'imap'),
  ])('is none otherwise: %#', async (text) => {
    expect(await warningsOf(text)).toEqual([]);
  });
});

describe('target labels', () => {
  const wanted = (names: string, targets = '["a:1"], labels: {team: x, pod: y}'): string =>
    `global: {metrics: {target_labels: [${names}]}}\ngroups:\n- {name: a, static_configs: [{targets: ${targets}}]}\n`;

  test.each(['pod', 'namespace', 'cluster', 'container', 'service', 'endpoint'])(
    '%s is warned of: a scrape replaces it',
    async (name) => {
      expect(await warningsOf(wanted(`team, ${name}`))).toEqual([
        `f.yml:1:42: warning: global.metrics.target_labels[1] is "${name}", which scraping often gives, too: Prometheus then stores ours as exported_${name}`,
      ]);
    },
  );

  test('one that no target has is warned of, with the name that was probably meant', async () => {
    const first = 'f.yml:1:36: warning: global.metrics.target_labels[0] is';
    expect(await warningsOf(wanted('taem'))).toEqual([`${first} "taem", which no target has among its labels`]);
    expect(await warningsOf(wanted('teams'))).toEqual([
      `${first} "teams", which no target has among its labels; did you mean team?`,
    ]);
  });

  test('nothing is said of one that some target has, nor where there are no targets', async () => {
    expect(await warningsOf(wanted('team'))).toEqual([]);
    expect(await warningsOf(wanted('taem', '[]'))).toEqual([]);
  });
});

describe('bursts of keepalive probes', () => {
  const silent = (peers: number, keepalive: string): string => {
    const targets = Array.from({ length: peers }, (_, index) => `p${index}:1`).join(', ');
    return `global: {max_connects_per_second: 2000}\ngroups:\n- {name: a, keepalive: ${keepalive}, static_configs: [{targets: [${targets}]}]}\n`;
  };

  test('are warned of where they overflow the queue of this host', async () => {
    expect(await warningsOf(silent(600, '{idle: 20s, interval: 2s, count: 2}'), null, 100)).toEqual([
      'f.yml:2:1: warning: up to 300 probes of the 600 peers with keepalive.idle 20s leave in one burst, more than ' +
        'net.core.netdev_max_backlog x keepalive.count, 200 with a count of 2: behind loopback or veth the rest is dropped, and live peers ' +
        'may end as error/keepalive_timeout; raise that sysctl, keepalive.idle or keepalive.count, or lower max_connects_per_second',
    ]);
  });

  test.each([
    { when: 'the queue is long enough', text: silent(600, '{idle: 20s, interval: 2s, count: 2}'), backlog: 150 },
    { when: 'the queue is unknown, and the usual one is long enough', text: silent(600, '{idle: 20s}'), backlog: null },
    { when: 'keepalive is off', text: silent(600, 'false'), backlog: 1 },
  ])('are not warned of where $when', async ({ text, backlog }) => {
    expect(await warningsOf(text, null, backlog)).toEqual([]);
  });
});

test.each(['http', 'websocket'])('credentials of protocol %s can be read on the way, without TLS', async (protocol) => {
  writeFileSync(join(folder, 'token'), 'Bearer secret\n');
  const text = (more: string): string =>
    `groups:\n- {name: db, protocol: ${protocol}, ${protocol}: {authorization_file: token}, static_configs: [{targets: ["a:1"]}]${more}}\n`;
  expect(await warningsOf(text(''))).toEqual([
    expect.stringContaining(`everybody on the way can read the password of group "db", since protocol ${protocol}`),
  ]);
  expect(await warningsOf(text(', tls: {}'))).toEqual([]);
});

test.each([
  ['plain', 1],
  ['scram-sha-256', 0],
  ['scram-sha-512', 0],
])('kafka with sasl %s far away gives %i warning of a password that can be read', async (sasl, count) => {
  writeFileSync(join(folder, 'pw'), 'secret');
  const kafka = `kafka: {sasl: ${sasl}, username: u, password_file: pw}`;
  const group = `{name: k, protocol: kafka, ${kafka}, static_configs: [{targets: ["k:9092"]}]}`;
  const found = await warningsOf(`groups: [${group}]`);
  expect(found.filter((warning) => warning.includes('can read the password of group "k"'))).toHaveLength(count);
});

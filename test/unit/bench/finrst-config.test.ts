import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { TARGETS_FILE, targetLists, writeConfig } from '../../bench/finrst-config.ts';

const fleet = { network: '127.1', port: 6379, peers: 300, tls: false, heartbeatMs: 0 };

test('each peer has an address of its own', () => {
  const { groups } = parse(writeConfig(fleet)) as { groups: [{ static_configs: [{ targets: string[] }] }] };
  const { targets } = groups[0].static_configs[0];
  expect(new Set(targets).size).toBe(300);
  expect([targets[0], targets[255], targets[256], targets[299]]).toEqual([
    '127.1.0.0:6379',
    '127.1.0.255:6379',
    '127.1.1.0:6379',
    '127.1.1.43:6379',
  ]);
});

test('without peers there is no group', () => {
  expect(parse(writeConfig({ ...fleet, peers: 0 }))).toMatchObject({ groups: [] });
});

test('no probe is sent, unless a keepalive is asked for', () => {
  const keepaliveOf = (keepalive?: string) =>
    (parse(writeConfig({ ...fleet, ...(keepalive === undefined ? {} : { keepalive }) })) as { global: object }).global;
  expect(keepaliveOf()).toMatchObject({ keepalive: { idle: '7200s', interval: '10s', count: 3 } });
  expect(keepaliveOf('{idle: 20s, interval: 2s, count: 2}')).toMatchObject({ keepalive: { idle: '20s', count: 2 } });
  expect(keepaliveOf('default')).not.toHaveProperty('keepalive');
});

test('a protocol logs in, and has its heartbeat', () => {
  const groupOf = (protocol: 'redis' | 'postgres') =>
    (parse(writeConfig({ ...fleet, protocol })) as { groups: [object] }).groups[0];
  const heartbeat = { interval: '10s', timeout: '5s' };
  expect(groupOf('redis')).toMatchObject({ protocol: 'redis', heartbeat });
  expect(groupOf('postgres')).toMatchObject({ protocol: 'postgres', heartbeat, postgres: { username: 'bench' } });
});

test('discovered peers are the same ones, in lists of a hundred with ten labels, through rules', () => {
  const lists = JSON.parse(targetLists(fleet)) as { targets: string[]; labels: object }[];
  expect(lists.map(({ targets }) => targets.length)).toEqual([100, 100, 100]);
  const { groups } = parse(writeConfig(fleet)) as { groups: [{ static_configs: [{ targets: string[] }] }] };
  expect(lists.flatMap(({ targets }) => targets)).toEqual(groups[0].static_configs[0].targets);
  expect(lists.map(({ labels }) => Object.keys(labels).length)).toEqual([10, 10, 10]);
  expect((parse(writeConfig({ ...fleet, discovered: true })) as { groups: [object] }).groups[0]).toEqual({
    name: 'bench',
    file_sd_configs: [{ files: [TARGETS_FILE] }],
    relabel_configs: [
      expect.objectContaining({ action: 'keep' }),
      expect.objectContaining({ target_label: 'owner' }),
      expect.objectContaining({ action: 'labeldrop' }),
    ],
  });
});

test('what a part asks for', () => {
  const asked = writeConfig({
    ...fleet,
    tls: true,
    heartbeatMs: 10_000,
    sampleInterval: '1s',
    tracing: 'http://c:4318',
  });
  expect(parse(asked)).toMatchObject({
    global: { sample_interval: '1s', max_connects_per_second: 2000, reconnect: { initial: '1s', max: '1s' } },
    tracing: { endpoint: 'http://c:4318' },
    groups: [{ tls: { insecure_skip_verify: true }, heartbeat: { send: 'PING\\r\\n', interval: '10000ms' } }],
  });
});

import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load-config.ts';
import { readFileNow } from '../../support/read-file.ts';

const TEXT = `global:
  keepalive: {idle: 90s}
  user_timeout: 30s
groups:
  - name: a
    keepalive:
      idle: 400s
      count: 2
    static_configs:
      - targets: ["h:1"]
        labels: {team: payments}
  - name: b
    keepalive: false
`;

test('says on which line each key of global and of a group stands, also in maps, and nothing of lists', () => {
  const result = parseConfig(TEXT, '/etc/finrst.yml', readFileNow);
  if (result.kind === 'invalid') throw new Error(result.problems[0]?.message);
  const { file, globalLines, groups } = result.config;
  expect(file).toBe('/etc/finrst.yml');
  expect([...globalLines]).toEqual([
    ['keepalive', 2],
    ['keepalive.idle', 2],
    ['user_timeout', 3],
  ]);
  expect([...(groups[0]?.writtenLines ?? [])]).toEqual([
    ['name', 5],
    ['keepalive', 6],
    ['keepalive.idle', 7],
    ['keepalive.count', 8],
    ['static_configs', 9],
  ]);
  expect([...(groups[1]?.writtenLines ?? [])]).toEqual([
    ['name', 12],
    ['keepalive', 13],
  ]);
});

test('what a merge key brings stands where it is written', () => {
  const text = `groups:
  - &first
    name: a
    user_timeout: 30s
    static_configs: [{targets: ["h:1"]}]
  - <<: *first
    name: b
`;
  const result = parseConfig(text, 'f.yml', readFileNow);
  if (result.kind === 'invalid') throw new Error(result.problems[0]?.message);
  expect(result.config.groups[1]?.writtenLines?.get('user_timeout')).toBe(4);
  expect(result.config.groups[1]?.writtenLines?.get('name')).toBe(7);
});

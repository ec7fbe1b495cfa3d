import { expect, test } from 'vitest';
import type { ConfigResult } from '../../../../src/config/config.ts';
import { parseConfig } from '../../../../src/config/load-config.ts';
import {
  messagesOf,
  PartsOfConfig,
  PEERS_A_MESSAGE,
  type ConfigPart,
} from '../../../../src/config/thread/config-parts.ts';
import { readFileNow } from '../../../support/read-file.ts';

const targets = (count: number, host = 'a') => Array.from({ length: count }, (_, i) => `${host}:${i + 1}`);
const entry = (list: readonly string[], team = 'x') => ({ targets: list, labels: { team } });
const loaded = (groups: readonly object[]): ConfigResult => {
  const result = parseConfig(JSON.stringify({ groups }), 'f.yml', readFileNow);
  expect(result.kind).toBe('loaded');
  return result;
};
const together = (messages: Iterable<readonly ConfigPart[]>): ConfigResult => {
  const parts = new PartsOfConfig();
  for (const message of messages) for (const part of structuredClone(message)) parts.add(part);
  return parts.result;
};
const weightOf = (message: readonly ConfigPart[]) =>
  message.reduce((sum, part) => sum + (part.part === 'targets' ? part.targets.length : 1), 0);

const RESULTS: readonly (readonly [string, ConfigResult])[] = [
  ['no group', loaded([])],
  ['a group without sources', loaded([{ name: 'a' }])],
  ['an entry without targets', loaded([{ name: 'a', static_configs: [entry([])] }])],
  [
    'groups, entries and labels of their own',
    loaded([
      { name: 'a', idle_timeout: '3s', static_configs: [entry(['a:1', 'b:2'], 'x'), entry(['c:3'], 'y')] },
      { name: 'b', heartbeat: { send: 'PING', expect: 'PONG' } },
      { name: 'c', tls: { server_name: 's' }, static_configs: [entry(['a:1'])] },
    ]),
  ],
  ['one long entry', loaded([{ name: 'a', static_configs: [entry(targets(1234))] }])],
  [
    'many short entries',
    loaded([{ name: 'a', static_configs: targets(700).map((target, i) => entry([target], `t${i}`)) }]),
  ],
  ['many groups', loaded(targets(600).map((target, i) => ({ name: `g${i}`, static_configs: [entry([target])] })))],
  [
    'many problems',
    { kind: 'invalid', problems: targets(777).map((message, line) => ({ file: 'f', line, column: 1, message })) },
  ],
];

test.each(RESULTS)('%s: what was taken apart is the same once it is together again', (_, result) => {
  expect(together(messagesOf(result))).toEqual(result);
});

test.each(RESULTS)('%s: no message has more than it may', (_, result) => {
  for (const message of messagesOf(result)) expect(weightOf(message)).toBeLessThanOrEqual(PEERS_A_MESSAGE);
});

test('messages are filled: 15,000 peers take 61', () => {
  const result = loaded([{ name: 'a', static_configs: [entry(targets(15_000))] }]);
  expect([...messagesOf(result)]).toHaveLength(61);
});

test('the targets of an entry keep one object of labels', () => {
  const result = together(messagesOf(loaded([{ name: 'a', static_configs: [entry(targets(600), 'x')] }])));
  if (result.kind === 'invalid') throw new Error('it is valid');
  const [source] = result.config.groups[0]?.sources ?? [];
  expect(source?.settings).toEqual([entry(targets(600), 'x')]);
});

import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../../src/text/file-problem.ts';
import { parseConfig } from '../../../src/config/load-config.ts';

/** What an operator would be shown of a configuration that is refused. */
function shown(text: string): readonly string[] {
  const result = parseConfig(text, 'f.yml', () => ({ kind: 'unreadable', why: 'ENOENT' }));
  return result.kind === 'loaded' ? [] : formatProblems(result.problems);
}

describe('no endpoint with a user or a password is taken, and none is shown', () => {
  test.each([
    'http://me:hunter2@otel:4318',
    "http://me:hunt'er2@otel",
    'http://me:hunter2@x@otel',
    'HTTP://me:hunter2@otel',
    'http:/me:hunter2@otel',
    String.raw`http:\\me:hunter2@otel`,
    'http:me:hunter2@otel',
    'http://hunter2@otel',
    'http://:hunter2@otel',
    'ftp://me:hunter2@otel',
  ])('%s', (endpoint) => {
    const lines = shown(`groups: []\ntracing: {endpoint: ${JSON.stringify(endpoint)}}\n`);
    expect(lines).toEqual([
      expect.stringMatching(/^f\.yml:2:21: tracing\.endpoint has a user name or a password in it; use headers_file/),
    ]);
  });

  test.each(['me:hunter2@otel', 'http://me:hunter2/x@otel:port', 'http://otel/?token=hunter2', 'http://otel#hunter2'])(
    '%s',
    (endpoint) => {
      const lines = shown(`groups: []\ntracing: {endpoint: ${JSON.stringify(endpoint)}}\n`);
      expect(lines).toHaveLength(1);
      expect(lines.join()).not.toContain('hunter2');
    },
  );
});

test.each([
  ['a quote that is not closed', 'groups: [{name: a, heartbeat: {send: "AUTH hunter2\n'],
  ['a word behind a value', "groups: [{name: a, heartbeat: {send: 'AUTH' hunter2}}]"],
  ['a block with something in its first line', 'groups:\n- name: a\n  heartbeat:\n    send: | hunter2\n      AUTH\n'],
  ['what reads as a tag', 'groups: [{name: a, heartbeat: {send: !hunter2 x}}]'],
  ['what reads as an alias', 'groups: [{name: a, heartbeat: {send: *hunter2}}]'],
  ['a line that is indented too little', 'groups:\n- name: a\n  heartbeat:\n    send: AUTH\n hunter2: x\n'],
])('what is sent is not shown where it makes the file no YAML: %s', (_what, text) => {
  const lines = shown(text);
  expect(lines.length).toBeGreaterThan(0);
  if (!text.includes('\n hunter2')) expect(lines.join('\n')).not.toContain('hunter2');
});

describe('what a problem quotes is safe on a terminal', () => {
  const evil = String.raw`\e[2J‮`;
  test.each([
    `groups: [{name: "${evil}"}]`,
    `groups: [{"${evil}": 1}]`,
    `groups: [{name: a, static_configs: [{targets: ["${evil}:1"]}]}]`,
    `groups: [{name: a, static_configs: [{targets: ["a:${evil}"]}]}]`,
    `groups: [{name: a, static_configs: [{targets: ["[${evil}]:1"]}]}]`,
    `groups: [{name: a, static_configs: [{targets: [], labels: {"${evil}": x}}]}]`,
    `groups: [{name: a, tls: {ca_file: "${evil}"}}]`,
    `groups: [{name: a, ip_family: "${evil}"}]`,
    `"${evil}": 1\n"${evil}": 2\ngroups: []`,
  ])('%s', (text) => {
    const lines = shown(text);
    expect(lines.length).toBeGreaterThan(0);
    // oxlint-disable-next-line no-control-regex -- controls are what must not be there
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

test('of many problems the first hundred are shown, and the number of the others', () => {
  const targets = Array.from({ length: 20_000 }, (_, index) => `"${index} bad"`).join(', ');
  const lines = shown(`groups: [{name: a, static_configs: [{targets: [${targets}]}]}]`);
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe('+19900 more problems');
});

test('a value of a megabyte is cut where it is shown', () => {
  const long = 'x'.repeat(1_000_000);
  for (const text of [
    `groups: [{${long}: 1}]`,
    `groups: [{name: ${long}!}]`,
    `groups: [{name: a, tls: {ca_file: ${long}}}]`,
  ]) {
    expect(Math.max(...shown(text).map((line) => line.length))).toBeLessThan(1100);
  }
});

/**
 * Patterns that try again from each character take minutes for it, and the test its time; those that do not take
 * milliseconds.
 */
describe('a value of half a megabyte is judged in one pass', () => {
  const LONG = 500_000;
  const repeated = (part: string): string => part.repeat(LONG / part.length);
  const NASTY = [
    `${repeated('1:')}x`,
    `${repeated('1')}x`,
    `[${repeated('1:')}x`,
    `${repeated('.')}x`,
    `http://${repeated('/')}x`,
    `http://${repeated('://')}x`,
    `${repeated('a@')}x`,
    `${repeated('# ')}x`,
    `${repeated('1h')}x`,
    `${repeated(String.raw`\x`)}`,
    `-----BEGIN ${repeated('A ')}x`,
    `${repeated('x=')}`,
  ];
  const KEYS = [
    (value: string) => `groups: [{name: ${value}}]`,
    (value: string) => `groups: [{name: a, static_configs: [{targets: [${value}]}]}]`,
    (value: string) => `groups: [{name: a, static_configs: [{targets: ["a:1"], labels: {a: ${value}}}]}]`,
    (value: string) => `groups: [{name: a, source_address: ${value}}]`,
    (value: string) => `groups: [{name: a, tls: {server_name: ${value}}}]`,
    (value: string) => `groups: [{name: a, heartbeat: {send: ${value}, expect: ${value}}}]`,
    (value: string) => `groups: [{name: a, idle_timeout: ${value}}]`,
    (value: string) => `tracing: {endpoint: ${value}}\ngroups: []`,
    (value: string) => `groups: [] # ${value}`,
  ];
  test.each(NASTY.map((value) => ({ value, begins: value.slice(0, 20) })))('$begins', ({ value }) => {
    for (const text of KEYS) shown(text(JSON.stringify(value)));
    expect(shown(`groups: ${JSON.stringify(value)}`)).toHaveLength(1);
  });
});

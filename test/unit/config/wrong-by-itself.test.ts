import { expect, test } from 'vitest';
import { problemsOf } from './problems-of.ts';

const problemsIn = (text: string): readonly string[] => problemsOf(text, 'f.yml', '.').trimEnd().split('\n');

test.each([
  'heartbeat: {send: x, expect: y, interval: 5, timeout: 20s}',
  'heartbeat: {send: x, expect: 5, timeout: 2s}',
  'heartbeat: {send_file: 5}',
  'heartbeat: {send: 5}',
  'tls: {cert_file: 5, key_file: ""}',
])('of a value that is wrong by itself no rule between keys says anything: %s', (keys) => {
  expect(problemsIn(`groups: [{name: a, ${keys}}]`)).toHaveLength(1);
});

test('a certificate is not blamed for a key whose name is wrong by itself', () => {
  const tls = (keys: string): string => `groups: [{name: a, tls: {${keys}}}]`;
  // The file is not there either: that is a problem of its own.
  expect(problemsIn(tls('cert_file: none.pem, key_file: 5'))).toHaveLength(2);
  expect(problemsIn(tls('cert_file: 5, key_file: none.pem'))).toHaveLength(2);
});

test('each repetition of a target names the first', () => {
  const text = 'groups:\n- name: a\n  static_configs:\n  - targets:\n    - h:1\n    - H:1\n    - h.:1\n';
  expect(problemsIn(text)).toEqual([
    'f.yml:6:7: target "H:1" is twice in this group; the first is on line 5 as "h:1"',
    'f.yml:7:7: target "h.:1" is twice in this group; the first is on line 5 as "h:1"',
  ]);
});

test('each repetition of the name of a group names the first', () => {
  const message = 'is "a", which is taken by the group on line 2; names are unique';
  expect(problemsIn('groups:\n- name: a\n- name: a\n- name: a\n')).toEqual([
    `f.yml:3:9: groups[1].name ${message}`,
    `f.yml:4:9: groups[2].name ${message}`,
  ]);
});

import { describe, expect, test } from 'vitest';
import { problemsOf } from '../problems-of.ts';

const problemsIn = (global: string, ...groups: string[]): readonly string[] => {
  const lines = groups.map((keys, index) => `- {name: g${index}${keys === '' ? '' : `, ${keys}`}}`);
  const text = `global: {${global}}\ngroups:\n${lines.join('\n')}\n`;
  return problemsOf(text, 'f.yml', '.').trimEnd().split('\n');
};

describe('source_address and ip_family have to fit', () => {
  const misfit = 'does not fit: source_address is an IPv4 address, but ip_family is ipv6';

  test('a mistake in global is reported there, and not again for each group', () => {
    const problems = problemsIn('ip_family: ipv6, source_address: 127.0.0.1', '', 'idle_timeout: 1s');
    expect(problems).toEqual([`f.yml:1:43: global.source_address ${misfit}`]);
  });

  test('a family of the group against an address of global is reported at the family', () => {
    const problems = problemsIn('source_address: 127.0.0.1', 'ip_family: ipv6', 'ip_family: ipv4', '');
    expect(problems).toEqual([`f.yml:3:25: groups[0].ip_family ${misfit}`]);
  });

  test('an address of the group against a family of global is reported at the address', () => {
    const problems = problemsIn('ip_family: ipv6', 'source_address: 127.0.0.1', 'source_address: "::1"');
    expect(problems).toEqual([`f.yml:3:30: groups[0].source_address ${misfit}`]);
  });

  test('where any family is taken, every address fits', () => {
    expect(problemsIn('ip_family: any', 'source_address: 127.0.0.1', 'source_address: "::1"')).toEqual(['loaded']);
  });
});

describe('reconnect.initial is at most reconnect.max', () => {
  const misfit = (initial: string, max: string): string =>
    `does not fit: initial is ${initial}, max is ${max}; expected initial to be at most max`;

  test('a mistake in global is reported there, and not again for a group that says nothing of it', () => {
    const problems = problemsIn('reconnect: {initial: 9s, max: 8s}', '', 'idle_timeout: 1s');
    expect(problems).toEqual([`f.yml:1:31: global.reconnect.initial ${misfit('9s', '8s')}`]);
  });

  test('it is reported at initial where that is written, else at max', () => {
    const problems = problemsIn('reconnect: {initial: 9s}', 'reconnect: {max: 8s}', 'reconnect: {initial: 2m}');
    expect(problems).toEqual([
      `f.yml:3:31: groups[0].reconnect.max ${misfit('9s', '8s')}`,
      `f.yml:4:35: groups[1].reconnect.initial ${misfit('2m', '1m')}`,
    ]);
  });

  test.each(['reconnect: 5', 'reconnect: {initial: x}', 'reconnect: {max: x}'])(
    'nothing is concluded from what is wrong by itself: global %s',
    (global) => {
      expect(problemsIn(global, 'reconnect: {max: 500ms}', 'reconnect: {initial: 2m}')).toHaveLength(1);
    },
  );

  test.each(['reconnect: {initial: x, max: 500ms}', 'reconnect: {max: x, initial: 2m}'])(
    'nothing is concluded from what is wrong by itself: a group with %s',
    (keys) => {
      expect(problemsIn('', keys)).toHaveLength(1);
    },
  );
});

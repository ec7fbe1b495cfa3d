import { expect, test } from 'vitest';
import { targetProblem } from '../../../../src/config/resolve/target-problem.ts';

const any = { ipFamily: 'any', sourceAddress: null } as const;

test.each(['h:1', '192.0.2.7:1', '[::1]:6379'])('%s can be held', (written) => {
  expect(targetProblem(written, any)).toBeNull();
});

test.each([
  { written: 'h', rules: any, problem: 'target "h" has no port; a port is required, like redis-0:6379' },
  { written: 'http://h:1', rules: any, problem: 'target "http://h:1" is a URL; expected HOST:PORT, without a scheme' },
  {
    written: '127.0.0.1:1',
    rules: { ipFamily: 'ipv6', sourceAddress: null } as const,
    problem: 'target "127.0.0.1:1" is an IPv4 address, but ip_family is ipv6',
  },
])('$written is refused in words', ({ written, rules, problem }) => {
  expect(targetProblem(written, rules)).toBe(problem);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TARGET_PATTERN } from '../../../src/config/schema/static-configs.ts';
import { formatHostPort, parseTarget } from '../../../src/text/host-port.ts';

const pattern = new RegExp(TARGET_PATTERN);

test.each(['redis-0:6379', 'Redis.EXAMPLE.:1', 'a_b:65535', 'h:00080', '[2001:DB8::7]:1', '[fe80::0%eth0]:1'])(
  'editors and Helm take %s, as the daemon does',
  (text) => {
    expect(parseTarget(text).kind).toBe('target');
    expect(text).toMatch(pattern);
  },
);

test.each([
  '',
  'h',
  'h:',
  'h:0',
  'h:65536',
  'h:99999',
  'h:http',
  '::1',
  '[::1]',
  'redis:extra:80',
  'a b:1',
  'h:1/x',
  'tcp://h:1',
])('neither takes %j', (text) => {
  expect(parseTarget(text).kind).toBe('invalid');
  expect(text).not.toMatch(pattern);
});

test('whatever the daemon takes, they take', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.string());
  fc.assert(
    fc.property(host, fc.integer({ min: 0, max: 70_000 }), (written, port) => {
      const text = formatHostPort(written, port);
      if (parseTarget(text).kind === 'target') expect(text).toMatch(pattern);
    }),
    { numRuns: 500 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHostPort, isHostName, literalFamily, parseTarget } from '../../../src/text/host-port.ts';

describe('HOST:PORT is taken apart', () => {
  test.each([
    { text: 'redis-0:6379', host: 'redis-0', port: 6379, literal: null, key: 'redis-0:6379' },
    { text: 'Redis.EXAMPLE.:1', host: 'Redis.EXAMPLE.', port: 1, literal: null, key: 'redis.example:1' },
    { text: 'a_b:65535', host: 'a_b', port: 65_535, literal: null, key: 'a_b:65535' },
    { text: 'h:00080', host: 'h', port: 80, literal: null, key: 'h:80' },
    { text: '192.0.2.7:6379', host: '192.0.2.7', port: 6379, literal: 4, key: '192.0.2.7:6379' },
    { text: '[2001:DB8::7]:1', host: '2001:DB8::7', port: 1, literal: 6, key: '[2001:db8::7]:1' },
    { text: '[0:0:0:0:0:0:0:1]:1', host: '0:0:0:0:0:0:0:1', port: 1, literal: 6, key: '[::1]:1' },
    { text: '[fe80::0%eth0]:1', host: 'fe80::0%eth0', port: 1, literal: 6, key: '[fe80::%eth0]:1' },
  ])('$text', ({ text, ...target }) => {
    expect(parseTarget(text)).toEqual({ kind: 'target', target });
  });
});

describe('what is written instead is named', () => {
  test.each([
    { text: '', message: 'is empty; expected HOST:PORT' },
    { text: 'a b:1', message: 'contains white space; expected HOST:PORT' },
    { text: 'tcp://h:1', message: 'is a URL; expected HOST:PORT, without a scheme' },
    { text: 'h:1/x', message: 'contains a path; expected HOST:PORT' },
    { text: '::1', message: 'is an IPv6 address without a port; write [::1]:PORT' },
    { text: '1::2:x:80', message: 'is no HOST:PORT; write an IPv6 address in brackets, like [::1]:6379' },
    { text: 'redis:extra:80', message: 'is no HOST:PORT; write an IPv6 address in brackets, like [::1]:6379' },
    { text: 'redis:extra:80x', message: 'has the port "80x"; expected a number from 1 to 65535' },
    { text: '[::1:80', message: 'has an opening bracket without a closing one' },
    { text: 'h', message: 'has no port; a port is required, like redis-0:6379' },
    { text: 'h:', message: 'has no port; a port is required, like redis-0:6379' },
    { text: '[::1]', message: 'has no port; a port is required, like redis-0:6379' },
    { text: '[::1]:', message: 'has no port; a port is required, like redis-0:6379' },
    { text: '[::1]80', message: 'has the port "80"; expected a number from 1 to 65535' },
    { text: '[::1]x80', message: 'has the port "x80"; expected a number from 1 to 65535' },
    { text: '[::1]8:0', message: 'has the port "8:0"; expected a number from 1 to 65535' },
    { text: 'h:0', message: 'has the port "0"; expected a number from 1 to 65535' },
    { text: 'h:65536', message: 'has the port "65536"; expected a number from 1 to 65535' },
    { text: 'h:000080', message: 'has the port "000080"; expected a number from 1 to 65535' },
    { text: 'h:http', message: 'has the port "http"; expected a number from 1 to 65535' },
    { text: '[h]:1', message: 'has "h" in brackets; expected an IPv6 address there' },
    { text: ':1', message: 'has no host; expected HOST:PORT' },
    { text: '1.2.3:1', message: 'has the host "1.2.3", which is no IPv4 address; expected four numbers from 0 to 255' },
    { text: 'bücher:1', message: 'has the host "bücher"; write an international name in its ASCII form (xn--...)' },
    { text: `${'a'.repeat(300)}:1`, message: 'has 302 characters; expected HOST:PORT, with a host of at most 253' },
    { text: `${'a'.repeat(70)}:1`, message: `has the host "${'a'.repeat(60)}...", which is no host name` },
    { text: `${'a'.repeat(298)}:1`, message: `has the host "${'a'.repeat(60)}...", which is no host name` },
    { text: 'a[b]c:1', message: 'has the host "a[b]c", which is no host name' },
    { text: '-a:1', message: 'has the host "-a", which is no host name' },
  ])('$text', ({ text, message }) => {
    expect(parseTarget(text)).toEqual({ kind: 'invalid', message });
  });
});

test('port 0 is a port only where it is asked for', () => {
  expect(parseTarget('h:0', 0)).toMatchObject({ kind: 'target', target: { port: 0 } });
  const message = 'has the port "x"; expected a number from 0 to 65535';
  expect(parseTarget('h:x', 0)).toEqual({ kind: 'invalid', message });
});

test('what is written together is taken apart again', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (written, port) => {
      expect(parseTarget(formatHostPort(written, port))).toMatchObject({ target: { host: written, port } });
    }),
    { numRuns: 200 },
  );
});

test('an IPv6 address is written in brackets', () => {
  expect(formatHostPort('::', 10_346)).toBe('[::]:10346');
  expect(formatHostPort('127.0.0.1', 10_346)).toBe('127.0.0.1:10346');
});

describe('a host name has labels of 63 letters at most, 253 in all', () => {
  const label = 'x'.repeat(63);
  test.each([
    { text: label, is: true },
    { text: `${label}x`, is: false },
    { text: `${label}.${label}.${label}.${'x'.repeat(61)}`, is: true },
    { text: `${label}.${label}.${label}.${'x'.repeat(61)}.`, is: true },
    { text: `${label}.${label}.${label}.${'x'.repeat(62)}`, is: false },
    { text: 'a', is: true },
    { text: '_sip.a', is: true },
    { text: 'a-', is: false },
    { text: 'a..b', is: false },
    { text: 'a.b..', is: false },
    { text: '', is: false },
    { text: '192.0.2.7', is: false },
    { text: '::1', is: false },
  ])('$text: $is', ({ text, is }) => {
    expect(isHostName(text)).toBe(is);
  });
});

test('the family of an address is 4, 6 or none', () => {
  expect(['192.0.2.7', '::1', 'h'].map(literalFamily)).toEqual([4, 6, null]);
});

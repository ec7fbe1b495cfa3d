import { expect, test } from 'vitest';
import { formatAddress, parseListenAddress } from '../../../../src/web/server/listen-address.ts';

test.each([
  { text: ':10346', address: { port: 10_346 } },
  { text: ':0', address: { port: 0 } },
  { text: '127.0.0.1:10346', address: { host: '127.0.0.1', port: 10_346 } },
  { text: 'localhost:1', address: { host: 'localhost', port: 1 } },
  { text: '[::1]:10346', address: { host: '::1', port: 10_346 } },
  { text: '::1:10346', address: null },
  { text: '[127.0.0.1]:1', address: null },
  { text: '[]:1', address: null },
  { text: '10346', address: null },
  { text: ':', address: null },
  { text: ':65536', address: null },
  { text: ':-1', address: null },
  { text: 'host:1x', address: null },
  { text: '', address: null },
])('$text is $address', ({ text, address }) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test('an IPv6 address is written in brackets', () => {
  expect(formatAddress('::', 10_346)).toBe('[::]:10346');
  expect(formatAddress('127.0.0.1', 10_346)).toBe('127.0.0.1:10346');
});

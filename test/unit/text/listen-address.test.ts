import { expect, test } from 'vitest';
import { parseListenAddress } from '../../../src/text/listen-address.ts';

test.each([
  { text: ':10346', address: { port: 10_346 } },
  { text: ':0', address: { port: 0 } },
  { text: '127.0.0.1:10346', address: { host: '127.0.0.1', port: 10_346 } },
  { text: 'localhost:1', address: { host: 'localhost', port: 1 } },
  { text: '[::1]:10346', address: { host: '::1', port: 10_346 } },
  { text: '[fe80::1%eth0]:80', address: { host: 'fe80::1%eth0', port: 80 } },
  { text: '[::]:0', address: { host: '::', port: 0 } },
  { text: ':65535', address: { port: 65_535 } },
  { text: '[zz]:80', address: null },
  { text: '::1:10346', address: null },
  { text: '[127.0.0.1]:1', address: null },
  { text: '[]:1', address: null },
  { text: '10346', address: null },
  { text: ':', address: null },
  { text: ':65536', address: null },
  { text: ':-1', address: null },
  { text: 'host:1x', address: null },
  { text: '300.0.0.1:1', address: null },
  { text: '', address: null },
])('$text is $address', ({ text, address }) => {
  expect(parseListenAddress(text)).toEqual(address);
});

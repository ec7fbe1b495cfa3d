import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { earliestExpiry, verifiedChain } from '../../../../src/connections/link/certificate-expiry.ts';
import { TrustedRoots } from '../../../../src/connections/link/trusted-roots.ts';
import { tlsFile } from '../../../support/tls-peer.ts';

const read = (name: string): X509Certificate => new X509Certificate(readFileSync(tlsFile(name)));
const [leafText = '', crossText = ''] = readFileSync(tlsFile('cross-signed.pem'), 'utf8').split(
  /(?<=-----END CERTIFICATE-----\n)/,
);
const leaf = new X509Certificate(leafText);
const cross = new X509Certificate(crossText);
const [newRoot, oldRoot] = [read('new-root.pem'), read('old-root.pem')];
const names = new Map(
  [leaf, cross, newRoot, oldRoot].map((each, n) => [each.fingerprint256, ['leaf', 'cross', 'new', 'old'][n]]),
);

const trusting = (...files: string[]): TrustedRoots =>
  new TrustedRoots(
    Buffer.from(files.map((file) => (file.includes('BEGIN') ? file : readFileSync(tlsFile(file), 'utf8'))).join('\n')),
  );
const chainOf = (presented: readonly X509Certificate[], roots: TrustedRoots) =>
  verifiedChain(presented, roots).map(({ fingerprint256 }) => names.get(fingerprint256));

describe('the certificates that a verification used', () => {
  test.each([
    {
      when: 'an expired cross-signed root is sent',
      sent: [leaf, cross],
      trusted: ['new-root.pem'],
      chain: ['leaf', 'new'],
    },
    {
      when: 'they are sent out of order',
      sent: [leaf, oldRoot, cross],
      trusted: ['new-root.pem'],
      chain: ['leaf', 'new'],
    },
    {
      when: 'both roots are trusted',
      sent: [leaf, cross],
      trusted: ['old-root.pem', 'new-root.pem'],
      chain: ['leaf', 'new'],
    },
    {
      when: 'only the old root is trusted',
      sent: [leaf, cross],
      trusted: ['old-root.pem'],
      chain: ['leaf', 'cross', 'old'],
    },
    {
      when: 'the old root is sent, too',
      sent: [leaf, oldRoot, cross],
      trusted: ['old-root.pem'],
      chain: ['leaf', 'cross', 'old'],
    },
    {
      when: 'an intermediate is trusted',
      sent: [leaf],
      trusted: [crossText, 'old-root.pem'],
      chain: ['leaf', 'cross'],
    },
    { when: 'the server certificate itself is trusted', sent: [leaf, cross], trusted: [leafText], chain: ['leaf'] },
    { when: 'a self-signed certificate is sent', sent: [newRoot], trusted: ['new-root.pem'], chain: ['new'] },
    { when: 'nothing was sent', sent: [], trusted: ['new-root.pem'], chain: [] },
    {
      when: 'the file has other blocks, too',
      sent: [leaf],
      trusted: ['server.key', 'new-root.pem'],
      chain: ['leaf', 'new'],
    },
  ])('when $when: $chain', ({ sent, trusted, chain }) => {
    expect(chainOf(sent, trusting(...trusted))).toEqual(chain);
  });

  test('the roots of the runtime are those that it uses by itself', () => {
    expect(chainOf([leaf, cross], new TrustedRoots(null))).toEqual(['leaf', 'cross']);
  });
});

test('the earliest end of validity counts; none of none', () => {
  expect(earliestExpiry([leaf, cross, newRoot])).toBe(Date.UTC(2020, 5, 1));
  expect(earliestExpiry([leaf, newRoot])).toBe(Date.UTC(2118, 0, 1));
  expect(earliestExpiry([])).toBeNull();
});

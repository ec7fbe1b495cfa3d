import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { describeHandshake } from '../../../../src/connections/link/describe-handshake.ts';

const secured = (version: string | null = 'TLSv1.3') =>
  ({
    getProtocol: () => version,
    getCipher: () => ({ name: 'ECDHE-RSA', standardName: 'TLS_ECDHE_RSA', version: 'TLSv1.2' }),
    isSessionReused: () => true,
  }) as unknown as TLSSocket;
const withSubject = (subject: string | undefined) =>
  ({
    subject,
    issuer: 'CN=ca',
    validFromDate: new Date(4000),
    validToDate: new Date(5000),
  }) as unknown as X509Certificate;
const subjectOf = (subject: string | undefined) =>
  describeHandshake(secured(), withSubject(subject), true).server?.subject;

test('a handshake has the cipher by its registered name, and whether it was resumed', () => {
  expect(describeHandshake(secured(), withSubject('CN=redis'), true)).toEqual({
    version: 'TLSv1.3',
    cipher: 'TLS_ECDHE_RSA',
    isResumed: true,
    isVerified: true,
    server: { subject: 'CN=redis', issuer: 'CN=ca', notBefore: 4000, notAfter: 5000 },
  });
});

test('without a certificate or a version nothing is said of them', () => {
  expect(describeHandshake(secured(null), undefined, false)).toEqual({
    cipher: 'TLS_ECDHE_RSA',
    isResumed: true,
    isVerified: false,
  });
});

describe('a distinguished name', () => {
  test('begins with its most specific part', () => {
    expect(subjectOf('C=DE\nO=Example\nCN=redis')).toBe('CN=redis, O=Example, C=DE');
  });

  test('that a peer made of kilobytes and controls is cut and harmless', () => {
    const subject = subjectOf(`CN=\u001b[2J\u202e${'x'.repeat(5000)}`) ?? '';
    expect(subject).toMatch(/^CN=\\u001b\[2J\\u202ex+\.\.\.$/);
    expect(subject.length).toBeLessThan(300);
  });

  test('may be missing', () => {
    expect(subjectOf(undefined)).toBe('');
  });
});

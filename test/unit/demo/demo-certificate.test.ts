import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDemoCertificate } from '../../../src/demo/demo-certificate.ts';

const from = Date.UTC(2026, 0, 2, 3, 4, 5);
const until = Date.UTC(2051, 6, 8, 9, 10, 11);

test('the certificate is for its name, valid as said, signed by its own key', () => {
  const { key, cert } = createDemoCertificate('demo.invalid', from, until);
  const certificate = new X509Certificate(cert);
  expect(certificate.subject).toBe('CN=demo.invalid');
  expect(certificate.issuer).toBe('CN=demo.invalid');
  expect(certificate.checkHost('demo.invalid')).toBe('demo.invalid');
  expect(certificate.validFromDate.getTime()).toBe(from);
  expect(certificate.validToDate.getTime()).toBe(until);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
});

test('every one has a key and a serial number of its own', () => {
  const [one, other] = [createDemoCertificate('a', from, until), createDemoCertificate('a', from, until)];
  expect(new X509Certificate(one.cert).serialNumber).not.toBe(new X509Certificate(other.cert).serialNumber);
  expect(one.key).not.toBe(other.key);
});

test.each([1, 63, 64, 120, 127, 128, 200])('a name of %d letters is encoded right', (length) => {
  // DER lengths take another form at 128 and at 256 bytes; these names cross both inside the certificate.
  const { cert } = createDemoCertificate('a'.repeat(length), from, until);
  expect(new X509Certificate(cert).subject).toBe(`CN=${'a'.repeat(length)}`);
});

import { expect, test } from 'vitest';
import { readPem, type NamedPem } from '../../../../src/config/resolve/read-pem.ts';
import type { ResolveContext } from '../../../../src/config/resolve/resolve-context.ts';
import { createNamedFiles } from '../../../../src/config/snapshot/named-files.ts';
import { readYaml } from '../../../../src/yaml/yaml-source.ts';

function read(text: string, holds: NamedPem['holds']) {
  const files = createNamedFiles('/etc', () => ({ kind: 'read', bytes: Buffer.from(text) }));
  const context: ResolveContext = { source: readYaml('a: b', 'f.yml'), problems: [], wrong: new Set(), files };
  const pem = readPem(context, ['a'], { name: 'x.pem', holds });
  return { pem, problems: context.problems.map(({ message }) => message) };
}

test.each([
  { begins: '-----BEGIN CERTIFICATE-----', holds: 'certificate' },
  { begins: '-----BEGIN TRUSTED CERTIFICATE-----', holds: 'certificate' },
  { begins: '-----BEGIN X509 CERTIFICATE-----', holds: 'certificate' },
  { begins: 'Subject: CN=a\n-----BEGIN CERTIFICATE-----', holds: 'certificate' },
  { begins: '-----BEGIN PRIVATE KEY-----', holds: 'private key' },
  { begins: '-----BEGIN RSA PRIVATE KEY-----', holds: 'private key' },
  { begins: '-----BEGIN EC PRIVATE KEY-----', holds: 'private key' },
  { begins: '-----BEGIN ENCRYPTED PRIVATE KEY-----', holds: 'private key' },
] as const)('$begins is a $holds', ({ begins, holds }) => {
  expect(read(begins, holds)).toEqual({ pem: begins, problems: [] });
});

test.each([
  { begins: '-----BEGIN CERTIFICATE-----', holds: 'private key' },
  { begins: '-----BEGIN PRIVATE KEY-----', holds: 'certificate' },
  { begins: '-----BEGIN CERTIFICATE REQUEST-----', holds: 'certificate' },
  { begins: '-----BEGIN PUBLIC KEY-----', holds: 'private key' },
  { begins: '', holds: 'certificate' },
] as const)('$begins is no $holds', ({ begins, holds }) => {
  expect(read(begins, holds)).toEqual({ pem: null, problems: [`a names /etc/x.pem, which holds no PEM ${holds}`] });
});

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadWebConfig } from '../../../src/config/load-web-config.ts';
import { CIPHER_SUITES, CURVES } from '../../../src/config/schema/web-config-schema.ts';
import { readFile } from '../../support/read-file.ts';
import { OPEN_WEB, type WebConfig } from '../../../src/settings/web-protection.ts';

const support = join(import.meta.dirname, '../../support/tls');
const folder = mkdtempSync(join(tmpdir(), 'finrst-web-'));
beforeAll(() => {
  for (const name of ['ca.pem', 'server.pem', 'server.key']) copyFileSync(join(support, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function webOf(text: string): Promise<WebConfig> {
  const file = join(folder, 'web.yml');
  writeFileSync(file, text);
  const result = await loadWebConfig({ file, readFile });
  if (result.kind === 'invalid') throw new Error(result.problems.join('\n'));
  return result.web;
}

const pem = (name: string): string => readFileSync(join(support, name), 'latin1');

test.each(['', '# nothing\n', '{}'])('%j is a web configuration without settings', async (text) => {
  expect(await webOf(text)).toEqual(OPEN_WEB);
});

test('the sample of the exporter-toolkit is understood', async () => {
  const alice = '$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';
  const web = await webOf(
    `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\nbasic_auth_users:\n  alice: ${alice}\n` +
      'rate_limit:\n  interval: "1s"\n  burst: 20\n',
  );
  expect(web).toEqual({
    tls: {
      cert: pem('server.pem'),
      key: pem('server.key'),
      clientCa: null,
      clientAuth: 'NoClientCert',
      clientAllowedSans: [],
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: null,
      ecdhCurve: null,
      honorCipherOrder: true,
    },
    users: { alice },
    headers: {},
    rateLimit: { intervalMs: 1000, burst: 20 },
  });
});

test('everything about TLS can be set', async () => {
  const { tls } = await webOf(
    'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_ca_file: ca.pem\n' +
      '  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [prometheus.example]\n' +
      '  min_version: TLS13\n  prefer_server_cipher_suites: false\n  curve_preferences: [X25519, CurveP256]\n' +
      '  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n',
  );
  expect(tls).toMatchObject({
    clientCa: pem('ca.pem'),
    clientAuth: 'RequireAndVerifyClientCert',
    clientAllowedSans: ['prometheus.example'],
    minVersion: 'TLSv1.3',
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
    ecdhCurve: 'X25519:P-256',
    honorCipherOrder: false,
  });
});

test('a certificate and a key can stand in the file itself', async () => {
  const indented = (name: string): string => pem(name).trimEnd().replaceAll('\n', '\n    ');
  const { tls } = await webOf(
    `tls_server_config:\n  cert: |\n    ${indented('server.pem')}\n  key: |\n    ${indented('server.key')}\n`,
  );
  expect(tls).toMatchObject({ cert: pem('server.pem'), key: pem('server.key') });
});

test('headers are added, blank ones left out', async () => {
  const { headers } = await webOf(
    'http_server_config:\n  headers: {X-Frame-Options: deny, X-Content-Type-Options: ""}\n',
  );
  expect(headers).toEqual({ 'X-Frame-Options': 'deny' });
});

test('an interval of 0 is no rate limit', async () => {
  expect((await webOf('rate_limit: {interval: 0s, burst: 20}')).rateLimit).toBeNull();
});

test('the older name of RequireAnyClientCert is understood', async () => {
  const { tls } = await webOf(
    'tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: RequireClientCert}',
  );
  expect(tls?.clientAuth).toBe('RequireAnyClientCert');
});

describe('the runtime knows what Go calls', () => {
  test.each(Object.entries(CIPHER_SUITES))('%s as %s', (_go, ciphers) => {
    expect(() => createSecureContext({ ciphers })).not.toThrow();
  });

  test.each(Object.entries(CURVES))('%s as %s', (_go, ecdhCurve) => {
    expect(() => createSecureContext({ ecdhCurve })).not.toThrow();
  });
});

test.each([
  { costs: ['10', '10'], warnings: [] },
  {
    costs: ['12', '04', '10', '12'],
    warnings: [
      'web.yml:2:1: warning: basic_auth_users has hashes of cost 4, 10, 12; a wrong password of any user takes as long as at cost 12, so hash all with one cost',
    ],
  },
])('hashes of the costs $costs give $warnings', async ({ costs, warnings }) => {
  const users = costs.map((cost, i) => `  user${i}: $2y$${cost}$${'a'.repeat(53)}`);
  const text = ['# users', 'basic_auth_users:', ...users, ''].join('\n');
  const file = join(folder, 'web.yml');
  writeFileSync(file, text);
  const result = await loadWebConfig({ file, readFile });
  expect(result).toMatchObject({
    kind: 'loaded',
    warnings: warnings.map((warning) => warning.replace('web.yml', file)),
  });
});

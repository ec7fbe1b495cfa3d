import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSecureContexts } from '../../../../src/connections/dial/secure-contexts.ts';
import { tlsFile, tlsSettings } from '../../../support/tls-peer.ts';

test('the same files make one context, whoever asks', () => {
  const contexts = createSecureContexts();
  const first = contexts(tlsSettings());
  expect(first.kind).toBe('ready');
  expect(contexts(tlsSettings({ serverName: 'another' }))).toEqual(first);
  expect(first.kind === 'ready' && first.context).toBe(
    (contexts(tlsSettings()) as { readonly context: unknown }).context,
  );
});

test.each([
  { what: 'another CA', tls: { caFile: tlsFile('other.pem') } },
  { what: 'another lowest version', tls: { minVersion: 'TLSv1.3' as const } },
  { what: 'a client certificate', tls: { certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') } },
  { what: 'the bundled roots', tls: { caFile: null } },
])('$what makes another one', ({ tls }) => {
  const contexts = createSecureContexts();
  const first = contexts(tlsSettings()) as { readonly context: unknown };
  const second = contexts(tlsSettings(tls)) as { readonly context: unknown };
  expect(second.context).toBeDefined();
  expect(second.context).not.toBe(first.context);
});

test('a file that was rotated counts at the next connect, and one that vanished is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-contexts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const caFile = join(folder, 'ca.pem');
  const contexts = createSecureContexts();
  copyFileSync(tlsFile('ca.pem'), caFile);
  const before = contexts(tlsSettings({ caFile })) as { readonly context: unknown };
  copyFileSync(tlsFile('other.pem'), caFile);
  const after = contexts(tlsSettings({ caFile })) as { readonly context: unknown };
  expect([before, after]).toMatchObject([{ kind: 'ready' }, { kind: 'ready' }]);
  expect(after.context).not.toBe(before.context);
  rmSync(caFile);
  expect(contexts(tlsSettings({ caFile }))).toMatchObject({ kind: 'unusable', detail: `cannot read ${caFile}` });
});

test('of more than 64 contexts the one used longest ago is forgotten, not the one made first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-contexts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const contexts = createSecureContexts();
  const contextOf = (n: number): unknown => {
    const caFile = join(folder, `ca-${n}.pem`);
    // Text outside the PEM blocks is no part of the certificate, and makes other bytes.
    writeFileSync(caFile, `number ${n}\n${readFileSync(tlsFile('ca.pem'), 'utf8')}`);
    return (contexts(tlsSettings({ caFile })) as { readonly context: unknown }).context;
  };
  const made = Array.from({ length: 64 }, (_, n) => contextOf(n));
  expect(contextOf(0), 'the first is used again').toBe(made[0]);
  contextOf(64);
  expect(contextOf(0)).toBe(made[0]);
  expect(contextOf(2)).toBe(made[2]);
  expect(contextOf(1), 'the one used longest ago').not.toBe(made[1]);
});

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSecureContexts, type SecureContextAnswer } from '../../../../src/connections/dial/secure-contexts.ts';
import type { FileContent } from '../../../../src/files/file-content.ts';
import type { TlsSettings } from '../../../../src/settings/tls-settings.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { readFileNow } from '../../../support/read-file.ts';
import { tlsFile, tlsSettings } from '../../../support/tls-peer.ts';

/** Contexts of files on the disk; `reads` has each file that was read. */
function contextsOfFiles() {
  const clock = createFakeClock();
  const reads: string[] = [];
  const contexts = createSecureContexts(clock, async (path) => {
    reads.push(path);
    return readFileNow(path);
  });
  const answer = (settings: TlsSettings) => new Promise<SecureContextAnswer>((resolve) => contexts(settings, resolve));
  const context = async (settings: TlsSettings): Promise<unknown> => {
    const given = await answer(settings);
    return given.kind === 'ready' ? given.context : given;
  };
  return { clock, reads, contexts, answer, context };
}

test('the same files make one context, whoever asks', async () => {
  const { answer } = contextsOfFiles();
  const first = await answer(tlsSettings());
  expect(first.kind).toBe('ready');
  expect(await answer(tlsSettings({ serverName: 'another' }))).toBe(first);
});

test.each([
  { what: 'another CA', tls: { caFile: tlsFile('other.pem') } },
  { what: 'another lowest version', tls: { minVersion: 'TLSv1.3' as const } },
  { what: 'a client certificate', tls: { certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') } },
  { what: 'the bundled roots', tls: { caFile: null } },
])('$what makes another one', async ({ tls }) => {
  const { answer, context } = contextsOfFiles();
  const first = await context(tlsSettings());
  expect((await answer(tlsSettings(tls))).kind).toBe('ready');
  expect(await context(tlsSettings(tls))).not.toBe(first);
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-contexts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a file that was rotated counts a second later, and one that vanished is named', async () => {
  const caFile = join(scratch(), 'ca.pem');
  const { clock, answer, context } = contextsOfFiles();
  copyFileSync(tlsFile('ca.pem'), caFile);
  const before = await context(tlsSettings({ caFile }));
  copyFileSync(tlsFile('other.pem'), caFile);
  clock.advance(999);
  expect(await context(tlsSettings({ caFile }))).toBe(before);
  clock.advance(1);
  expect((await answer(tlsSettings({ caFile }))).kind).toBe('ready');
  expect(await context(tlsSettings({ caFile }))).not.toBe(before);
  rmSync(caFile);
  clock.advance(1000);
  expect(await answer(tlsSettings({ caFile }))).toEqual({
    kind: 'unusable',
    code: 'ERR_UNREADABLE_FILE',
    detail: `cannot read ${caFile}: it does not exist`,
  });
});

test('a thousand peers that connect within a second read each file once, and after that the answer comes at once', async () => {
  const { reads, contexts, answer } = contextsOfFiles();
  await Promise.all(Array.from({ length: 1000 }, () => answer(tlsSettings())));
  expect(reads).toEqual([tlsFile('ca.pem')]);
  let atOnce = false;
  contexts(tlsSettings(), () => (atOnce = true));
  expect(atOnce).toBe(true);
});

test('while a disk hangs nothing is answered, and nothing else waits for it', async () => {
  const slow = Promise.withResolvers<FileContent>();
  const clock = createFakeClock();
  const contexts = createSecureContexts(clock, (path) =>
    path === '/slow/ca.pem' ? slow.promise : Promise.resolve(readFileNow(path)),
  );
  const answers: string[] = [];
  contexts(tlsSettings({ caFile: '/slow/ca.pem' }), ({ kind }) => answers.push(`slow ${kind}`));
  await new Promise<void>((resolve) => contexts(tlsSettings(), () => resolve()));
  expect(answers).toEqual([]);
  slow.resolve({ kind: 'unreadable', why: 'NO_ANSWER' });
  await slow.promise;
  await expect.poll(() => answers).toEqual(['slow unusable']);
});

test('of more than 64 contexts the one used longest ago is forgotten, not the one made first', async () => {
  const folder = scratch();
  const { context } = contextsOfFiles();
  const contextOf = (n: number): Promise<unknown> => {
    const caFile = join(folder, `ca-${n}.pem`);
    // Text outside the PEM blocks is no part of the certificate, and makes other bytes.
    writeFileSync(caFile, `number ${n}\n${readFileSync(tlsFile('ca.pem'), 'utf8')}`);
    return context(tlsSettings({ caFile }));
  };
  const made: unknown[] = [];
  for (let n = 0; n < 64; n += 1) made.push(await contextOf(n));
  expect(await contextOf(0), 'the first is used again').toBe(made[0]);
  await contextOf(64);
  expect(await contextOf(0)).toBe(made[0]);
  expect(await contextOf(2)).toBe(made[2]);
  expect(await contextOf(1), 'the one used longest ago').not.toBe(made[1]);
});

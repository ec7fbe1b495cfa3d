import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClientCredentials } from '../../../src/http-client/client-credentials.ts';
import {
  DEFAULT_HTTP_CLIENT_SETTINGS,
  type HttpAuthentication,
  type HttpTlsSettings,
} from '../../../src/settings/http-client-settings.ts';
import { readFile } from '../../support/read-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { tlsFile } from '../../support/tls-peer.ts';

const client = (authentication: HttpAuthentication | null, tls: Partial<HttpTlsSettings> = {}) =>
  new ClientCredentials(
    { ...DEFAULT_HTTP_CLIENT_SETTINGS, authentication, tls: { ...DEFAULT_HTTP_CLIENT_SETTINGS.tls, ...tls } },
    readFile,
  );

function fileWith(text: string): string {
  const file = join(temporaryFolder(), 'secret');
  writeFileSync(file, text);
  return file;
}

test('without authentication no header is sent, and the runtime makes the TLS context', async () => {
  expect(await client(null).read()).toEqual({
    kind: 'ready',
    authorization: null,
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  });
});

test('a user name and the password of a file make a Basic header', async () => {
  const basic = { kind: 'basic', username: 'me', usernameFile: null, passwordFile: fileWith(' p:w\n') } as const;
  const expected = `Basic ${Buffer.from('me:p:w').toString('base64')}`;
  expect(await client(basic).read()).toMatchObject({ authorization: expected });
});

test('the user name may stand in a file, too, and the password may be missing', async () => {
  const basic = { kind: 'basic', username: '', usernameFile: fileWith('me\n'), passwordFile: null } as const;
  expect(await client(basic).read()).toMatchObject({ authorization: `Basic ${Buffer.from('me:').toString('base64')}` });
});

test('credentials are read again at each request', async () => {
  const file = fileWith('one\n');
  const credentials = client({ kind: 'credentials', type: 'Bearer', credentialsFile: file });
  expect(await credentials.read()).toMatchObject({ authorization: 'Bearer one' });
  writeFileSync(file, 'two');
  expect(await credentials.read()).toMatchObject({ authorization: 'Bearer two' });
});

test.each([
  ['', 'is empty'],
  ['to\nken', 'holds characters that no HTTP header can carry'],
  ['tökén', 'holds characters that no HTTP header can carry'],
])('credentials of %j cannot be used', async (text, why) => {
  const file = fileWith(text);
  const result = await client({ kind: 'credentials', type: 'Bearer', credentialsFile: file }).read();
  expect(result).toEqual({ kind: 'unusable', why: `${file} ${why}` });
});

test.each(['passwordFile', 'usernameFile'] as const)('a %s that is not there is named', async (key) => {
  const file = join(temporaryFolder(), 'none');
  const basic = { kind: 'basic', username: 'me', usernameFile: null, passwordFile: null, [key]: file } as const;
  expect(await client(basic).read()).toEqual({ kind: 'unusable', why: `cannot read ${file}: it does not exist` });
});

test('the same files are parsed once, and other ones anew', async () => {
  const credentials = client(null, { caFile: tlsFile('ca.pem'), serverName: 'api.test', insecureSkipVerify: true });
  const first = await credentials.read();
  const second = await credentials.read();
  expect(first).toMatchObject({ tls: { servername: 'api.test', rejectUnauthorized: false } });
  expect(first.kind === 'ready' && second.kind === 'ready' && first.tls.secureContext).toBe(
    second.kind === 'ready' && second.tls.secureContext,
  );
  const file = fileWith('x');
  const changing = client(null, { caFile: file });
  writeFileSync(file, (await readPem('ca.pem')) as Uint8Array);
  const before = await changing.read();
  writeFileSync(file, (await readPem('new-root.pem')) as Uint8Array);
  const after = await changing.read();
  if (before.kind !== 'ready' || after.kind !== 'ready') throw new Error('the files are good');
  expect(after.tls.secureContext).not.toBe(before.tls.secureContext);
});

async function readPem(name: string): Promise<Uint8Array | null> {
  const content = await readFile(tlsFile(name));
  return content.kind === 'read' ? content.bytes : null;
}

test('files that cannot be used are a value', async () => {
  const bad = await client(null, { certFile: tlsFile('client.pem'), keyFile: tlsFile('expired.key') }).read();
  expect(bad).toMatchObject({
    kind: 'unusable',
    why: expect.stringMatching(/^the files of tls_config cannot be used: ./),
  });
  const missing = await client(null, { caFile: '/none/ca.pem' }).read();
  expect(missing).toEqual({ kind: 'unusable', why: 'cannot read /none/ca.pem: it does not exist' });
});

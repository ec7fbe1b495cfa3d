import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readAccess } from '../../../../src/discovery/kubernetes/api-access.ts';
import { type ApiAnswer, ApiClient, type ApiContext } from '../../../../src/discovery/kubernetes/api-client.ts';
import type { KubernetesServer } from '../../../../src/settings/kubernetes-settings.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { apiContext, plainServer } from './kubernetes-scenario.ts';

const tlsFolder = join(import.meta.dirname, '../../../support/tls');
const pem = (name: string): string => readFileSync(join(tlsFolder, name), 'utf8');
const file = (name: string) => ({ kind: 'file', path: join(tlsFolder, name) }) as const;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An API server over TLS that answers with the headers that it got. */
async function secureServer(options: object = {}): Promise<string> {
  const server: Server = createServer(
    { key: pem('server.key'), cert: pem('server.pem'), ...options },
    (request, response) => response.end(JSON.stringify({ ...request.headers, path: request.url })),
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type UrlServer = Extract<KubernetesServer, { readonly kind: 'url' }>;

function serverAt(
  url: string,
  { tls, ...more }: { readonly tls?: Partial<UrlServer['tls']> } & Partial<Omit<UrlServer, 'tls'>> = {},
) {
  const plain = plainServer(url);
  return { ...plain, ...more, tls: { ...plain.tls, ca: file('ca.pem'), ...tls } };
}

async function ask(server: KubernetesServer, context: Partial<ApiContext> = {}): Promise<ApiAnswer> {
  const client = new ApiClient(server, { ...apiContext({ clock: createFakeClock() }), ...context });
  return client.get({ path: '/api/v1/pods?watch=true', signal: new AbortController().signal });
}

async function bodyOf(answer: ApiAnswer): Promise<Record<string, string>> {
  if (answer.kind === 'failed') throw new TypeError(answer.why);
  let text = '';
  for await (const piece of answer.body) text += String(piece);
  return JSON.parse(text) as Record<string, string>;
}

test('a request says who asks, and its path stands behind that of the server', async () => {
  const url = await secureServer();
  const answer = await ask(serverAt(`${url}/clusters/a/`));
  expect(answer).toMatchObject({ kind: 'answered', status: 200, retryAfterMs: null });
  expect(await bodyOf(answer)).toMatchObject({
    accept: 'application/json',
    'user-agent': 'finrst/test',
    path: '/clusters/a/api/v1/pods?watch=true',
  });
});

test('an authority that is not known, and a name that is another one, are refused', async () => {
  const url = await secureServer();
  for (const tls of [{ ca: file('other.pem') }, { ca: null }, { serverName: 'other.example' }]) {
    expect(await ask(serverAt(url, { tls }))).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/certificate|altnames/i),
    });
  }
  expect(await ask(serverAt(url, { tls: { ca: null, insecureSkipVerify: true } }))).toMatchObject({ status: 200 });
});

test('authority, certificate and key may stand in a kubeconfig as they are', async () => {
  const url = await secureServer({ ca: pem('ca.pem'), requestCert: true, rejectUnauthorized: true });
  const text = (name: string) => ({ kind: 'text', text: pem(name) }) as const;
  const own = { serverName: 'localhost', ca: text('ca.pem'), cert: text('client.pem'), key: text('client.key') };
  expect(await ask(serverAt(url, { tls: own }))).toMatchObject({ status: 200 });
  const without = await ask(serverAt(url, { tls: { ca: own.ca } }));
  expect(without.kind).toBe('failed');
});

test('a user name and a password are sent as such', async () => {
  const url = await secureServer();
  const login = {
    kind: 'basic',
    username: { kind: 'text', text: 'me' },
    password: { kind: 'text', text: 'p w\n' },
  } as const;
  expect(await bodyOf(await ask(serverAt(url, { login })))).toMatchObject({
    authorization: `Basic ${Buffer.from('me:p w').toString('base64')}`,
  });
});

test.each([
  [
    'a key that does not fit',
    { tls: { cert: file('client.pem'), key: file('other.key') } },
    /^certificate or key cannot be used: /,
  ],
  [
    'a file that is no PEM',
    { tls: { cert: file('README.md'), key: file('client.key') } },
    /^certificate or key cannot be used: /,
  ],
  ['a file that is not there', { tls: { ca: file('nowhere.pem') } }, /nowhere\.pem cannot be read: it does not exist$/],
  [
    'a token with a line break in it',
    { login: { kind: 'token', scheme: 'Bearer', token: { kind: 'text', text: 'a\r\nx: y' } } as const },
    /^the configured token holds no token$/,
  ],
])('%s is a failure, and nothing of it is told', async (_, more, why) => {
  expect(await ask(serverAt('https://127.0.0.1:1', more))).toMatchObject({
    kind: 'failed',
    why: expect.stringMatching(why),
  });
});

test('the kernel is asked to find out a server that is gone', async () => {
  const asked: unknown[] = [];
  await ask(serverAt(await secureServer()), {
    configureSocket: (_, options) => {
      asked.push(options);
      return true;
    },
  });
  expect(asked).toEqual([{ keepalive: { idleSeconds: 30, intervalSeconds: 1, count: 10 }, userTimeoutMs: 45_000 }]);
});

test('a server that takes the connection and says nothing is given up after a minute', async () => {
  const silent = createTcpServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  closing.push(() => void silent.close());
  const port = (silent.address() as AddressInfo).port;
  const clock = createFakeClock();
  const context = apiContext({ clock });
  const connected = Promise.withResolvers<void>();
  silent.on('connection', () => connected.resolve());
  const answer = new ApiClient(plainServer(`http://127.0.0.1:${port}`), context).get({
    path: '/',
    signal: new AbortController().signal,
  });
  await connected.promise;
  clock.advance(59_999);
  await settled();
  clock.advance(1);
  expect(await answer).toEqual({ kind: 'failed', why: `127.0.0.1:${port} did not answer within 60s` });
  expect(clock.pending).toBe(0);
});

test('in a cluster the address is that of the environment, and the rest that of the service account', async () => {
  const read: string[] = [];
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
  const result = await readAccess(
    { kind: 'inCluster' },
    {
      environment,
      readFile: async (path) => {
        read.push(path);
        return { kind: 'read', bytes: Buffer.from(path.endsWith('ca.crt') ? pem('ca.pem') : 'token\n') };
      },
    },
  );
  expect(result).toMatchObject({
    kind: 'ready',
    access: { authorization: 'Bearer token', tls: { rejectUnauthorized: true } },
  });
  expect(result.kind === 'ready' && result.access.url.href).toBe('https://[fd00::1]:6443/');
  expect(read).toEqual([
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
  ]);
});

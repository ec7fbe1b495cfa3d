import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import bcrypt from 'bcryptjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WebClientAuth, WebConfig, WebTls } from '../../../../src/settings/web-protection.ts';
import { settled } from '../../../support/fake-clock.ts';
import { ask, startWeb } from '../../../support/web-under-test.ts';

const file = (name: string) => readFileSync(new URL(`../../../support/tls/${name}`, import.meta.url), 'utf8');
const open: WebConfig = { tls: null, users: {}, headers: {}, rateLimit: null };
const tls: WebTls = {
  cert: file('server.pem'),
  key: file('server.key'),
  clientCa: null,
  clientAuth: 'NoClientCert',
  clientAllowedSans: [],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: null,
  ecdhCurve: null,
  honorCipherOrder: false,
};
const loaded = (web: Partial<WebConfig>) => () => ({ kind: 'loaded', web: { ...open, ...web }, warnings: [] }) as const;
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('listening', () => {
  test('on two addresses serves both, and :0 means all interfaces with IPv4 too', async () => {
    await using web = await startWeb({ settings: { listenAddresses: ['127.0.0.1:0', ':0'] } });
    expect(web.addresses).toHaveLength(2);
    const everywhere = `127.0.0.1:${web.addresses[1]?.split(':').at(-1)}`;
    for (const address of [web.addresses[0] ?? '', everywhere])
      expect((await ask(address, '/-/healthy')).status).toBe(200);
  });

  test('on an address that is taken fails with its name, and closes those already open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port: first } = free.address() as AddressInfo;
    await new Promise((resolve) => void free.close(resolve));
    const listenAddresses = [`127.0.0.1:${first}`, `127.0.0.1:${port}`];
    await expect(startWeb({ settings: { listenAddresses } })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: the address is in use`,
    );
    await expect(ask(`127.0.0.1:${first}`, '/')).rejects.toThrow('ECONNREFUSED');
    await new Promise((resolve) => void taken.close(resolve));
  });

  test.each([
    { address: 'nonsense', message: 'cannot listen on nonsense: expected :PORT, HOST:PORT or [IPv6]:PORT' },
    { address: '192.0.2.1:0', message: 'cannot listen on 192.0.2.1:0: no interface of this machine has this address' },
  ])('on $address fails: $message', async ({ address, message }) => {
    await expect(startWeb({ settings: { listenAddresses: [address] } })).rejects.toThrow(message);
  });
});

test('128 connections are served over all addresses together, and the next takes the place of the oldest half request', async () => {
  await using web = await startWeb({ settings: { listenAddresses: ['127.0.0.1:0', '127.0.0.1:0'] } });
  const [one = '', other = ''] = web.addresses;
  const half = async (address: string) => {
    const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\n');
    return socket;
  };
  const held: Socket[] = [];
  for (let i = 0; i < 128; i++) held.push(await half(i % 4 === 0 ? other : one));
  expect(held.filter(({ destroyed }) => destroyed)).toEqual([]);
  expect((await ask(one, '/-/healthy')).status).toBe(200);
  await expect.poll(() => held.findIndex(({ destroyed }) => !destroyed)).toBe(1);
});

describe('stopping', () => {
  test('frees the port and every timer', async () => {
    const web = await startWeb({ loadWebConfig: loaded({}) });
    expect(web.clock.pending).toBe(1);
    await web.stop(1000);
    expect(web.clock.pending).toBe(0);
    await expect(web.get('/')).rejects.toThrow('ECONNREFUSED');
  });

  test.each([
    { goesOn: true, outcome: 'whole' },
    { goesOn: false, outcome: 'cut' },
  ])('while an answer runs that goes on $goesOn leaves it $outcome at the deadline', async ({ goesOn, outcome }) => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    async function* slow(): AsyncIterable<string> {
      yield 'x';
      begun.resolve();
      await gate.promise;
    }
    const web = await startWeb({ functions: { render: slow } });
    const { port } = new URL(`http://${web.addresses[0]}`);
    const keepAlive = new Agent({ keepAlive: true });
    const answer = ask(`127.0.0.1:${port}`, '/metrics', { agent: keepAlive }).then(
      () => 'whole',
      () => 'cut',
    );
    await begun.promise;
    const stopped = web.stop(1000);
    if (goesOn) gate.resolve();
    else web.clock.advance(1000);
    expect(await answer).toBe(outcome);
    if (goesOn) web.clock.advance(1000);
    await stopped;
    keepAlive.destroy();
  });
});

describe('basic authentication', () => {
  const users = { prometheus: bcrypt.hashSync('secret', 4) };

  test('asks for a password everywhere but at the health endpoints', async () => {
    await using web = await startWeb({ loadWebConfig: loaded({ users }) });
    for (const path of ['/', '/metrics', '/config', '/api/v1/peers', '/nothing', '/-/healthy/', '/-/reload']) {
      const answer = await web.get(path);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="finrst", charset="UTF-8"');
    }
    for (const path of ['/-/healthy', '/-/ready']) expect((await web.get(path)).status).toBe(200);
  });

  test.each([
    { headers: basic('prometheus', 'secret'), status: 200 },
    { headers: basic('prometheus', 'wrong'), status: 401 },
    { headers: basic('nobody', 'secret'), status: 401 },
    { headers: { authorization: 'Basic !!!' }, status: 401 },
    { headers: { authorization: 'Bearer secret' }, status: 401 },
    { headers: { authorization: `Basic ${Buffer.from('no-colon').toString('base64')}` }, status: 401 },
  ])('answers $headers with $status', async ({ headers, status }) => {
    await using web = await startWeb({ loadWebConfig: loaded({ users }) });
    expect((await web.get('/metrics', { headers })).status).toBe(status);
  });

  test('stays open under a route prefix for probes, and only there', async () => {
    await using web = await startWeb({ settings: { routePrefix: '/a' }, loadWebConfig: loaded({ users }) });
    expect((await web.get('/a/-/ready')).status).toBe(200);
    expect((await web.get('/-/ready')).status).toBe(401);
  });
});

describe('the web configuration', () => {
  test('adds its headers to every answer', async () => {
    await using web = await startWeb({ loadWebConfig: loaded({ headers: { 'X-Frame-Options': 'deny' } }) });
    for (const path of ['/', '/metrics', '/nothing'])
      expect((await web.get(path)).headers['x-frame-options']).toBe('deny');
  });

  test('limits the rate of all but probes', async () => {
    await using web = await startWeb({ loadWebConfig: loaded({ rateLimit: { intervalMs: 1000, burst: 2 } }) });
    const statuses: number[] = [];
    for (const path of ['/', '/', '/', '/-/healthy']) statuses.push((await web.get(path)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    web.clock.advance(1000);
    expect((await web.get('/')).status).toBe(200);
  });

  test('is read again: a new password works, a broken file keeps the old one and is reported once', async () => {
    let result: ReturnType<ReturnType<typeof loaded>> | { kind: 'invalid'; problems: readonly string[] } = loaded({
      users: { a: bcrypt.hashSync('old', 4) },
    })();
    await using web = await startWeb({ loadWebConfig: () => result });
    const status = async (password: string) => (await web.get('/metrics', { headers: basic('a', password) })).status;
    expect(await status('old')).toBe(200);
    result = loaded({ users: { a: bcrypt.hashSync('new', 4) } })();
    web.clock.advance(10_000);
    await settled();
    expect([await status('old'), await status('new')]).toEqual([401, 200]);
    result = { kind: 'invalid', problems: ['web.yml:1:1: broken'] };
    web.clock.advance(30_000);
    expect(await status('new')).toBe(200);
    expect(web.published.filter((event) => event.type === 'warned')).toMatchObject([
      { level: 'error', message: 'web configuration not reloaded', fields: { problem: 'web.yml:1:1: broken' } },
    ]);
  });

  test('that is in order with a warning has it in the log', async () => {
    const loadWebConfig = () => ({ ...loaded({})(), warnings: ['web.yml:1:1: warning: costly'] });
    await using web = await startWeb({ loadWebConfig });
    expect(web.published).toMatchObject([{ type: 'warned', level: 'warn', message: 'web.yml:1:1: warning: costly' }]);
  });

  test('that is broken at the start keeps the server from starting', async () => {
    const loadWebConfig = () => ({ kind: 'invalid', problems: ['web.yml:1:1: broken'] }) as const;
    await expect(startWeb({ loadWebConfig })).rejects.toThrow('web.yml:1:1: broken');
  });
});

test('a key that OpenSSL does not take keeps the server from starting, and later the old one stays', async () => {
  const unusable = { ...tls, ciphers: 'NO-SUCH-CIPHER' };
  const problem = 'web configuration: tls_server_config: ';
  await expect(startWeb({ loadWebConfig: loaded({ tls: unusable }) })).rejects.toThrow(problem);
  let current = tls;
  await using web = await startWeb({ loadWebConfig: () => loaded({ tls: current })() });
  current = unusable;
  web.clock.advance(10_000);
  await settled();
  expect(web.published).toMatchObject([
    { message: 'web configuration not reloaded', fields: { problem: expect.stringContaining(problem) } },
  ]);
});

describe('TLS', () => {
  const get = (address: string, options: RequestOptions = {}) =>
    new Promise<{ status: number | undefined; names: string }>((resolve, reject) => {
      const port = address.split(':').at(-1);
      const asking = request(
        { host: '127.0.0.1', port, path: '/-/healthy', ca: file('ca.pem'), agent: false, ...options },
        (response) => {
          const socket = asking.socket;
          const names =
            socket && 'getPeerX509Certificate' in socket
              ? (socket as { getPeerX509Certificate(): { subjectAltName?: string } }).getPeerX509Certificate()
                  .subjectAltName
              : '';
          response.resume().on('end', () => resolve({ status: response.statusCode, names: names ?? '' }));
        },
      );
      asking.on('error', reject).end();
    });
  const client = { cert: file('client.pem'), key: file('client.key') };
  const other = { cert: file('expired.pem'), key: file('expired.key') };
  const withAuth = (clientAuth: WebClientAuth, rest: Partial<WebTls> = {}) =>
    loaded({ tls: { ...tls, clientAuth, clientCa: file('ca.pem'), ...rest } });

  test.each<{ auth: WebClientAuth; who: string; certificate: object; served: boolean; sans?: readonly string[] }>([
    { auth: 'NoClientCert', who: 'nobody', certificate: {}, served: true },
    { auth: 'RequestClientCert', who: 'nobody', certificate: {}, served: true },
    { auth: 'RequestClientCert', who: 'a bad certificate', certificate: other, served: true },
    { auth: 'RequireAnyClientCert', who: 'nobody', certificate: {}, served: false },
    { auth: 'RequireAnyClientCert', who: 'a bad certificate', certificate: other, served: true },
    { auth: 'VerifyClientCertIfGiven', who: 'nobody', certificate: {}, served: true },
    { auth: 'VerifyClientCertIfGiven', who: 'a bad certificate', certificate: other, served: false },
    { auth: 'VerifyClientCertIfGiven', who: 'a good certificate', certificate: client, served: true },
    { auth: 'RequireAndVerifyClientCert', who: 'nobody', certificate: {}, served: false },
    { auth: 'RequireAndVerifyClientCert', who: 'a bad certificate', certificate: other, served: false },
    { auth: 'RequireAndVerifyClientCert', who: 'a good certificate', certificate: client, served: true },
    { auth: 'RequireAndVerifyClientCert', who: 'an allowed name', certificate: client, served: true, sans: ['client'] },
    {
      auth: 'RequireAndVerifyClientCert',
      who: 'a name not allowed',
      certificate: client,
      served: false,
      sans: ['lient', 'x'],
    },
  ])('$auth with $who: served $served', async ({ auth, certificate, served, sans = [] }) => {
    await using web = await startWeb({ loadWebConfig: withAuth(auth, { clientAllowedSans: sans }) });
    const answer = get(web.addresses[0] ?? '', certificate).then(
      ({ status }) => status === 200,
      () => false,
    );
    expect(await answer).toBe(served);
  });

  test('a file that begins to verify clients is obeyed at once', async () => {
    let auth: WebClientAuth = 'RequireAnyClientCert';
    await using web = await startWeb({ loadWebConfig: () => withAuth(auth)() });
    const isServed = () =>
      get(web.addresses[0] ?? '', other).then(
        ({ status }) => status === 200,
        () => false,
      );
    expect(await isServed()).toBe(true);
    auth = 'RequireAndVerifyClientCert';
    web.clock.advance(10_000);
    await settled();
    expect(await isServed()).toBe(false);
  });

  test('a client that is silent in its handshake does not hold the stop', async () => {
    const web = await startWeb({ loadWebConfig: loaded({ tls }) });
    const silent = connect(Number(web.addresses[0]?.split(':').at(-1)), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    // Answered after the silent one was accepted: the server knows both.
    expect((await get(web.addresses[0] ?? '')).status).toBe(200);
    const stopped = web.stop(250).then(() => 'stopped');
    const never = new Promise((resolve) => setTimeout(resolve, 5000, 'still waiting'));
    web.clock.advance(250);
    expect(await Promise.race([stopped, never])).toBe('stopped');
    silent.destroy();
  });

  test('a rotated certificate is shown to who connects next', async () => {
    let now = tls;
    await using web = await startWeb({ loadWebConfig: () => loaded({ tls: now })() });
    expect((await get(web.addresses[0] ?? '')).names).toContain('localhost');
    now = { ...tls, cert: file('other.pem'), key: file('other.key') };
    web.clock.advance(10_000);
    await settled();
    const names = (await get(web.addresses[0] ?? '', { checkServerIdentity: () => undefined })).names;
    expect(names).toContain('other.example');
  });

  test('turning TLS off while running is refused with a warning', async () => {
    let web_: Partial<WebConfig> = { tls };
    await using web = await startWeb({ loadWebConfig: () => loaded(web_)() });
    web_ = {};
    web.clock.advance(10_000);
    await settled();
    expect(web.published).toMatchObject([{ message: 'turning TLS or client certificates on or off needs a restart' }]);
    expect((await get(web.addresses[0] ?? '')).status).toBe(200);
  });
});

describe('a hostile client', () => {
  const raw = async (address: string, bytes: string): Promise<string> => {
    const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
    socket.write(bytes);
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString()));
    await once(socket, 'close');
    return answer;
  };

  test.each([
    {
      what: 'a body of a gigabyte',
      bytes: 'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n',
      answer: 'HTTP/1.1 413',
    },
    {
      what: 'a body without an end',
      bytes: 'POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      answer: 'HTTP/1.1 411',
    },
    { what: 'no HTTP at all', bytes: '\x16\x03\x01\x02\x00\r\n\r\n', answer: 'HTTP/1.1 400' },
    {
      what: 'a header of 20 KB',
      bytes: `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      answer: 'HTTP/1.1 431',
    },
    {
      what: 'a path that is no UTF-8',
      bytes: 'GET /%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      answer: 'HTTP/1.1 404',
    },
  ])('with $what gets $answer and is gone', async ({ bytes, answer }) => {
    await using web = await startWeb();
    expect(await raw(web.addresses[0] ?? '', bytes)).toContain(answer);
    expect((await web.get('/-/healthy')).status).toBe(200);
  });
});

test('a second server on the same port is refused, though both would share it with themselves', async () => {
  await using web = await startWeb();
  const listenAddresses = [web.addresses[0] ?? ''];
  await expect(startWeb({ settings: { listenAddresses } })).rejects.toThrow('the address is in use');
  expect((await web.get('/-/healthy')).status).toBe(200);
});

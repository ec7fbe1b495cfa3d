import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import { httpDiscovery } from '../../src/discovery/http/http-discovery.ts';
import type { SourceUpdate } from '../../src/discovery/peer-source.ts';
import { DEFAULT_HTTP_CLIENT_SETTINGS, type HttpClientSettings } from '../../src/settings/http-client-settings.ts';
import type { HttpSettings } from '../../src/settings/http-settings.ts';
import { TargetListThread } from '../../src/target-lists/target-list-thread.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { sourceContext } from '../support/source-context.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tlsFile } from '../support/tls-peer.ts';

const LIST = JSON.stringify([{ targets: ['a:1'], labels: { team: 'x' } }]);
const JSON_TYPE = { 'content-type': 'application/json' };
const good: RequestListener = (_request, response) => response.writeHead(200, JSON_TYPE).end(LIST);

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    (server as Server & { closeAllConnections?: () => void }).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

type Started = {
  readonly listener: RequestListener;
  readonly settings?: Partial<HttpSettings>;
  readonly path?: string;
};

/** A source that asks a server of the test; its clock moves by hand. */
async function startSource({ listener, settings = {}, path = '/targets' }: Started) {
  const requests: IncomingMessage[] = [];
  let answer = listener;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  const port = await listen(server);
  const url = `http://127.0.0.1:${port}${path}`;
  return {
    ...ask({ url, ...settings }),
    requests,
    url,
    port,
    setListener: (next: RequestListener) => void (answer = next),
  };
}

function ask(settings: Partial<HttpSettings> & { readonly url: string }) {
  const clock = createFakeClock();
  const updates: SourceUpdate[] = [];
  let wake = () => {};
  const source = httpDiscovery.create(
    { client: DEFAULT_HTTP_CLIENT_SETTINGS, headers: {}, refreshIntervalMs: 60_000, lingerMs: 0, ...settings },
    sourceContext({ clock }),
  );
  source.start((update) => {
    updates.push(update);
    wake();
  });
  onTestFinished(() => source.stop());
  return {
    clock,
    source,
    updates,
    /** The next report: `refreshed` or `failed`, and what was published before it. */
    async next() {
      for (;;) {
        const at = updates.findIndex(({ kind }) => kind === 'refreshed' || kind === 'failed');
        if (at !== -1) return updates.splice(0, at + 1);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const whyOf = (updates: readonly SourceUpdate[]) =>
  updates.map((update) => (update.kind === 'failed' ? update.why : update.kind));

test('what is asked for, and what becomes of the answer', async () => {
  const { next, requests, url, updates } = await startSource({ listener: good, path: '/targets?token=SECRET' });
  const name = url.replace('?token=SECRET', '');
  expect(await next()).toEqual([
    {
      kind: 'groups',
      groups: [{ source: `${name}:0`, targets: [{ __address__: 'a:1' }], labels: { team: 'x', __meta_url: name } }],
    },
    { kind: 'refreshed', tookMs: 0 },
  ]);
  expect(updates).toEqual([{ kind: 'synced' }]);
  expect(requests[0]?.url).toBe('/targets?token=SECRET');
  expect(requests[0]?.headers).toMatchObject({
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'finrst/1.2.3',
    'x-prometheus-refresh-interval-seconds': '60',
  });
});

test.each([
  [500, '0.5'],
  [60_000, '60'],
  [90_000, '90'],
])('the header of a refresh interval of %i ms is %s', async (refreshIntervalMs, expected) => {
  const { next, requests } = await startSource({ listener: good, settings: { refreshIntervalMs } });
  await next();
  expect(requests[0]?.headers['x-prometheus-refresh-interval-seconds']).toBe(expected);
});

test('the list is asked for at each tick, and only what changed is published; entries that are gone are gone', async () => {
  const { clock, next, setListener, requests, updates } = await startSource({ listener: good });
  await next();
  updates.length = 0;
  await Promise.resolve();
  clock.advance(59_999);
  expect(requests).toHaveLength(1);
  clock.advance(1);
  expect(whyOf(await next())).toEqual(['refreshed']);
  setListener((_request, response) => response.writeHead(200, JSON_TYPE).end('[]'));
  await until(() => clock.pending > 0);
  clock.advance(60_000);
  const [update] = await next();
  expect(update).toMatchObject({ kind: 'groups', groups: [{ targets: [] }] });
});

/** Turns of the event loop until something is so: what is waited for is the real network. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('content types', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
  ])('%s is taken', async (type) => {
    const { next } = await startSource({
      listener: (_, response) => response.writeHead(200, { 'content-type': type }).end('[]'),
    });
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  });

  test.each([
    'text/html',
    'application/json; charset=latin1',
    'application/jsonx',
    'application/json; x=y',
    'text/json',
  ])('%s is refused', async (type) => {
    const { next } = await startSource({
      listener: (_, response) => response.writeHead(200, { 'content-type': type }).end('[]'),
    });
    expect(whyOf(await next())).toEqual(['answered with another content type than application/json']);
  });
});

const BAD_ANSWERS: readonly (readonly [string, RequestListener, string | RegExp])[] = [
  [
    'an HTML page of a login',
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'answered with another content type than application/json',
  ],
  ['no content type', (_, response) => response.writeHead(200).end('[]'), 'answered without a content type'],
  ['304', (_, response) => response.writeHead(304).end(), 'answered 304'],
  ['204', (_, response) => response.writeHead(204, JSON_TYPE).end(), 'answered 204'],
  ['206', (_, response) => response.writeHead(206, JSON_TYPE).end('[]'), 'answered 206'],
  ['503', (_, response) => response.writeHead(503, JSON_TYPE).end('[]'), 'answered 503'],
  ['401', (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end(), 'answered 401'],
  ['a body that is cut off', cutBody, 'cut its answer off'],
  ['chunks that are cut off', cutChunks, 'cut its answer off'],
  ['a connection that is cut off', (request) => request.socket.destroy(), 'cut the connection off'],
  ['no HTTP', (request) => request.socket.end('SSH-2.0-x\r\n'), /^failed: Parse Error/],
  [
    'another protocol',
    (request) => request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    'switched to another protocol',
  ],
  [
    'bad JSON',
    (_, response) => response.writeHead(200, JSON_TYPE).end('[{"targets": ["a:1"]}'),
    'not valid JSON: expected , or ]',
  ],
  [
    'no list',
    (_, response) => response.writeHead(200, JSON_TYPE).end('{"targets": []}'),
    /^the text holds a map; expected a list/,
  ],
  [
    'one bad entry',
    (_, response) => response.writeHead(200, JSON_TYPE).end('[{"targets": ["b:2"]}, {"target": []}]'),
    'unknown key "target"; did you mean targets?',
  ],
  ['nothing', (_, response) => response.writeHead(200, JSON_TYPE).end(), 'is empty; write [] for no targets'],
  [
    'bytes that are no UTF-8',
    (_, response) => response.writeHead(200, JSON_TYPE).end(Buffer.of(0x5b, 0xff)),
    'is not UTF-8 text',
  ],
  [
    'an encoding that was not asked for',
    (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'br' }).end('x'),
    'answered in a content encoding that it was not asked for',
  ],
  [
    'gzip that is cut off',
    (_, response) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(LIST).subarray(0, 20)),
    'answered with gzip that is cut off or broken',
  ],
  [
    'no gzip',
    (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(LIST),
    'answered with gzip that is cut off or broken',
  ],
  [
    'a gzip bomb',
    (_, response) =>
      response
        .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '))),
    'answered with more than 32 MiB',
  ],
  ['a redirect to nowhere', (_, response) => response.writeHead(302).end(), 'redirects to no URL'],
  [
    'a redirect to a file',
    (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'redirects to a URL of neither http nor https',
  ],
  [
    'redirects without end',
    (_, response) => response.writeHead(302, { location: '/again' }).end(),
    'redirects more than 10 times',
  ],
];

function cutBody(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
  response.write(LIST, () => response.socket?.end());
}

function cutChunks(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, JSON_TYPE);
  response.write(LIST, () => response.socket?.end());
}

test.each(BAD_ANSWERS)('%s: the targets of before stay, and the next good answer counts', async (_name, bad, why) => {
  const { clock, next, updates, setListener } = await startSource({ listener: good });
  expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  await until(() => clock.pending > 0);
  updates.length = 0;
  setListener(bad);
  clock.advance(60_000);
  const [update, ...others] = await next();
  expect(update).toMatchObject({ kind: 'failed', why: typeof why === 'string' ? why : expect.stringMatching(why) });
  expect(others).toEqual([]);
  await until(() => clock.pending > 0);
  setListener((_request, response) => response.writeHead(200, JSON_TYPE).end('[]'));
  clock.advance(60_000);
  expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
});

test.each([
  ['never answers', () => {}],
  ['sends its head and then nothing', (_, response) => void response.writeHead(200, JSON_TYPE).write(' ')],
] as readonly (readonly [string, RequestListener])[])(
  'a server that %s is given up at the deadline',
  async (_name, listener) => {
    const { clock, next, requests } = await startSource({ listener, settings: { refreshIntervalMs: 5000 } });
    await until(() => requests.length === 1);
    clock.advance(5000);
    expect(whyOf(await next())).toEqual(['did not answer in full within 5s']);
  },
);

test('a trickle past the deadline, in chunks without end, is given up; no two requests are under way', async () => {
  let open = 0;
  let most = 0;
  const { clock, next, requests } = await startSource({
    listener: (request, response) => {
      open += 1;
      most = Math.max(most, open);
      response.writeHead(200, JSON_TYPE);
      const trickle = setInterval(() => response.write(' '), 1);
      request.on('close', () => {
        clearInterval(trickle);
        open -= 1;
      });
    },
    settings: { refreshIntervalMs: 300_000 },
  });
  await until(() => requests.length === 1);
  clock.advance(59_999);
  clock.advance(1);
  expect(whyOf(await next())).toEqual(['did not answer in full within 1m']);
  await until(() => open === 0);
  clock.advance(300_000);
  await until(() => requests.length === 2);
  expect(most).toBe(1);
});

test('gzip is taken apart', async () => {
  const listener: RequestListener = (_, response) =>
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(LIST));
  const { next } = await startSource({ listener });
  expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
});

test('nobody listens: a failure in words, and the query is in none of them', async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  const { next } = ask({ url: `http://127.0.0.1:${port}/t?SECRET` });
  const updates = await next();
  expect(whyOf(updates)).toEqual(['refused the connection']);
  expect(JSON.stringify(updates)).not.toContain('SECRET');
});

describe('redirects', () => {
  const client = (folder: string, followRedirects = true): HttpClientSettings => {
    const file = join(folder, 'token');
    writeFileSync(file, 'TOKEN\n');
    return {
      ...DEFAULT_HTTP_CLIENT_SETTINGS,
      authentication: { kind: 'credentials', type: 'Bearer', credentialsFile: file },
      followRedirects,
    };
  };
  const headers = { 'X-Scope': ['a', 'b'] };

  test.each([301, 302, 303, 307, 308])(
    '%i on the same server is followed, with credentials and headers',
    async (status) => {
      const { next, requests } = await startSource({
        listener: (request, response) =>
          request.url === '/targets'
            ? response.writeHead(status, { location: '/other' }).end()
            : good(request, response),
        settings: { client: client(temporaryFolder()), headers },
      });
      expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
      for (const request of requests) {
        expect(request.method).toBe('GET');
        expect(request.headers).toMatchObject({ authorization: 'Bearer TOKEN', 'x-scope': 'a, b' });
      }
      expect(requests.map(({ url }) => url)).toEqual(['/targets', '/other']);
    },
  );

  test('another server gets neither, also not on the way back; a user name in the target is dropped', async () => {
    const seen: IncomingMessage[] = [];
    let back = '';
    const other = createServer((request, response) => {
      seen.push(request);
      response.writeHead(302, { location: back }).end();
    });
    const otherPort = await listen(other);
    const { next, requests, url } = await startSource({
      listener: (request, response) =>
        request.url === '/targets'
          ? response.writeHead(302, { location: `http://me:pw@127.0.0.1:${otherPort}/x` }).end()
          : good(request, response),
      settings: { client: client(temporaryFolder()), headers },
    });
    back = `${url}/back`;
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
    expect(requests[0]?.headers.authorization).toBe('Bearer TOKEN');
    for (const request of [...seen, requests[1]]) {
      expect(request?.headers.authorization).toBeUndefined();
      expect(request?.headers['x-scope']).toBeUndefined();
      expect(request?.headers['user-agent']).toBe('finrst/1.2.3');
    }
  });

  test('are an answer like any other where they are not to be followed', async () => {
    const { next, requests } = await startSource({
      listener: (_request, response) => response.writeHead(302, { location: '/other' }).end(),
      settings: { client: client(temporaryFolder(), false) },
    });
    expect(whyOf(await next())).toEqual(['answered 302']);
    expect(requests).toHaveLength(1);
  });
});

describe('over TLS', () => {
  const server = (certificate: string, listener: RequestListener = good) =>
    createSecureServer(
      { cert: readFileSync(tlsFile(`${certificate}.pem`)), key: readFileSync(tlsFile(`${certificate}.key`)) },
      listener,
    );
  const trusting = (tls: Partial<HttpClientSettings['tls']> = {}): HttpClientSettings => ({
    ...DEFAULT_HTTP_CLIENT_SETTINGS,
    tls: { ...DEFAULT_HTTP_CLIENT_SETTINGS.tls, caFile: tlsFile('ca.pem'), ...tls },
  });

  test('a certificate of the CA is taken', async () => {
    const port = await listen(server('server'));
    const { next } = ask({ url: `https://localhost:${port}/`, client: trusting() });
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  });

  test.each([
    ['that has expired', 'expired', trusting()],
    ['for another name', 'other', trusting()],
    ['of a CA that nobody named', 'server', DEFAULT_HTTP_CLIENT_SETTINGS],
  ])('a certificate %s is refused', async (_name, certificate, client) => {
    const port = await listen(server(certificate));
    const { next } = ask({ url: `https://localhost:${port}/`, client });
    expect(whyOf(await next())).toEqual([expect.stringMatching(/^failed: ./)]);
  });

  test('unless it is not to be verified', async () => {
    const port = await listen(server('expired'));
    const { next } = ask({ url: `https://localhost:${port}/`, client: trusting({ insecureSkipVerify: true }) });
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  });

  test('a CA that is renewed between two refreshes is taken without a reload', async () => {
    const ca = join(temporaryFolder(), 'ca.pem');
    copyFileSync(tlsFile('new-root.pem'), ca);
    const port = await listen(server('server'));
    const { next, clock } = ask({ url: `https://localhost:${port}/`, client: trusting({ caFile: ca }) });
    expect(whyOf(await next())).toEqual([expect.stringMatching(/^failed: ./)]);
    await until(() => clock.pending > 0);
    copyFileSync(tlsFile('ca.pem'), ca);
    clock.advance(60_000);
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  });

  test('a certificate that the server renews between two refreshes is seen: each refresh has a connection of its own', async () => {
    const secure = server('expired');
    const port = await listen(secure);
    const { next, clock } = ask({ url: `https://localhost:${port}/`, client: trusting() });
    expect(whyOf(await next())).toEqual([expect.stringMatching(/^failed: ./)]);
    await until(() => clock.pending > 0);
    secure.setSecureContext({ cert: readFileSync(tlsFile('server.pem')), key: readFileSync(tlsFile('server.key')) });
    clock.advance(60_000);
    expect(whyOf(await next())).toEqual(['groups', 'refreshed']);
  });

  test('a redirect from https to http is refused', async () => {
    const port = await listen(
      server('server', (_, response) => response.writeHead(302, { location: 'http://localhost/' }).end()),
    );
    const { next } = ask({ url: `https://localhost:${port}/`, client: trusting() });
    expect(whyOf(await next())).toEqual(['redirects from https to http']);
  });
});

test('a credentials file that is not there is a failure, and nothing is asked', async () => {
  const file = join(temporaryFolder(), 'none');
  const { next, requests } = await startSource({
    listener: good,
    settings: {
      client: {
        ...DEFAULT_HTTP_CLIENT_SETTINGS,
        authentication: { kind: 'credentials', type: 'Bearer', credentialsFile: file },
      },
    },
  });
  expect(whyOf(await next())).toEqual([`cannot read ${file}: it does not exist`]);
  expect(requests).toEqual([]);
});

test('stop ends the request that is under way, and nothing is published or left', async () => {
  let closed = 0;
  const { source, clock, requests, updates } = await startSource({
    listener: (request) => void request.on('close', () => (closed += 1)),
  });
  await until(() => requests.length === 1);
  source.stop();
  await until(() => closed === 1);
  expect(updates).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('100,000 targets are read in a thread and published whole', async () => {
  const targets = Array.from({ length: 100_000 }, (_, index) => `host-${index}.example.test:6379`);
  const body = JSON.stringify(targets.map((target) => ({ targets: [target], labels: { team: 'x' } })));
  const port = await listen(createServer((_, response) => response.writeHead(200, JSON_TYPE).end(body)));
  const lists = new TargetListThread(systemClock);
  onTestFinished(() => lists.stop());
  const published = Promise.withResolvers<number>();
  const source = httpDiscovery.create(
    {
      url: `http://127.0.0.1:${port}/`,
      client: DEFAULT_HTTP_CLIENT_SETTINGS,
      headers: {},
      refreshIntervalMs: 60_000,
      lingerMs: 0,
    },
    sourceContext({ clock: systemClock, readTargetList: lists.read }),
  );
  source.start((update) => {
    if (update.kind === 'groups') published.resolve(update.groups.length);
  });
  onTestFinished(() => source.stop());
  expect(await published.promise).toBe(100_000);
});

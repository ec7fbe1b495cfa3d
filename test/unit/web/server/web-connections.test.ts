import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebConnections } from '../../../../src/web/server/web-connections.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { ask } from '../../../support/web-under-test.ts';

const file = (name: string) => readFileSync(new URL(`../../../support/tls/${name}`, import.meta.url), 'utf8');
const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n';
const hello: RequestListener = (_request, response) => void response.end('hello');

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function serving({ most, listener = hello }: { most: number; listener?: RequestListener }) {
  const connections = new WebConnections({ most, clock: createFakeClock() });
  const server = createServer();
  connections.serve(server, listener);
  return { connections, server, port: await listening(server) };
}

/** A connection that has sent this, once the server has accepted it and had two turns to read it. */
async function opened(port: number, { sends = '', from = '127.0.0.1' } = {}): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined).resume();
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  if (sends !== '') socket.write(sends);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => void setImmediate(resolve));
  return socket;
}

/** Also where it closed already. */
async function closed(socket: Socket | undefined): Promise<void> {
  await expect.poll(() => socket?.closed, { interval: 2 }).toBe(true);
}
const open = (sockets: readonly Socket[]) => sockets.map(({ destroyed }) => !destroyed);
const answerOf = (port: number) => ask(`127.0.0.1:${port}`, '/').then(({ text }) => text);

test('when all places are taken, the half request that waited longest goes, over all servers together', async () => {
  const { connections, port } = await serving({ most: 3 });
  const other = createServer();
  connections.serve(other, hello);
  const otherPort = await listening(other);
  const held = [await opened(port, { sends: HEAD }), await opened(otherPort), await opened(port, { sends: HEAD })];
  expect(await answerOf(otherPort)).toBe('hello');
  await closed(held[0]);
  expect(open(held)).toEqual([false, true, true]);
});

test('a connection that was answered waits from then on, and a finished one takes no place', async () => {
  const { port } = await serving({ most: 2 });
  const [asked, half] = [await opened(port), await opened(port)];
  asked.write(`${HEAD}\r\n`);
  await once(asked, 'data');
  for (let i = 0; i < 3; i++) expect(await answerOf(port)).toBe('hello');
  await closed(half);
  expect(open([asked, half])).toEqual([true, false]);
});

test('where each connection has an answer under way a new one is refused, and none of them is cut', async () => {
  const gate = Promise.withResolvers<void>();
  const { port } = await serving({
    most: 2,
    listener: (_, response) => void gate.promise.then(() => response.end('x')),
  });
  const held = [await opened(port, { sends: `${HEAD}\r\n` }), await opened(port, { sends: `${HEAD}\r\n` })];
  await closed(await opened(port));
  expect(open(held)).toEqual([true, true]);
  const answers = held.map((socket) => once(socket, 'data'));
  gate.resolve();
  expect(await Promise.all(answers)).toHaveLength(2);
});

test('of two sources the one with more waiting connections makes room, though the other waits longer', async () => {
  const { port } = await serving({ most: 3 });
  const quiet = await opened(port);
  const crowd = [await opened(port, { from: '127.0.0.2' }), await opened(port, { from: '127.0.0.2' })];
  expect(await answerOf(port)).toBe('hello');
  await closed(crowd[0]);
  expect(open([quiet, ...crowd])).toEqual([true, false, true]);
});

test('a source that came last with one connection keeps it while another has more', async () => {
  const { port } = await serving({ most: 3 });
  const crowd = [await opened(port, { from: '127.0.0.2' }), await opened(port, { from: '127.0.0.2' })];
  const last = await opened(port);
  expect(await answerOf(port)).toBe('hello');
  await closed(crowd[0]);
  expect(open([...crowd, last])).toEqual([false, true, true]);
});

test('half requests that come back at once never keep a probe out', async () => {
  const { port } = await serving({ most: 128 });
  let ends = 0;
  let stopped = false;
  const hang = (): void => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    socket.on('error', () => undefined).on('close', () => void (ends++, stopped || hang()));
    socket.write(HEAD);
    onTestFinished(() => void ((stopped = true), socket.destroy()));
  };
  for (let i = 0; i < 140; i++) hang();
  for (let i = 0; i < 30; i++) expect(await answerOf(port)).toBe('hello');
  expect(ends).toBeGreaterThan(30);
});

test('a second request before the first answer is finished closes the connection, and the rest is not even parsed', async () => {
  let requests = 0;
  const count = (): void => void requests++;
  subscribe('http.server.request.start', count);
  onTestFinished(() => void unsubscribe('http.server.request.start', count));
  let answered = 0;
  const { port } = await serving({ most: 2, listener: (_, response) => void (answered++, response.end('x')) });
  const socket = await opened(port, { sends: `${HEAD}\r\n`.repeat(2000) });
  await closed(socket);
  expect({ requests, answered }).toEqual({ requests: 2, answered: 0 });
  expect(await answerOf(port)).toBe('x');
});

test.each([
  { size: 1, times: 500 },
  { size: 60_000, times: 200 },
  { size: 1_000_000, times: 20 },
])('a client that waits for each answer of $size bytes keeps its connection', async ({ size, times }) => {
  const { port, server } = await serving({ most: 2, listener: (_, response) => void response.end('x'.repeat(size)) });
  let connections = 0;
  server.on('connection', () => connections++);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let i = 0; i < times; i++) expect((await ask(`127.0.0.1:${port}`, '/', { agent })).text.length).toBe(size);
  expect(connections).toBe(1);
});

test('over TLS a connection counts from before its handshake, and its requests one at a time', async () => {
  const connections = new WebConnections({ most: 2, clock: createFakeClock() });
  const server = createTlsServer({ cert: file('server.pem'), key: file('server.key') });
  connections.serve(server, hello);
  const port = await listening(server);
  const silent = [await opened(port), await opened(port)];
  const agent = new TlsAgent({ keepAlive: true, maxSockets: 1, ca: file('ca.pem') });
  onTestFinished(() => agent.destroy());
  const status = () =>
    new Promise((resolve, reject) => {
      const asking = tlsRequest({ host: '127.0.0.1', port, agent }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode)),
      );
      asking.on('error', reject).end();
    });
  for (let i = 0; i < 50; i++) expect(await status()).toBe(200);
  await closed(silent[0]);
  expect(open(silent)).toEqual([false, true]);
  const pipelining = Object.values(agent.freeSockets)[0]?.[0] as Socket;
  pipelining.write(`${HEAD}\r\n`.repeat(3));
  await once(pipelining, 'close');
});

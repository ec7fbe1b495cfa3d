import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { httpSettings } from '../support/protocol-samples.ts';
import { until } from '../support/scenario.ts';
import { tlsFile, tlsSettings } from '../support/tls-peer.ts';

const PASSWORD_FILE = '/etc/finrst/token';
const HTTP: LoginSettings = { name: 'http', settings: httpSettings({ path: '/up', passwordFile: PASSWORD_FILE }) };

/** Node's own HTTP reads what we send, answers 404, closes behind this answer, and this peer of it is held. */
async function holding(server: Server, settings: Partial<PeerSettings>, closingAt = Number.POSITIVE_INFINITY) {
  const heard: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.on('request', (request, response) => {
    heard.push(request);
    if (heard.length === closingAt) response.setHeader('Connection', 'close');
    response.writeHead(404).end('not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = createFakeClock();
  const { port } = server.address() as AddressInfo;
  const held = await holdPeers([peerSettings(port, settings)], {
    clock,
    random: () => 1,
    readFile: async (path) => ({
      kind: 'read',
      bytes: path === PASSWORD_FILE ? Buffer.from('Bearer abc\n') : readFileSync(path),
    }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await until(clock, () => held.all('connected').length === 1);
  return { clock, held, heard, sockets, authority: `127.0.0.1:${port}` };
}

const beats = (protocol: LoginSettings) => ({ protocol, heartbeat: { protocol, intervalMs: 30_000, timeoutMs: 5000 } });

test('a real server of HTTP takes the request as it is meant, over TLS by ALPN, and again as a heartbeat', async () => {
  const [key, cert] = [readFileSync(tlsFile('server.key')), readFileSync(tlsFile('server.pem'))];
  const server = createServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'], keepAliveTimeout: 0 });
  const alpn: unknown[] = [];
  server.on('secureConnection', (socket: { readonly alpnProtocol?: unknown }) => alpn.push(socket.alpnProtocol));
  const { clock, held, heard, authority } = await holding(server, { tls: tlsSettings(), ...beats(HTTP) });
  await until(clock, () => held.all('heartbeatAnswered').length === 1, 1000);
  const headers = { host: authority, 'user-agent': 'finrst', connection: 'keep-alive', authorization: 'Bearer abc' };
  const asked = { method: 'HEAD', url: '/up', httpVersion: '1.1', headers };
  expect(heard).toMatchObject([asked, asked]);
  expect(alpn).toEqual(['http/1.1']);
  expect(clock.now() - (held.all('connected')[0]?.at ?? 0)).toBeGreaterThanOrEqual(24_000); // its own interval, and no hint
});

test('a server that says how long it keeps a silent connection is asked before that, however long an answer may take', async () => {
  const server = createPlainServer({ keepAliveTimeout: 5000 }); // said as Keep-Alive: timeout=5
  const { clock, held } = await holding(server, beats(HTTP));
  const connectedAt = held.all('connected')[0]?.at ?? 0;
  await until(clock, () => held.all('heartbeatAnswered').length === 3, 10);
  // Within 0.8 of it, and no more often than that needs: 4 s each, where 5 s would be too late.
  const took = (held.all('heartbeatAnswered')[2]?.at ?? 0) - connectedAt;
  expect(took).toBeGreaterThanOrEqual(3 * 4000 - 1000);
  expect(took).toBeLessThan(3 * 4000 + 2000);
});

test('the last answer is a goodbye, and the end stays what it is', async () => {
  const { clock, held } = await holding(createPlainServer({ keepAliveTimeout: 0 }), beats(HTTP), 2);
  await until(clock, () => held.all('heartbeatAnswered').length === 1, 1000);
  await until(clock, () => held.all('disconnected').length === 1); // without the time in which we would close
  expect(held.all('disconnected')).toMatchObject([
    { class: 'eof', reason: 'fin', goodbye: 'going_away', goodbyeCode: '404', initiator: 'remote' },
  ]);
});

import { readFileSync } from 'node:fs';
import { constants, createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { grpcSettings, http2Settings } from '../support/protocol-samples.ts';
import { until } from '../support/scenario.ts';
import { tlsFile, tlsSettings } from '../support/tls-peer.ts';

const HTTP2: LoginSettings = { name: 'http2', settings: http2Settings({ path: '/up' }) };
const GRPC: LoginSettings = { name: 'grpc', settings: grpcSettings({ service: 'shop.Cart' }) };

/** Node's own HTTP/2 reads what we send, and this peer of it is held. */
async function holding(server: Http2Server, settings: Partial<PeerSettings>) {
  const heard: Record<string, unknown>[] = [];
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const body: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => body.push(bytes));
    stream.on('end', () => {
      heard.push({ ...headers, body: Buffer.concat(body).toString('latin1') });
      stream.respond({ ':status': 404 }, { endStream: true });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = createFakeClock();
  const { port } = server.address() as AddressInfo;
  const held = await holdPeers([peerSettings(port, settings)], {
    clock,
    random: () => 1,
    readFile: async (path) => ({ kind: 'read', bytes: readFileSync(path) }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    for (const session of sessions) session.destroy();
    server.close();
  });
  await until(clock, () => held.all('connected').length === 1);
  return { clock, held, heard, sessions, authority: `127.0.0.1:${port}` };
}

const beats = (protocol: LoginSettings) => ({ protocol, heartbeat: { protocol, intervalMs: 30_000, timeoutMs: 5000 } });

test('a real server of HTTP/2 takes the request as it is meant, over TLS by ALPN, again as a heartbeat, and our GOAWAY', async () => {
  const [key, cert] = [readFileSync(tlsFile('server.key')), readFileSync(tlsFile('server.pem'))];
  const server = createSecureServer({ key, cert });
  const { clock, held, heard, sessions } = await holding(server, { tls: tlsSettings(), ...beats(HTTP2) });
  await until(clock, () => held.all('heartbeatAnswered').length === 1, 1000);
  const asked = { ':method': 'HEAD', ':scheme': 'https', ':path': '/up', 'user-agent': 'finrst', body: '' };
  expect(heard).toMatchObject([asked, asked]);
  expect(sessions[0]?.alpnProtocol).toBe('h2');
  const codes: number[] = [];
  sessions[0]?.on('goaway', (code) => codes.push(code));
  await held.stop();
  await until(clock, () => codes.length === 1);
  expect(codes).toEqual([constants.NGHTTP2_NO_ERROR]);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

test('a real server of HTTP/2 takes the health check as it is meant, with prior knowledge', async () => {
  const { clock, held, heard, authority } = await holding(createServer(), beats(GRPC));
  await until(clock, () => held.all('heartbeatAnswered').length === 1, 1000);
  const asked = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/grpc.health.v1.Health/Check',
    ':authority': authority,
    'content-type': 'application/grpc',
    te: 'trailers',
    body: '\0\0\0\0\x0b\x0a\x09shop.Cart',
  };
  expect(heard).toMatchObject([asked, asked]);
});

test('it answers pings, and leaves by itself where the server sends it away and does not close', async () => {
  const { clock, held, sessions } = await holding(createServer(), { protocol: HTTP2 });
  let isAnswered = false;
  sessions[0]?.ping((failure) => (isAnswered = failure === null));
  await until(clock, () => isAnswered);
  sessions[0]?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
  await until(clock, () => held.all('disconnected').length === 1, 1000);
  expect(held.all('disconnected')).toMatchObject([
    { class: 'eof', reason: 'goodbye', goodbye: 'slow_down', goodbyeCode: '0x0b', initiator: 'remote' },
  ]);
  expect(held.all('disconnected')[0]?.durationMs).toBeGreaterThanOrEqual(5000);
});

import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { websocketSettings } from '../support/protocol-samples.ts';
import { until } from '../support/scenario.ts';
import { tlsFile, tlsSettings } from '../support/tls-peer.ts';

const protocol: LoginSettings = {
  name: 'websocket',
  settings: websocketSettings({ path: '/chat', origin: 'https://chat.test', subprotocol: 'v2.chat' }),
};

/** The server of the package ws reads what we send, over TLS, and this peer of it is held. */
async function holding() {
  const server = createServer({ key: readFileSync(tlsFile('server.key')), cert: readFileSync(tlsFile('server.pem')) });
  const asked: IncomingMessage[] = [];
  const clients: WebSocket[] = [];
  const heard: unknown[] = [];
  new WebSocketServer({ server, perMessageDeflate: true }).on('connection', (client, request) => {
    asked.push(request);
    clients.push(client);
    client.on('ping', () => heard.push('ping'));
    client.on('pong', (payload) => heard.push(`pong ${payload.toString()}`));
    client.on('close', (code) => heard.push(`close ${code}`));
    client.on('error', (error) => heard.push(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = createFakeClock();
  const { port } = server.address() as AddressInfo;
  const heartbeat = { protocol, intervalMs: 30_000, timeoutMs: 5000 };
  const held = await holdPeers([peerSettings(port, { protocol, heartbeat, tls: tlsSettings() })], {
    clock,
    random: () => 1,
    readFile: async (path) => ({ kind: 'read', bytes: readFileSync(path) }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    for (const client of clients) client.terminate();
    server.close();
  });
  await until(clock, () => held.all('connected').length === 1);
  return { clock, held, asked, clients, heard };
}

test('a real server takes the handshake and our pings, hears our pongs, and is told that we leave', async () => {
  const { clock, held, asked, clients, heard } = await holding();
  expect(asked).toMatchObject([{ method: 'GET', url: '/chat', headers: { origin: 'https://chat.test' } }]);
  expect(clients[0]?.protocol).toBe('v2.chat');
  clients[0]?.ping('there?');
  clients[0]?.send('x'.repeat(70_000));
  await until(clock, () => heard.length === 1);
  await until(clock, () => held.all('heartbeatAnswered').length === 2, 1000);
  await held.stop();
  await until(clock, () => heard.length === 4);
  expect(heard).toEqual(['pong there?', 'ping', 'ping', 'close 1000']);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

test('a real server hears its close answered, and closes: its code is the goodbye', async () => {
  const { clock, held, clients, heard } = await holding();
  clients[0]?.close(1012, 'restart');
  await until(clock, () => held.all('disconnected').length === 1 && heard.length === 1);
  expect(heard).toEqual(['close 1012']);
  expect(held.all('disconnected')).toMatchObject([
    { class: 'eof', goodbye: 'admin_shutdown', goodbyeCode: '1012', initiator: 'remote' },
  ]);
});

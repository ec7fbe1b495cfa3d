import { queryObjects } from 'node:v8';
import { afterEach, expect, test } from 'vitest';
import { AttemptRecord } from '../../src/connections/dial/attempt-record.ts';
import { ConnectAttempt } from '../../src/connections/dial/connect-attempt.ts';
import { Login } from '../../src/connections/dial/login.ts';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { liveObjects } from '../support/live-objects.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import {
  http2Answer,
  http2Frame,
  http2Settings,
  mailSettings,
  mysqlGreeting,
  mysqlOk,
  mysqlSettings,
  postgresMessage,
  postgresSettings,
  redisSettings,
} from '../support/protocol-samples.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';

let held: HeldFleet;
let peer: { readonly port: number; close(): Promise<void> };
afterEach(async () => {
  const stopped = held.stop();
  await peer.close();
  await stopped;
});

const CONNECTIONS = 50;

const REDIS: LoginSettings = { name: 'redis', settings: redisSettings() };
const POSTGRES: LoginSettings = { name: 'postgres', settings: postgresSettings() };
const MYSQL: LoginSettings = { name: 'mysql', settings: mysqlSettings() };
const HTTP2: LoginSettings = { name: 'http2', settings: http2Settings() };
const SMTP: LoginSettings = { name: 'smtp', settings: mailSettings() };
const TRUST = postgresMessage('R', '\0\0\0\0') + postgresMessage('Z', 'I');

/** Says this to whoever has said something, and its greeting before. */
function startServer(answer: string, greeting = '') {
  return startPeer((socket) => {
    socket.write(greeting, 'latin1');
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.once('data', () => socket.resume().write(answer, 'latin1'));
  });
}

test.each([
  { what: 'plain', start: () => startPeer(), settings: {} },
  { what: 'TLS', start: () => startTlsPeer(), settings: { tls: tlsSettings() } },
  { what: 'Redis', start: () => startServer('+PONG\r\n'), settings: { protocol: REDIS } },
  { what: 'PostgreSQL', start: () => startServer(TRUST), settings: { protocol: POSTGRES } },
  { what: 'MySQL', start: () => startServer(mysqlOk(), mysqlGreeting()), settings: { protocol: MYSQL } },
  {
    what: 'HTTP/2',
    start: () => startServer(http2Frame(4, 0, 0) + http2Answer(1)),
    settings: { protocol: HTTP2 },
  },
  { what: 'SMTP', start: () => startServer('250 hi\r\n', '220 hi\r\n'), settings: { protocol: SMTP } },
])(
  '$what connections that are held keep nothing of the attempt that opened them',
  async ({ start, settings }) => {
    peer = await start();
    const peers = Array.from({ length: CONNECTIONS }, (_, i): PeerSettings =>
      peerSettings(peer.port, { group: `g${i}`, ...settings }),
    );
    held = await holdPeers(peers);
    await held.seen('connected', CONNECTIONS);
    const alive = [ConnectAttempt, AttemptRecord, Login].map((type) => [type.name, queryObjects(type)] as const);
    expect(Object.fromEntries(alive)).toEqual({ ConnectAttempt: 0, AttemptRecord: 0, Login: 0 });
  },
  60_000,
);

/** Objects of the process for each of its connections, its server's ends included, once each has had an answer. */
async function objectsEach(settings: Partial<PeerSettings>, answer: string): Promise<number> {
  peer = await startServer(answer);
  const peers = Array.from({ length: CONNECTIONS }, (_, i) => peerSettings(peer.port, { group: `g${i}`, ...settings }));
  held = await holdPeers(peers);
  await held.seen('connected', CONNECTIONS);
  held.forget();
  const before = liveObjects();
  const stopped = held.stop();
  await peer.close();
  await stopped;
  held.forget();
  return Math.round((before - liveObjects()) / CONNECTIONS);
}

test.each([
  { what: 'Redis', answer: '+PONG\r\n', protocol: REDIS, most: 8 },
  { what: 'PostgreSQL', answer: TRUST, protocol: POSTGRES, most: 8 },
])(
  'a held login of $what keeps at most $most objects',
  async ({ answer, protocol, most }) => {
    const heartbeat = { protocol, intervalMs: 60_000, timeoutMs: 5000 } as never;
    const plain = await objectsEach({}, answer);
    const more = (await objectsEach({ protocol, heartbeat }, answer)) - plain;
    expect(more).toBeLessThanOrEqual(most);
  },
  60_000,
);

import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { mysqlGreeting, mysqlOk, mysqlPacket, mysqlSettings, mysqlSwitch } from '../support/protocol-samples.ts';
import { until } from '../support/scenario.ts';
import { tlsFile, tlsSettings } from '../support/tls-peer.ts';

const MYSQL: LoginSettings = { name: 'mysql', settings: mysqlSettings({ passwordFile: '/run/pw' }) };
const PASSWORD = 'Mark-8c2e';
const PING = mysqlPacket(0, '\x0e');
const SSL_REQUEST_BYTES = 36;
const QUIT = mysqlPacket(0, '\x01');

/** A server that has TLS, and wants the password itself over it. `heard` has all that came over TLS. */
function serving(heard: string[]) {
  const answers = (text: string): string => {
    if (text.includes('finrst\0\x20')) return mysqlPacket(3, '\x01\x04'); // a digest of 32 bytes
    if (text.endsWith(`${PASSWORD}\0`)) return mysqlOk(5);
    return text === PING ? mysqlOk(1) : '';
  };
  return (socket: Socket): void => {
    socket.on('error', () => {});
    socket.write(mysqlGreeting({ plugin: 'caching_sha2_password' }), 'latin1');
    socket.once('data', (bytes: Buffer) => {
      // A client begins with TLS right behind its wish for it.
      socket.pause();
      socket.unshift(bytes.subarray(SSL_REQUEST_BYTES));
      const [key, cert] = [readFileSync(tlsFile('server.key')), readFileSync(tlsFile('server.pem'))];
      const secured = new TLSSocket(socket, { isServer: true, key, cert });
      secured.on('error', () => {});
      secured.on('end', () => secured.end());
      secured.on('data', (bytes: Buffer) => {
        const text = bytes.toString('latin1');
        heard.push(text);
        secured.write(answers(text), 'latin1');
      });
    });
  };
}

async function attempting(behave: (socket: Socket) => void, settings: Partial<PeerSettings>) {
  const clock = createFakeClock();
  const peer = await startPeer(behave);
  const held: HeldFleet = await holdPeers([peerSettings(peer.port, { protocol: MYSQL, ...settings })], {
    clock,
    random: () => 1,
    readFile: async (path) =>
      path === '/run/pw'
        ? { kind: 'read', bytes: Buffer.from(`${PASSWORD}\n`) }
        : { kind: 'read', bytes: readFileSync(path) },
  });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  return { clock, held };
}

test('it logs in over TLS with the password itself, is pinged, and leaves with COM_QUIT', async () => {
  const heard: string[] = [];
  const heartbeat = { protocol: MYSQL, intervalMs: 30_000, timeoutMs: 5000 };
  const { clock, held } = await attempting(serving(heard), { tls: tlsSettings(), heartbeat });
  await until(clock, () => held.all('connected').length === 1);
  expect(heard.at(-1)).toBe(mysqlPacket(4, `${PASSWORD}\0`));
  await until(clock, () => held.all('heartbeatAnswered').length === 1, 1000);
  expect(heard.at(-1)).toBe(PING);
  await held.stop();
  await until(clock, () => heard.at(-1) === QUIT);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

test('a server whose certificate is not trusted gets a login of nobody, which it does not count against our host', async () => {
  const heard: string[] = [];
  const { clock, held } = await attempting(serving(heard), { tls: tlsSettings({ serverName: 'another.test' }) });
  await until(clock, () => heard.length > 0);
  await until(clock, () => held.all('connectFailed').length === 1);
  expect(held.all('connectFailed')).toMatchObject([{ phase: 'tls', reason: 'hostname' }]);
  const [login = ''] = heard;
  expect(login.slice(36, 60)).toBe('\0\0caching_sha2_password\0');
  expect(login.endsWith(mysqlPacket(4, ''))).toBe(true);
  expect(heard.join('')).not.toContain(PASSWORD);
});

test('a method that is not spoken is refused, once the server has read the end of the login', async () => {
  const heard: string[] = [];
  const { clock, held } = await attempting((socket) => {
    socket.on('error', () => {});
    socket.write(mysqlGreeting(), 'latin1');
    socket.once('data', () => {
      socket.on('data', (bytes: Buffer) => heard.push(bytes.toString('latin1')));
      socket.write(mysqlSwitch('client_ed25519'), 'latin1');
    });
  }, {});
  await until(clock, () => held.all('connectFailed').length === 1 && heard.length > 0);
  expect(held.all('connectFailed')).toMatchObject([{ phase: 'protocol', reason: 'rejected', goodbye: 'auth_method' }]);
  expect(heard).toEqual([mysqlPacket(3, '\0'.repeat(64))]);
});

import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, stateOf, until } from '../support/scenario.ts';
import { startTlsPeer, tlsFile, tlsSettings, type TlsPeer, type TlsPeerOptions } from '../support/tls-peer.ts';
import { breakableRelay } from '../support/breakable-relay.ts';

let opened: { close(): Promise<void> }[] = [];
let held: HeldFleet;
afterEach(async () => {
  await held.stopNow();
  for (const each of opened) await each.close();
  opened = [];
});

const once = { reconnect: { initialMs: 60_000, maxMs: 60_000 } };
const never = { random: () => 0.99 };

async function tlsPeer(options: TlsPeerOptions): Promise<TlsPeer> {
  const peer = await startTlsPeer(options);
  opened.push(peer);
  return peer;
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (version) => {
  test('close_notify ends the connection, although no FIN follows', async () => {
    // Not end('bye'): a Node.js 24 server that ends while its write is under way sends the FIN without close_notify.
    const sayBye: TlsPeerOptions['behave'] = (secured) => secured.write('bye', () => setImmediate(() => secured.end()));
    const relay = await breakableRelay(await tlsPeer({ version, behave: sayBye }), 'swallow the FIN');
    opened.push(relay);
    held = await holdPeers([peerSettings(relay.port, { ...once, tls: tlsSettings() })], never);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', reason: 'close_notify', receivedBytes: 3 });
    const connected = await held.seen('connected');
    expect(connected.tls).toEqual({
      version,
      cipher: expect.stringMatching(version === 'TLSv1.3' ? /^TLS_(?!ECDHE)/ : /^TLS_ECDHE_/) as string,
      isResumed: false,
      isVerified: true,
      server: {
        subject: 'CN=localhost',
        issuer: 'CN=Finrst test CA',
        notBefore: Date.UTC(2026, 10, 22, 16, 3, 14),
        notAfter: Date.UTC(2126, 9, 28, 16, 3, 14),
      },
    });
    const { tlsStartedMs = NaN, tlsMs = NaN, totalMs } = connected.timings;
    const [tcp = { startedMs: NaN, durationMs: NaN }] = connected.tried;
    expect(tlsStartedMs).toBeGreaterThanOrEqual(tcp.startedMs + tcp.durationMs);
    expect(tlsStartedMs + tlsMs).toBeLessThanOrEqual(totalMs + 0.001);
  });

  test('close_notify and FIN together are close_notify', async () => {
    const { port } = await tlsPeer({ version, behave: (secured) => secured.end() });
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings({ expectCloseNotify: true }) })], never);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', reason: 'close_notify' });
  });

  test.each([
    { expectCloseNotify: true, seen: { class: 'error', reason: 'tls_truncated' } },
    { expectCloseNotify: false, seen: { class: 'eof', reason: 'fin' } },
  ])('a FIN without close_notify, expected $expectCloseNotify: $seen.reason', async ({ expectCloseNotify, seen }) => {
    const { port } = await tlsPeer({
      version,
      behave: (secured, raw) => secured.write('ab', () => setImmediate(() => raw.end())),
    });
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings({ expectCloseNotify }) })], never);
    // Two bytes of data make a TLS 1.3 record of the same length as close_notify.
    expect(await held.seen('disconnected')).toMatchObject({ ...seen, receivedBytes: 2 });
  });

  test('a reset is a reset', async () => {
    const { port } = await tlsPeer({
      version,
      behave: (secured, raw) => secured.write('x', () => setImmediate(() => raw.resetAndDestroy())),
    });
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings() })], never);
    expect(await held.seen('disconnected')).toMatchObject({ class: 'error', reason: 'reset', errno: 'ECONNRESET' });
  });

  test('a broken record is tls_error, once, and the socket is gone', async () => {
    const relay = await breakableRelay(
      await tlsPeer({ version, behave: (secured) => secured.write('ready') }),
      'garbage',
    );
    opened.push(relay);
    held = await holdPeers([peerSettings(relay.port, { ...once, tls: tlsSettings() })], never);
    await held.seen('connected');
    relay.breakIt();
    expect(await held.seen('disconnected')).toMatchObject({ class: 'error', reason: 'tls_error' });
    await held.stopNow();
    expect(held.all('disconnected')).toHaveLength(1);
  });
});

test('a fatal alert after the handshake is tls_alert: TLS 1.3 reports a missing client certificate only then', async () => {
  const { port } = await tlsPeer({ version: 'TLSv1.3', requestCert: true, rejectUnauthorized: true });
  held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings() })], never);
  expect(await held.seen('disconnected')).toMatchObject({ class: 'error', reason: 'tls_alert', initiator: 'remote' });
});

test('a peer that asks for a new handshake in mid-connection keeps its connection, and its bytes arrive', async () => {
  const { port } = await tlsPeer({
    version: 'TLSv1.2',
    behave: (secured) => {
      secured.write('before');
      secured.renegotiate({}, (error) => secured.end(error === null ? ' and after' : 'refused'));
    },
  });
  held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings() })], never);
  expect(await held.seen('disconnected')).toMatchObject({ reason: 'close_notify', receivedBytes: 16 });
});

test('a client certificate is presented', async () => {
  const { port } = await tlsPeer({
    version: 'TLSv1.3',
    requestCert: true,
    ca: await import('node:fs').then((fs) => fs.readFileSync(tlsFile('ca.pem'))),
    behave: (secured) => secured.end(secured.authorized ? 'ok!' : 'no'),
  });
  const tls = tlsSettings({ certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') });
  held = await holdPeers([peerSettings(port, { ...once, tls })], never);
  expect((await held.seen('disconnected')).receivedBytes).toBe(3);
});

describe('a handshake that fails', () => {
  const failures: { when: string; options?: TlsPeerOptions; tls?: object; settings?: object; seen: object }[] = [
    { when: 'no authority that we trust signed it', tls: { caFile: null }, seen: { reason: 'certificate' } },
    {
      when: 'the certificate has expired',
      options: { certificate: 'expired' },
      seen: {
        reason: 'certificate',
        errno: 'CERT_HAS_EXPIRED',
        certificate: { expiresAt: Date.UTC(2021, 0, 1) },
        tls: { version: 'TLSv1.3', server: { subject: 'CN=localhost', notAfter: Date.UTC(2021, 0, 1) } },
      },
    },
    { when: 'it names another host', options: { certificate: 'other' }, seen: { reason: 'hostname' } },
    { when: 'it names another server_name', tls: { serverName: 'elsewhere.example' }, seen: { reason: 'hostname' } },
    {
      when: 'the peer speaks only an older version',
      options: { version: 'TLSv1.2' },
      tls: { minVersion: 'TLSv1.3' },
      seen: { reason: 'version' },
    },
    {
      when: 'the peer refuses the missing client certificate',
      options: { version: 'TLSv1.2', requestCert: true, rejectUnauthorized: true },
      seen: { reason: 'alert' },
    },
    {
      when: 'a file cannot be read',
      tls: { certFile: '/nonexistent.pem', keyFile: '/nonexistent.key' },
      seen: { reason: 'other', detail: 'cannot read /nonexistent.pem: it does not exist' },
    },
  ];
  test.each(failures)('when $when: tls/$seen.reason', async ({ options = {}, tls = {}, seen }) => {
    const { port } = await tlsPeer(options);
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings(tls) })], never);
    const failed = await held.seen('connectFailed');
    expect(failed).toMatchObject({ phase: 'tls', ...seen });
    expect(failed.timings.tlsStartedMs).toBeGreaterThan(0);
    expect(failed.timings.tlsStartedMs).toBeLessThanOrEqual(failed.timings.totalMs);
    expect(held.all('connected')).toEqual([]);
  });

  const wires: { when: string; behave: (peer: LoopbackPeer) => void; reason: string }[] = [
    {
      when: 'the peer says something else',
      behave: (peer) => peer.server.on('connection', (s) => s.write('220 mail.example ESMTP\r\n')),
      reason: 'not_tls',
    },
    { when: 'the peer closes', behave: (peer) => peer.server.on('connection', (s) => s.end()), reason: 'eof' },
    {
      when: 'the peer resets',
      behave: (peer) => peer.server.on('connection', (s) => s.once('data', () => s.resetAndDestroy())),
      reason: 'reset',
    },
  ];
  test.each(wires)('when $when: tls/$reason', async ({ behave, reason }) => {
    const peer = await startPeer();
    opened.push(peer);
    behave(peer);
    held = await holdPeers([peerSettings(peer.port, { ...once, tls: tlsSettings() })], never);
    expect(await held.seen('connectFailed')).toMatchObject({ phase: 'tls', reason });
  });

  test('when the disk with the files does not answer: tls/other, and the peer is not connected to', async () => {
    const peer = await startPeer();
    opened.push(peer);
    const clock = createFakeClock();
    const readFile = () => new Promise<never>(() => {});
    held = await holdPeers([peerSettings(peer.port, { ...once, tls: tlsSettings() })], { ...never, clock, readFile });
    await pass(clock, 4_990);
    expect(held.all('connectFailed')).toEqual([]);
    await pass(clock, 20);
    const detail = 'the files of tls could not be read within connect_timeout: their file system does not answer';
    expect(held.all('connectFailed')).toMatchObject([{ phase: 'tls', reason: 'other', detail, tried: [] }]);
  });

  test('when the peer sends nothing: tls/timeout', async () => {
    const peer = await startPeer();
    opened.push(peer);
    const clock = createFakeClock();
    held = await holdPeers([peerSettings(peer.port, { ...once, tls: tlsSettings() })], { ...never, clock });
    await until(clock, () => stateOf(held) === 'handshaking');
    await pass(clock, 4_980);
    expect(held.all('connectFailed')).toEqual([]);
    await pass(clock, 40);
    expect(held.all('connectFailed')).toMatchObject([{ phase: 'tls', reason: 'timeout' }]);
  });

  test('accept and reset at once is tls/reset, whichever side of the connect event it falls', async () => {
    const peer = await startPeer((socket) => socket.resetAndDestroy());
    opened.push(peer);
    held = await holdPeers([peerSettings(peer.port, { reconnect: { initialMs: 1, maxMs: 1 }, tls: tlsSettings() })]);
    await held.seen('connectFailed', 50);
    expect(new Set(held.all('connectFailed').map(({ phase, reason }) => `${phase}/${reason}`))).toEqual(
      new Set(['tls/reset']),
    );
  });
});

test('verification skipped on request, and the expiry is still reported', async () => {
  const { port } = await tlsPeer({ certificate: 'expired' });
  held = await holdPeers(
    [peerSettings(port, { ...once, tls: tlsSettings({ insecureSkipVerify: true, caFile: null }) })],
    never,
  );
  expect(await held.seen('connected')).toMatchObject({
    certificate: { expiresAt: Date.UTC(2021, 0, 1) },
    tls: { isVerified: false },
  });
});

describe('the end of validity, where an expired cross-signed root is sent behind a chain that verifies', () => {
  test.each([
    { when: 'verified', tls: { caFile: tlsFile('new-root.pem') }, expiresAt: Date.UTC(2118, 0, 1) },
    { when: 'not verified', tls: { insecureSkipVerify: true, caFile: null }, expiresAt: Date.UTC(2020, 5, 1) },
  ])('$when', async ({ tls, expiresAt }) => {
    const { port } = await tlsPeer({ certificate: 'cross-signed' });
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings(tls) })], never);
    const { certificate, at } = await held.seen('connected');
    expect(certificate?.expiresAt).toBe(expiresAt);
    expect(at - (certificate?.readAt ?? 0)).toBeLessThan(1000);
  });

  test('not trusted: that of all that were sent', async () => {
    const { port } = await tlsPeer({ certificate: 'cross-signed' });
    held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings() })], never);
    expect(await held.seen('connectFailed')).toMatchObject({
      reason: 'certificate',
      certificate: { expiresAt: Date.UTC(2020, 5, 1) },
    });
  });
});

test('a local close says close_notify, then FIN', async () => {
  const saw: string[] = [];
  const { port } = await tlsPeer({
    behave: (secured, raw) => {
      secured.on('end', () => saw.push('close_notify'));
      raw.on('end', () => saw.push('FIN'));
      raw.on('close', () => saw.push('closed'));
    },
  });
  held = await holdPeers([peerSettings(port, { ...once, tls: tlsSettings() })], never);
  await held.seen('connected');
  await held.stop();
  expect(saw[0]).toBe('close_notify');
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

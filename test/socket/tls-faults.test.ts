import { afterEach, describe, expect, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { answering } from '../support/answering.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { stateOf, until } from '../support/scenario.ts';
import { startTlsPeer, tlsFile, tlsSettings, type TlsPeerOptions } from '../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../support/send-expect-heartbeat.ts';

let held: HeldFleet;
let opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await held.stopNow();
  for (const each of opened) await each.close();
  opened = [];
});

const once = { reconnect: { initialMs: 60_000, maxMs: 60_000 } };

async function holdTls(
  options: TlsPeerOptions,
  { clock, ...settings }: Partial<PeerSettings> & { clock?: FakeClock } = {},
): Promise<void> {
  const peer = await startTlsPeer(options);
  opened.push(peer);
  held = await holdPeers([peerSettings(peer.port, { ...once, tls: tlsSettings(), ...settings })], {
    random: () => 0.99,
    ...(clock === undefined ? {} : { clock }),
  });
}

const RECORD_OF_32_BYTES = Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20]);

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (version) => {
  test.each([
    { expectCloseNotify: false, seen: { class: 'eof', reason: 'fin' } },
    { expectCloseNotify: true, seen: { class: 'error', reason: 'tls_truncated' } },
  ])(
    'a FIN within a record, close_notify expected $expectCloseNotify: $seen.reason',
    async ({ expectCloseNotify, seen }) => {
      const behave: TlsPeerOptions['behave'] = (secured, raw) => {
        // Behind data of its own, so that the handshake is over on both sides.
        secured.write('x', () => setImmediate(() => raw.end(Buffer.concat([RECORD_OF_32_BYTES, Buffer.alloc(5)]))));
      };
      await holdTls({ version, behave }, { tls: tlsSettings({ expectCloseNotify }) });
      expect(await held.seen('disconnected')).toMatchObject(seen);
    },
  );

  test('close_notify with a reset right behind it is close_notify', async () => {
    const behave: TlsPeerOptions['behave'] = (secured, raw) => {
      secured.end(() => raw.resetAndDestroy());
    };
    await holdTls({ version, behave });
    expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', reason: 'close_notify' });
  });

  test('a stop during drain: what the peer still sends is read, and it sees no reset', async () => {
    const saw: string[] = [];
    const closed = Promise.withResolvers<void>();
    const behave: TlsPeerOptions['behave'] = (secured, raw) => {
      raw.on('error', (error) => saw.push(error.message));
      raw.on('close', () => closed.resolve());
      secured.on('end', () => {
        saw.push('close_notify');
        secured.write(Buffer.alloc(2 * 1024 * 1024), () => secured.end());
      });
    };
    await holdTls({ version, behave, allowHalfOpen: true });
    await held.seen('connected');
    await held.stop();
    await closed.promise;
    expect(saw).toEqual(['close_notify']);
  });

  test('a broken record while we drain changes nothing any more', async () => {
    let sent = 0;
    const behave: TlsPeerOptions['behave'] = (secured, raw) => {
      secured.on('end', () => {
        for (; sent < 3; sent++) raw.write(Buffer.concat([RECORD_OF_32_BYTES, Buffer.alloc(32, sent)]));
        raw.end();
      });
    };
    await holdTls({ version, behave, allowHalfOpen: true });
    await held.seen('connected');
    await held.stop();
    expect(sent, 'broken records').toBe(3);
    expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
    expect(held.all('disconnected')).toEqual([]);
  });

  test('bytes that do not drain for write_timeout are write_stalled', async () => {
    const clock = createFakeClock();
    const behave: TlsPeerOptions['behave'] = (secured) => void secured.pause();
    const send = Buffer.alloc(64 * 1024);
    await holdTls(
      { version, behave },
      { clock, writeTimeoutMs: 30_000, heartbeat: sendExpectHeartbeat({ send, intervalMs: 1000, answer: null }) },
    );
    while (held.all('connected').length === 0) {
      clock.advance(0);
      await settled();
    }
    while (held.all('disconnected').length === 0) {
      clock.advance(1000);
      await settled();
      await settled();
      expect(clock.monotonic(), 'the stall was never seen').toBeLessThan(600_000);
    }
    expect(held.all('disconnected')).toMatchObject([{ class: 'idle_timeout', reason: 'write_stalled' }]);
    for (let left = 0; left < 200; left++) {
      clock.advance(20);
      await settled();
    }
  });
});

test('a handshake that is given up shows the peer a FIN, not a reset', async () => {
  const saw: string[] = [];
  const peer = await startPeer((socket) => {
    socket.resume();
    socket.on('end', () => {
      saw.push('FIN');
      socket.end();
    });
    socket.on('error', (error) => saw.push(error.message));
  });
  opened.push(peer);
  const clock = createFakeClock();
  held = await holdPeers([peerSettings(peer.port, { ...once, tls: tlsSettings() })], { clock, random: () => 0.99 });
  await until(clock, () => stateOf(held) === 'handshaking');
  await until(clock, () => held.all('connectFailed').length === 1, 20);
  await until(clock, () => saw.length > 0); // time stands still: the FIN is sent at once, not when the drain is over
  expect(saw).toEqual(['FIN']);
});

test('a name with a trailing dot is asked for without it: SNI has none (RFC 6066 section 3)', async () => {
  const asked: (string | false | null)[] = [];
  const peer = await startTlsPeer({ behave: (secured) => asked.push(secured.servername) });
  opened.push(peer);
  const settings = peerSettings(peer.port, { ...once, host: 'localhost.', tls: tlsSettings() });
  held = await holdPeers([settings], {
    random: () => 0.99,
    lookup: answering('127.0.0.1'),
  });
  await held.seen('connected');
  while (asked.length === 0) await settled();
  expect(asked).toEqual(['localhost']);
});

test.each([
  { what: 'a key that is none', keyFile: 'ca.pem' },
  { what: 'a key of another certificate', keyFile: 'other.key' },
])('$what is a failure of this attempt alone', async ({ keyFile }) => {
  const tls = tlsSettings({ certFile: tlsFile('client.pem'), keyFile: tlsFile(keyFile) });
  await holdTls({}, { tls });
  expect(await held.seen('connectFailed')).toMatchObject({ phase: 'tls', reason: 'other' });
});

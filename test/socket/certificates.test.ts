import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { type HeldFleet, type HeldFleetOptions, holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { until } from '../support/scenario.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTlsPeer, tlsFile, tlsSettings, type TlsPeer } from '../support/tls-peer.ts';

const DAY_MS = 86_400_000;
const pem = (name: string): Buffer => readFileSync(tlsFile(name));
const ENDS = new X509Certificate(pem('server.pem')).validToDate.getTime();
const RENEWED_ENDS = Date.UTC(2118, 0, 1);

type Scenario = {
  readonly clock: FakeClock;
  readonly held: HeldFleet;
  readonly peer: TlsPeer;
  /** Every TLS connection that the peer accepted. */
  readonly secured: TLSSocket[];
  /** Time passes at once, and sockets work. */
  later(days: number): Promise<void>;
  tlsSettings: ReturnType<typeof tlsSettings>;
};

/** One TLS connection that is held, by a wall clock that has so many days until its certificate ends. */
async function holdWithDaysLeft(daysLeft: number, options: HeldFleetOptions = {}): Promise<Scenario> {
  const clock = createFakeClock(ENDS - daysLeft * DAY_MS);
  const secured: TLSSocket[] = [];
  const peer = await startTlsPeer({ behave: (socket) => void secured.push(socket.on('end', () => socket.end())) });
  const caFile = join(temporaryFolder(), 'ca.pem');
  writeFileSync(caFile, Buffer.concat([pem('ca.pem'), pem('new-root.pem')]));
  const settings = tlsSettings({ caFile });
  const held = await holdPeers([peerSettings(peer.port, { tls: settings })], { clock, random: () => 0.5, ...options });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
    expect(clock.pending, 'timers left after the stop').toBe(0);
  });
  await until(clock, () => held.all('connected').length === 1 && secured.length === 1);
  const later = async (days: number): Promise<void> => {
    clock.stall(days * DAY_MS);
    for (let turns = 0; turns < 50; turns++) {
      clock.advance(20);
      await settled();
    }
  };
  return { clock, held, peer, secured, later, tlsSettings: settings };
}

describe('the certificate of a held connection', () => {
  test('is read anew by a second handshake once a day, which is no connection', async () => {
    const { clock, held, secured, later } = await holdWithDaysLeft(10);
    await later(1.4);
    expect(secured, 'the hour is not there yet').toHaveLength(1);
    await later(0.2);
    await until(clock, () => held.all('certificateRead').length === 1, 20);
    expect(held.all('certificateRead')[0]).toMatchObject({ expiresAt: ENDS, peer: { group: 'test' } });
    await until(clock, () => secured[1]?.readableEnded === true, 20);
    await later(0.8);
    expect(secured, 'not twice a day').toHaveLength(2);
    await later(0.3);
    await until(clock, () => held.all('certificateRead').length === 2, 20);
    expect(held.all('connected'), 'counted nowhere').toHaveLength(1);
    expect([...held.all('disconnected'), ...held.all('localClosed'), ...held.all('connectFailed')]).toEqual([]);
    expect(held.all('stateEntered').at(-1)?.state).toBe('established');
  });

  test('that was renewed is seen, and then left alone until little is left of it', async () => {
    const { clock, held, peer, secured, later } = await holdWithDaysLeft(10);
    const renewed = { key: pem('cross-signed.key'), cert: pem('cross-signed.pem') };
    peer.server.setSecureContext(renewed);
    await later(1.6);
    await until(clock, () => held.all('certificateRead').length === 1, 20);
    // By now the real root of that server ends far away from the clock of this test: only the figure counts.
    expect(held.all('certificateRead')[0]?.expiresAt).toBe(RENEWED_ENDS);
    expect(secured).toHaveLength(2);
  });

  test('of which much is left is left alone', async () => {
    const { secured, later } = await holdWithDaysLeft(40);
    await later(18);
    expect(secured).toHaveLength(1);
    await later(2);
    expect(secured, 'less than 21 days').toHaveLength(2);
  });

  test('that cannot be read changes nothing, and is tried again a day later', async () => {
    const { held, peer, secured, later } = await holdWithDaysLeft(10);
    const { port } = peer;
    peer.server.close();
    await later(1.6);
    expect([held.all('certificateRead'), held.all('connectFailed'), held.all('disconnected')]).toEqual([[], [], []]);
    peer.server.listen(port, '127.0.0.1');
    await later(1);
    expect(held.all('certificateRead')).toHaveLength(1);
    expect(secured).toHaveLength(2);
  });

  test('without a spare descriptor it is not read, and no warning comes of it', async () => {
    const limits = { maxConnectsPerSecond: 1000, maxConnections: 1 };
    const { held, secured, later } = await holdWithDaysLeft(10, { limits });
    await later(1.6);
    expect(secured).toHaveLength(1);
    expect([held.all('certificateRead'), held.all('warned')]).toEqual([[], []]);
  });

  test('takes a turn of the connect rate', async () => {
    const limits = { maxConnectsPerSecond: 0.000001, maxConnections: 0 };
    const { held, secured, later } = await holdWithDaysLeft(10, { limits });
    await later(1.6);
    await later(0.1);
    expect([held.all('certificateRead'), secured.length]).toEqual([[], 1]);
  });

  test('is not waited for by a stop: the second handshake ends with its connection', async () => {
    const { clock, held, peer, later } = await holdWithDaysLeft(10);
    const { port } = peer;
    peer.server.close();
    const silent = createServer((socket) => socket.resume()); // takes the ClientHello and never answers
    silent.listen(port, '127.0.0.1');
    onTestFinished(() => void silent.close());
    let accepted: Socket | null = null;
    silent.once('connection', (socket: Socket) => (accepted = socket));
    await later(1.6);
    await until(clock, () => accepted !== null, 20);
    await held.stopNow();
    expect(clock.pending).toBe(0);
    expect(held.all('localClosed')).toHaveLength(1);
    await expect.poll(() => accepted?.destroyed).toBe(true);
  });
});

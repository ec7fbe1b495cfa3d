import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { systemClock } from '../../src/clock/system-clock.ts';
import { ObservedSocket, type SharedBySockets } from '../../src/connections/link/observed-socket.ts';
import { ReadTurns } from '../../src/connections/link/read-turns.ts';
import type { SocketEnd } from '../../src/domain/evidence.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';

/** What a socket may read in a turn. */
const SHARE = 64 * 1024;
const FLOOD = Buffer.alloc(4 * 1024 * 1024, 'x');

type Ours = { readonly remote: Socket; readonly seen: { bytes: number; end: SocketEnd | null } };

/** Connected sockets that share what all sockets of a process share. */
async function connectedSockets(count: number): Promise<Ours[]> {
  const peer = await startPeer((socket) => socket.pause());
  const { kernel } = await openKernel(process.platform);
  const shared: SharedBySockets = {
    kernel,
    readBuffer: new Uint8Array(SHARE),
    readTurns: new ReadTurns(systemClock),
    ends: new PacedWork(systemClock),
  };
  const sockets: ObservedSocket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await peer.close();
  });
  const connect = async (): Promise<Ours> => {
    const seen: Ours['seen'] = { bytes: 0, end: null };
    const connected = Promise.withResolvers<void>();
    const socket = new ObservedSocket(shared, {
      received: (bytes) => void (seen.bytes += bytes.length),
      ended: (signal) => {
        seen.end = signal;
        socket.destroy();
      },
    });
    sockets.push(socket);
    socket.open({ address: '127.0.0.1', port: peer.port, sourceAddress: null }, connected.resolve);
    await connected.promise;
    return { remote: await peer.accepted(sockets.length), seen };
  };
  const ours: Ours[] = [];
  while (ours.length < count) ours.push(await connect());
  return ours;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a flooding peer is read once a turn, so others wait for one read of each flood before their end is seen', async () => {
  const [quiet, ...floods] = await connectedSockets(9);
  if (quiet === undefined) throw new TypeError('nine sockets were asked for');
  for (const { remote } of floods) remote.write(FLOOD); // as much as the kernel takes lies there to be read
  quiet.remote.end();
  let most = 0;
  for (let turns = 0; quiet.seen.end === null; turns++) {
    expect(turns, 'turns until the end was seen').toBeLessThan(4);
    const before = floods.map(({ seen }) => seen.bytes);
    await turn();
    most = Math.max(most, ...floods.map(({ seen }, i) => seen.bytes - (before[i] ?? 0)));
  }
  expect(most, 'bytes that one flood had of one turn').toBe(SHARE);
});

test.each([
  { how: 'FIN', end: (socket: Socket) => socket.end(), signal: { kind: 'end', pendingError: null } },
  { how: 'FIN, sent with the last bytes', end: null, signal: { kind: 'end', pendingError: null } },
])('no byte is lost and the end behind a flood is seen: $how (needs Linux)', async ({ end, signal }) => {
  const floods = await connectedSockets(8);
  for (const { remote } of floods) {
    if (end === null) remote.end(FLOOD);
    else remote.write(FLOOD, () => end(remote));
  }
  while (floods.some(({ seen }) => seen.end === null)) await turn();
  expect(floods.map(({ seen }) => seen)).toEqual(floods.map(() => ({ bytes: FLOOD.length, end: signal })));
});

test('a reset behind a flood is seen', async () => {
  const floods = await connectedSockets(8);
  for (const { remote } of floods) {
    remote.write(FLOOD);
    remote.resetAndDestroy();
  }
  while (floods.some(({ seen }) => seen.end === null)) await turn();
  const ends = floods.map(({ seen }) => (seen.end?.kind === 'errno' ? seen.end.errno : seen.end?.pendingError));
  expect(new Set(ends)).toEqual(new Set(['ECONNRESET']));
});

test('a socket that fills the buffer exactly, and then sends nothing for a while, is read on', async () => {
  const [one] = await connectedSockets(1);
  if (one === undefined) throw new TypeError('one socket was asked for');
  one.remote.write(FLOOD.subarray(0, SHARE));
  while (one.seen.bytes < SHARE) await turn();
  for (let turns = 0; turns < 10; turns++) await turn();
  one.remote.end('more');
  while (one.seen.end === null) await turn();
  expect(one.seen).toMatchObject({ bytes: SHARE + 4, end: { kind: 'end' } });
});

test('a flood through TLS arrives whole, and its close_notify is seen', async () => {
  const peer = await startTlsPeer({ behave: (secured) => void secured.end(FLOOD) });
  const settings = { tls: tlsSettings({ serverName: 'localhost' }), reconnect: { initialMs: 1e6, maxMs: 1e6 } };
  const held = await holdPeers([peerSettings(peer.port, settings)], { random: () => 0.5 });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  expect(await held.seen('disconnected')).toMatchObject({ class: 'eof', receivedBytes: FLOOD.length });
});

/** Takes no part in the handshake: a HelloRequest each, which a client ignores (RFC 5246 7.4.1.1). */
const HELLO_REQUEST = Buffer.from('160303000400000000', 'hex');

test('a handshake of endless HelloRequests fails at 256 KiB', async () => {
  const requests = Buffer.concat(Array.from({ length: 40_000 }, () => HELLO_REQUEST));
  const peer = await startPeer((socket) => void socket.resume().write(requests));
  const settings = { tls: tlsSettings({ serverName: 'localhost' }), reconnect: { initialMs: 1e6, maxMs: 1e6 } };
  const held = await holdPeers([peerSettings(peer.port, settings)], { random: () => 0.5 });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  expect(await held.seen('connectFailed')).toMatchObject({
    phase: 'tls',
    reason: 'other',
    errno: 'ERR_TLS_HANDSHAKE_TOO_LONG',
    detail: 'the peer sent more than 256 KiB and the handshake was not done',
  });
  const accepted = await peer.accepted();
  if (!accepted.readableEnded) await once(accepted, 'end');
});

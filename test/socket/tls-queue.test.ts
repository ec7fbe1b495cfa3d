import { createSecureContext, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import { ObservedSocket } from '../../src/connections/link/observed-socket.ts';
import { PacedWork } from '../../src/clock/paced-work.ts';
import { ReadTurns } from '../../src/connections/link/read-turns.ts';
import { TlsLink } from '../../src/connections/link/tls-link.ts';
import { TrustedRoots } from '../../src/connections/link/trusted-roots.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';
import { startTlsPeer } from '../support/tls-peer.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A link whose handshake is done, and the peer's side, which does not read. */
async function securedLink(): Promise<{ link: TlsLink; secured: TLSSocket }> {
  const accepted = Promise.withResolvers<TLSSocket>();
  const peer = await startTlsPeer({ behave: (secured) => accepted.resolve(secured.pause()) });
  const { kernel } = await openKernel(process.platform);
  const shared = {
    kernel,
    readBuffer: new Uint8Array(64 * 1024),
    readTurns: new ReadTurns(systemClock),
    ends: new PacedWork(systemClock),
  };
  const socket = new ObservedSocket(shared, { received: () => {}, ended: () => {} });
  const remote = { address: '127.0.0.1', port: peer.port };
  await new Promise<void>((resolve) => socket.open({ ...remote, sourceAddress: null }, resolve));
  onTestFinished(async () => {
    socket.destroy();
    await peer.close();
  });
  const secured = Promise.withResolvers<void>();
  const options = {
    clock: systemClock,
    remote,
    context: createSecureContext(),
    serverName: 'localhost',
    roots: new TrustedRoots(null),
    verify: false,
  };
  const link = new TlsLink(socket, options, {
    secured: () => secured.resolve(),
    failed: (fault) => secured.reject(new Error(JSON.stringify(fault))),
  });
  await secured.promise;
  return { link, secured: await accepted.promise };
}

test('several writes in one turn all go through TLS', async () => {
  const { link, secured } = await securedLink();
  let arrived = 0;
  secured.on('data', (bytes: Buffer) => void (arrived += bytes.length)).resume();
  expect([5, 5, 1000, 20_000].map((bytes) => link.write(Buffer.alloc(bytes)))).toEqual([true, true, true, true]);
  while (arrived < 21_010) await turn();
  while (link.queuedBytes() > 0) await turn();
});

test('what waits in the TLS layer is queued from the write on, becomes less as the peer reads, and ends at none', async () => {
  const { link, secured } = await securedLink();
  const bytes = 16 * 1024 * 1024;
  expect(link.write(Buffer.alloc(bytes))).toBe(true);
  let queued = link.queuedBytes();
  expect(queued, 'right after the write').toBeGreaterThan(bytes / 2);
  secured.resume();
  while (queued > 0) {
    await turn();
    const now = link.queuedBytes();
    // The records are longer than what is in them: the last of it is counted by chunks of the socket.
    expect(now).toBeLessThanOrEqual(Math.max(queued, 64 * 1024));
    queued = now;
  }
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peersThatFit } from '../support/peers-that-fit.ts';
import { startDaemon } from './finrst-process.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

/** The daemon has the limit of this process, and keeps a part of it for other things than peers. */
const PEERS = peersThatFit(1000, 2);

test(`SIGTERM with ${PEERS} held peers: each sees FIN first, and the process exits 0, so inside its deadline`, async () => {
  const saw: string[] = [];
  let held = 0;
  const allHeld = Promise.withResolvers<void>();
  const port = await listener((socket) => {
    socket.write('a banner');
    socket.once('end', () => saw.push('FIN'));
    socket.once('error', (error) => saw.push(error.message));
    if (++held === PEERS) allHeld.resolve();
  });
  // The same target in so many groups is so many peers.
  const groups = Array.from(
    { length: PEERS },
    (_, i) => configText(`g${i}`, [`127.0.0.1:${port}`]).split('groups:\n')[1],
  );
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, `global: {max_connects_per_second: 2000}\ngroups:\n${groups.join('')}`);
  const daemon = await startDaemon(file);
  await allHeld.promise;
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  expect(saw).toHaveLength(PEERS);
  expect(new Set(saw)).toEqual(new Set(['FIN']));
});

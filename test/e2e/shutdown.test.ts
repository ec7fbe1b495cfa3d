import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from './finrst-process.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

/** The daemon's own default of --shutdown.timeout. */
const DEADLINE_MS = 10_000;
const PEERS = 1000;

test('SIGTERM with 1,000 held peers: each sees FIN first, and the process exits 0 inside its deadline', async () => {
  const saw: string[] = [];
  let held = 0;
  const allHeld = Promise.withResolvers<void>();
  const port = await listener((socket) => {
    socket.write('a banner');
    socket.once('end', () => saw.push('FIN'));
    socket.once('error', (error) => saw.push(error.message));
    if (++held === PEERS) allHeld.resolve();
  });
  // The same target in 1,000 groups is 1,000 peers.
  const groups = Array.from(
    { length: PEERS },
    (_, i) => configText(`g${i}`, [`127.0.0.1:${port}`]).split('groups:\n')[1],
  );
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, `global: {max_connects_per_second: 2000}\ngroups:\n${groups.join('')}`);
  const daemon = await startDaemon(file);
  await allHeld.promise;
  const startedAt = performance.now();
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
  expect(saw).toHaveLength(PEERS);
  expect(new Set(saw)).toEqual(new Set(['FIN']));
});

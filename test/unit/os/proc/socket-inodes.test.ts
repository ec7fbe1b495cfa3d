import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mayAskForSockets, socketInodes } from '../../../../src/os/proc/socket-inodes.ts';
import { runToEnd } from '../../../support/run-to-end.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

test('the sockets among many descriptors are found, with a pause after each few hundred', () => {
  const proc = temporaryFolder();
  const folder = join(proc, '7', 'fd');
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < 600; n++) symlinkSync(n % 2 === 0 ? `socket:[${n}]` : '/dev/null', join(folder, String(n)));
  expect(runToEnd(socketInodes(proc, 7))).toEqual(new Set(Array.from({ length: 300 }, (_, n) => 2 * n)));
  expect(Array.from(socketInodes(proc, 7))).toHaveLength(3);
});

test('a process that is gone has none, and is no reason to leave its network namespace out', () => {
  const proc = temporaryFolder();
  expect(runToEnd(socketInodes(proc, 7))).toEqual(new Set());
  expect(mayAskForSockets(proc, 7)).toBe(true);
});

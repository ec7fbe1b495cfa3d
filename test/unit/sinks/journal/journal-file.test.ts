import type { FileHandle } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { JournalFile } from '../../../../src/sinks/journal/journal-file.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';

type Disk = {
  readonly clock: FakeClock;
  readonly file: JournalFile;
  readonly reported: readonly string[];
  /** What is on the disk. */
  text(): string;
  /** Bytes that still fit. */
  room: number;
};

/** A disk with so much room that fails as a full one does: it takes what fits, then says ENOSPC. */
function diskWith(room: number): Disk {
  let text = '';
  const reported: string[] = [];
  const clock = createFakeClock();
  const write = async (bytes: Buffer, from: number) => {
    await settled();
    const fits = Math.min(disk.room, bytes.length - from);
    if (fits === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    text += bytes.toString('utf8', from, from + fits);
    disk.room -= fits;
    return { bytesWritten: fits, buffer: bytes };
  };
  const handle = { write, close: () => Promise.resolve() } as unknown as FileHandle;
  const file = new JournalFile({
    path: '/nowhere',
    clock,
    handle,
    bytes: 0,
    maxBytes: Number.MAX_SAFE_INTEGER,
    keep: 1,
    carryOver: () => [],
    onTrouble: (error) => reported.push(`trouble: ${error.message}`),
    onRecovered: (lost) => reported.push(`recovered, ${lost} lost`),
  });
  const disk = { clock, file, reported, text: () => text, room };
  return disk;
}

test('a disk that fills up in the middle of a line tears none: the rest follows when there is room', async () => {
  const disk = diskWith(5);
  disk.file.append('first');
  disk.file.append('second');
  await expect.poll(() => disk.reported).toEqual(['trouble: ENOSPC: no space left on device, write']);
  expect(disk.text()).toBe('first');
  disk.clock.advance(1000); // still full: tried again, reported once
  await settled();
  disk.room = 100;
  await settled();
  disk.clock.advance(1000);
  await expect.poll(() => disk.reported).toHaveLength(2);
  expect(disk.reported[1]).toBe('recovered, 0 lost');
  expect(disk.text()).toBe('first\nsecond\n');
});

test('lines wait in bounded memory, and what finds no room there is counted', async () => {
  const disk = diskWith(0);
  const line = 'x'.repeat(1024);
  for (let count = 0; count < 5000; count += 1) disk.file.append(line);
  await expect.poll(() => disk.reported).toHaveLength(1);
  disk.room = Number.MAX_SAFE_INTEGER;
  disk.clock.advance(1000);
  await expect.poll(() => disk.text().length).toBeGreaterThan(4_000_000);
  const lost = await disk.file.close(1000);
  expect(lost).toBeGreaterThan(0);
  expect(disk.text().split('\n').length - 1 + lost).toBe(5000);
});

test('what was not written when time is up is lost, and counted', async () => {
  const disk = diskWith(0);
  for (let count = 0; count < 3; count += 1) disk.file.append('line');
  const closing = disk.file.close(500);
  await expect.poll(() => disk.reported).toHaveLength(1);
  disk.clock.advance(500);
  expect(await closing).toBe(3);
  await settled();
  expect(disk.clock.pending).toBe(0);
});

import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, onTestFinished, test } from 'vitest';

import { JournalFile } from '../../../../src/sinks/journal/journal-file.ts';
import { MOST_WAITING_BYTES } from '../../../../src/sinks/journal/waiting-lines.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';

/** How long 32 MiB take depends on the machine. */
function poll<T>(get: () => T) {
  return expect.poll(get, { timeout: 14_000 });
}

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
  const write = async (bytes: Buffer, from: number) => {
    await settled();
    const fits = Math.min(disk.room, bytes.length - from);
    if (fits === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    text += bytes.toString('utf8', from, from + fits);
    disk.room -= fits;
    return { bytesWritten: fits, buffer: bytes };
  };
  const handle = { write, close: () => Promise.resolve() } as unknown as FileHandle;
  const disk = { ...fileOn(handle, '/nowhere'), text: () => text, room };
  return disk;
}

/** A journal on this handle, with a clock that moves by hand. */
function fileOn(handle: FileHandle, path: string) {
  const reported: string[] = [];
  const clock = createFakeClock();
  const file = new JournalFile({
    path,
    clock,
    handle,
    bytes: 0,
    maxBytes: Number.MAX_SAFE_INTEGER,
    keep: 1,
    carryOver: () => [],
    onTrouble: (error) => reported.push(`trouble: ${error.message}`),
    describeGap: (lost) => `${lost} lost here`,
    onLoss: () => reported.push('losing'),
    onRecovered: (lost) => reported.push(`recovered, ${lost} lost`),
    onDeleted: () => reported.push('deleted'),
  });
  return { clock, file, reported };
}

test('a disk that fills up in the middle of a line tears none: the rest follows when there is room', async () => {
  const disk = diskWith(5);
  disk.file.append('first');
  disk.file.append('second');
  await poll(() => disk.reported).toEqual(['trouble: ENOSPC: no space left on device, write']);
  expect(disk.text()).toBe('first');
  disk.clock.advance(1000); // still full: tried again, reported once
  await settled();
  disk.room = 100;
  await settled();
  disk.clock.advance(1000);
  await poll(() => disk.reported).toHaveLength(2);
  expect(disk.reported[1]).toBe('recovered, 0 lost');
  expect(disk.text()).toBe('first\nsecond\n');
});

test('lines wait in bounded memory; the first that finds no room there is reported at once, and a line in its place has the number', async () => {
  const disk = diskWith(0);
  const line = 'x'.repeat(1023);
  const fits = MOST_WAITING_BYTES / 1024;
  for (let count = 0; count < fits; count += 1) disk.file.append(line);
  expect(disk.reported).toEqual([]);
  disk.file.append(line);
  expect(disk.reported).toEqual(['losing']);
  for (let count = 0; count < 99; count += 1) disk.file.append(line);
  expect(disk.file.lost).toBe(100);
  await poll(() => disk.reported).toHaveLength(2); // and that the disk is full
  disk.room = Number.MAX_SAFE_INTEGER;
  disk.clock.advance(1000);
  await poll(() => disk.reported.at(-1)).toBe('recovered, 100 lost');
  disk.file.append('after');
  expect(await disk.file.close(1000)).toBe(100);
  const written = disk.text().trimEnd().split('\n');
  expect(written.slice(fits)).toEqual(['100 lost here', 'after']);
  expect(written.slice(0, fits).every((text) => text === line)).toBe(true);
});

test('a gap behind the last line is written down too', async () => {
  const disk = diskWith(0);
  for (let count = 0; count <= MOST_WAITING_BYTES / 1024; count += 1) disk.file.append('x'.repeat(1023));
  disk.room = Number.MAX_SAFE_INTEGER;
  const closing = disk.file.close(5000);
  await settled();
  disk.clock.advance(1000);
  expect(await closing).toBe(1);
  expect(disk.text().endsWith('\n1 lost here\n')).toBe(true);
});

test('what comes within one turn of the event loop is written whole: the ends and new failures of 25,000 peers', async () => {
  const disk = diskWith(Number.MAX_SAFE_INTEGER);
  for (let count = 0; count < 50_000; count += 1) disk.file.append(`${count} ${'x'.repeat(500)}`);
  expect(await disk.file.close(60_000)).toBe(0);
  expect(disk.text().split('\n')).toHaveLength(50_001);
  expect(disk.reported).toEqual([]);
});

/** A pipe that is not read: once it is full, a write to it waits, as one to a disk that hangs. */
test('a disk that hangs is reported after a second; every line is written or counted as lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-hang-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const handle = await open(path, 'r+');
  const { clock, file, reported } = fileOn(handle, path);
  const events = 100_000;
  for (let count = 0; count < events; count += 1) file.append(`event ${count} ${'x'.repeat(500)}`);
  expect(reported).toEqual(['losing']);
  await settled();
  clock.advance(1000);
  await poll(() => reported).toEqual(['losing', 'trouble: the disk does not answer']);
  let written = 0;
  let gap = 0;
  const reader = createReadStream(path);
  createInterface(reader).on('line', (line) => {
    if (line.startsWith('event ')) written += 1;
    else gap += Number(line.split(' ')[0]);
  });
  await poll(() => reported.at(-1)).toBe(`recovered, ${file.lost} lost`);
  await poll(() => written + file.lost).toBe(events);
  expect(file.lost).toBeGreaterThan(0);
  const lost = await file.close(1000);
  await poll(() => gap).toBe(lost);
  reader.destroy();
  expect(clock.pending).toBe(0);
});

test('after a stall of our own the answer of the disk comes before the blame', async () => {
  const answer = Promise.withResolvers<{ bytesWritten: number }>();
  const handle = { write: () => answer.promise, close: () => Promise.resolve() } as unknown as FileHandle;
  const { clock, file, reported } = fileOn(handle, '/nowhere');
  file.append('line');
  await settled();
  clock.stall(60_000);
  answer.resolve({ bytesWritten: 5 });
  await settled();
  expect(reported).toEqual([]);
  expect(await file.close(0)).toBe(0);
});

test('what was not written when time is up is lost, and counted', async () => {
  const disk = diskWith(0);
  for (let count = 0; count < 3; count += 1) disk.file.append('line');
  const closing = disk.file.close(500);
  await poll(() => disk.reported).toHaveLength(1);
  disk.clock.advance(500);
  expect(await closing).toBe(3);
  await settled();
  expect(disk.clock.pending).toBe(0);
});

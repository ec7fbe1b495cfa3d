import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { MOST_FILE_BYTES, whyUnreadable } from '../../../src/files/file-content.ts';
import { readStream, readWholeFile } from '../../../src/files/read-whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'finrst-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

test('a regular file is read whole, an empty one too', async () => {
  const bytes = Buffer.alloc(300_000, 'x');
  writeFileSync(at('long'), bytes);
  writeFileSync(at('empty'), '');
  expect(await readWholeFile(at('long'))).toEqual({ kind: 'read', bytes });
  expect(await readWholeFile(at('empty'))).toEqual({ kind: 'read', bytes: Buffer.alloc(0) });
});

test.runIf(process.platform === 'linux')(
  'a file of /proc, which says that it is empty, is read to its end',
  async () => {
    const content = await readWholeFile('/proc/self/limits');
    expect(content.kind === 'read' && Buffer.from(content.bytes).toString()).toContain('Max open files');
  },
);

test('a pipe is refused at once, though nobody writes to it', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  expect(await readWholeFile(at('pipe'))).toEqual({ kind: 'unreadable', why: 'NOT_REGULAR' });
});

test('a socket, a device and a folder are refused', async () => {
  const server = createServer().listen(at('socket'));
  await once(server, 'listening');
  expect(await readWholeFile(at('socket'))).toEqual({ kind: 'unreadable', why: 'NOT_REGULAR' });
  server.close();
  expect(await readWholeFile('/dev/zero')).toEqual({ kind: 'unreadable', why: 'NOT_REGULAR' });
  expect(await readWholeFile(folder)).toEqual({ kind: 'unreadable', why: 'EISDIR' });
});

test('what the system refuses is a value', async () => {
  expect(await readWholeFile(at('nowhere'))).toEqual({ kind: 'unreadable', why: 'ENOENT' });
  expect(await readWholeFile('a\0b')).toEqual({ kind: 'unreadable', why: 'ERR_INVALID_ARG_VALUE' });
});

test('32 MiB are read, and one byte more is refused', async () => {
  writeFileSync(at('large'), '');
  truncateSync(at('large'), MOST_FILE_BYTES);
  const content = await readWholeFile(at('large'));
  expect(content.kind === 'read' && content.bytes.length).toBe(MOST_FILE_BYTES);
  truncateSync(at('large'), MOST_FILE_BYTES + 1);
  expect(await readWholeFile(at('large'))).toEqual({ kind: 'unreadable', why: 'TOO_LARGE' });
});

test('a device without an end is refused when it passes the bound, where any kind is read', async () => {
  const endless = await readWholeFile('/dev/zero', { anyKind: true, mostBytes: 100_000 });
  expect(endless).toEqual({ kind: 'unreadable', why: 'TOO_LARGE' });
});

test('where any kind is read, a pipe is read to its end', async () => {
  execFileSync('mkfifo', [at('fed')]);
  const reading = readWholeFile(at('fed'), { anyKind: true });
  const writer = await open(at('fed'), 'w');
  await writer.write('groups: ');
  await writer.write('[]\n');
  await writer.close();
  expect(await reading).toEqual({ kind: 'read', bytes: Buffer.from('groups: []\n') });
});

test('a stream is read to its end, within the same bound', async () => {
  expect(await readStream(Readable.from(['groups: ', Buffer.from('[]')]))).toEqual({
    kind: 'read',
    bytes: Buffer.from('groups: []'),
  });
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })(),
  );
  expect(await readStream(endless)).toEqual({ kind: 'unreadable', why: 'TOO_LARGE' });
});

test.each([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
  ['NOT_REGULAR', 'it is a pipe, a socket or a device; expected a regular file'],
  ['TOO_LARGE', 'it is larger than 32 MiB'],
  ['NO_ANSWER', 'its file system does not answer'],
  ['EIO', 'EIO'],
])('%s in words: %s', (why, words) => {
  expect(whyUnreadable(why)).toBe(words);
});

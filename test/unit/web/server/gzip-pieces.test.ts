import { gunzipSync, createGunzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { createGzipPieces } from '../../../../src/web/server/gzip-pieces.ts';

const piece = (i: number) => Buffer.from(`finrst_peer_up{peer="host-${i}:1"} ${i % 2}\n`.repeat(1000));

test.each([0, 1, 2, 40])('%i pieces come out as they went in', (count) => {
  const gzip = createGzipPieces();
  const pieces = Array.from({ length: count }, (_, i) => piece(i));
  const stream = Buffer.concat([...pieces.map((bytes) => gzip.push(bytes)), gzip.end()]);
  expect(gunzipSync(stream).equals(Buffer.concat(pieces))).toBe(true);
});

test('a piece can be read before the next one is made', async () => {
  const gzip = createGzipPieces();
  const gunzip = createGunzip();
  const read = new Promise<number>((resolve) => void gunzip.once('data', (bytes: Buffer) => resolve(bytes.length)));
  gunzip.write(gzip.push(piece(0)));
  expect(await read).toBeGreaterThan(0);
  gunzip.destroy();
});

test('a stream that was cut is not taken for a whole one', () => {
  const gzip = createGzipPieces();
  expect(() => gunzipSync(gzip.push(piece(0)))).toThrow('unexpected end of file');
});

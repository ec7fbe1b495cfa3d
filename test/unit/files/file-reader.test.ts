import { expect, test } from 'vitest';
import type { FileContent } from '../../../src/files/file-content.ts';
import { FileReader } from '../../../src/files/file-reader.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

const CONTENT: FileContent = { kind: 'read', bytes: Buffer.from('x') };
const NO_ANSWER: FileContent = { kind: 'unreadable', why: 'NO_ANSWER' };

/** A file system whose answers a test gives by hand, in the order of the questions. */
function slowFiles() {
  const clock = createFakeClock();
  const asked: { readonly path: string; readonly answer: () => void }[] = [];
  const reader = new FileReader(clock, (path) => {
    const { promise, resolve } = Promise.withResolvers<FileContent>();
    asked.push({ path, answer: () => resolve(CONTENT) });
    return promise;
  });
  return { clock, reader, asked };
}

test('an answer in time is the answer, and no timer is left', async () => {
  const { clock, reader, asked } = slowFiles();
  const reading = reader.read('/a');
  clock.advance(9999);
  asked[0]?.answer();
  expect(await reading).toBe(CONTENT);
  await settled();
  expect(clock.pending).toBe(0);
});

test('a file system that does not answer within 10 s is given up, and not asked again for that file until it has', async () => {
  const { clock, reader, asked } = slowFiles();
  const reading = reader.read('/a');
  clock.advance(10_000);
  expect(await reading).toEqual(NO_ANSWER);
  expect(await reader.read('/a')).toEqual(NO_ANSWER);
  expect(asked).toHaveLength(1);
  asked[0]?.answer();
  await settled();
  const again = reader.read('/a');
  asked[1]?.answer();
  expect(await again).toBe(CONTENT);
});

test('at most 16 reads are under way; the next begins when one is over', async () => {
  const { reader, asked } = slowFiles();
  const all = Array.from({ length: 20 }, (_, index) => reader.read(`/${index}`));
  expect(asked).toHaveLength(16);
  for (let index = 0; index < 20; index += 1) {
    asked[index]?.answer();
    await settled();
    expect(asked).toHaveLength(Math.min(20, 17 + index));
  }
  expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => CONTENT));
});

test('a read whose turn comes after it was given up is not begun', async () => {
  const { clock, reader, asked } = slowFiles();
  for (let index = 0; index < 16; index += 1) void reader.read(`/hanging/${index}`);
  const waiting = reader.read('/late');
  clock.advance(10_000);
  expect(await waiting).toEqual(NO_ANSWER);
  asked[0]?.answer();
  await settled();
  expect(asked.map(({ path }) => path)).not.toContain('/late');
  const again = reader.read('/late');
  asked.find(({ path }) => path === '/late')?.answer();
  expect(await again).toBe(CONTENT);
});

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { cpuSecondsOf, droppedPackets, memoryOf } from '../../bench/machine.ts';

test('packets that were dropped, of all cores, in hex', () => {
  const text = [
    '0001a2b3 000000ff 00000003 00000000 00000000',
    '00000001 00000010 00000000 00000000 00000000',
    '',
  ].join('\n');
  expect(droppedPackets(text)).toBe(255 + 16);
});

test('memory of this process, in bytes', () => {
  const { rssBytes, pssBytes } = memoryOf(process.pid);
  const { rss } = process.memoryUsage();
  expect(rssBytes / rss).toBeCloseTo(1, 0);
  expect(pssBytes).toBeLessThanOrEqual(rssBytes);
});

test('CPU of this process in seconds, with that of a thread that has ended', async () => {
  const spin = 'while (process.threadCpuUsage().user < 200_000);';
  await once(new Worker(spin, { eval: true }), 'exit');
  const { user, system } = process.cpuUsage();
  // What threads used since the last tick is in one of the two figures alone.
  const share = cpuSecondsOf(process.pid) / ((user + system) / 1e6);
  expect(share).toBeGreaterThan(0.9);
  expect(share).toBeLessThan(1.1);
});

test('a process that is gone has no CPU', () => {
  // Beyond the greatest pid that Linux gives.
  expect(() => cpuSecondsOf(2 ** 22 + 1)).toThrow('is gone');
});

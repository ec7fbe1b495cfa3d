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

test('CPU of this process, all threads, in seconds', () => {
  const { user, system } = process.cpuUsage();
  // The kernel adds what a running thread used at its next tick, and forgets threads that ended.
  expect(cpuSecondsOf(process.pid) / ((user + system) / 1e6)).toBeGreaterThan(0.5);
  expect(cpuSecondsOf(process.pid) / ((user + system) / 1e6)).toBeLessThan(1.2);
});

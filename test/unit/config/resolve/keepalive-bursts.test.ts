import { describe, expect, test } from 'vitest';
import { keepaliveBursts } from '../../../../src/config/resolve/keepalive-bursts.ts';
import { DEFAULT_KEEPALIVE } from '../../../../src/settings/peer-settings.ts';

const usual = { backlog: 1000, connectsPerSecond: 2000 };

/** The burst of 15,000 peers that are connected at 2,000 a second. */
function burstOf(idleSeconds: number, count: number): number | undefined {
  const keepalive = { idleSeconds, intervalSeconds: 10, count };
  return keepaliveBursts([{ peers: 15_000, keepalive }], usual)[0]?.packets;
}

describe('15,000 peers connected at 2,000 a second', () => {
  test.each([
    { idle: 60, count: 3, packets: undefined }, // 2500 in 2 s
    { idle: 60, count: 2, packets: 2500 },
    { idle: 30, count: 3, packets: 4000 }, // the connects, 7.5 s, spread them further than 6 s
    { idle: 30, count: 4, packets: undefined }, // as many as the queue takes
    { idle: 20, count: 2, packets: 4000 },
    { idle: 16, count: 1, packets: undefined }, // a slot of 0.26 s
    { idle: 17, count: 1, packets: 4000 },
    { idle: 131, count: 1, packets: 1145 },
    { idle: 132, count: 3, packets: 9091 }, // a slot of 16 s
  ])('with idle $idle s and $count tries: $packets', ({ idle, count, packets }) => {
    expect(burstOf(idle, count)).toBe(packets);
  });
});

test('connects that take longer than the drawn part of the idle time spread the probes', () => {
  const probing = [{ peers: 15_000, keepalive: { ...DEFAULT_KEEPALIVE, count: 1 } }];
  expect(keepaliveBursts(probing, { ...usual, connectsPerSecond: 200 })).toEqual([]);
  expect(keepaliveBursts(probing, { ...usual, connectsPerSecond: 600 })).toHaveLength(1);
});

test('groups with the same idle time count together, with the fewest tries among them', () => {
  const group = (count: number) => ({ peers: 7500, keepalive: { ...DEFAULT_KEEPALIVE, count } });
  expect(keepaliveBursts([group(2)], usual)).toEqual([]);
  expect(keepaliveBursts([group(3), group(2)], usual)).toEqual([
    { keepalive: { ...DEFAULT_KEEPALIVE, count: 2 }, peers: 15_000, packets: 2500, limit: 2000 },
  ]);
});

test('groups with other idle times do not', () => {
  const group = (idleSeconds: number) => ({ peers: 7500, keepalive: { ...DEFAULT_KEEPALIVE, count: 2, idleSeconds } });
  expect(keepaliveBursts([group(60), group(61)], usual)).toEqual([]);
});

test('no peer makes no burst', () => {
  expect(keepaliveBursts([{ peers: 0, keepalive: DEFAULT_KEEPALIVE }], { ...usual, backlog: 0 })).toEqual([]);
});

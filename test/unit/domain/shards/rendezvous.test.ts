import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur3, ownerOf } from '../../../../src/domain/shards/rendezvous.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

// Answers of another implementation, in Python, with a tail of each length.
test.each([
  ['', 0],
  ['a', 0x3c2569b2],
  ['aa', 0x371091a9],
  ['aaa', 0xb4d05fb7],
  ['aaaa', 0x7eeed987],
  ['hello', 0x248bfa47],
  ['hello, world', 0x149bbb7f],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ['🙂 redis/ä', 0x3e4f3268],
])('murmur3 of %j', (text, hash) => {
  expect(murmur3(bytes(text))).toBe(hash);
});

test('bytes of a larger buffer are hashed from where they begin', () => {
  expect(murmur3(bytes('xhello').subarray(1))).toBe(0x248bfa47);
});

// docs/sharding.md has these, for programs that want to know who holds a peer.
test.each([
  ['redis', 'redis-0:6379', [0, 1, 2, 2, 4]],
  ['redis', 'redis-1:6379', [0, 0, 0, 0, 4]],
  ['orders', '10.0.0.1:5432', [0, 0, 2, 2, 9]],
  ['ä', '🙂:1', [0, 1, 1, 1, 1]],
])('who holds %s %s of 1, 2, 3, 4 and 10 shards', (group, peer, owners) => {
  expect([1, 2, 3, 4, 10].map((total) => ownerOf({ group, peer }, total))).toEqual(owners);
});

test('a shard that comes takes peers from the others, and none moves between those', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 40 }), (group, peer, total) => {
      const before = ownerOf({ group, peer }, total);
      const after = ownerOf({ group, peer }, total + 1);
      expect(after === before || after === total).toBe(true);
      expect(before).toBeLessThan(total);
    }),
  );
});

test('nobody holds a peer of no shards', () => {
  expect(ownerOf({ group: 'g', peer: 'p:1' }, 0)).toBe(null);
});

test.each([2, 3, 4, 7, 10])('15,000 peers over %i shards: each has its share but for 5 %%', (total) => {
  const held = Array.from({ length: total }, () => 0);
  for (let index = 0; index < 15_000; index++) {
    const owner = ownerOf({ group: 'redis', peer: `redis-${index}.redis.payments:6379` }, total) ?? 0;
    held[owner] = (held[owner] ?? 0) + 1;
  }
  const share = 15_000 / total;
  expect(Math.min(...held)).toBeGreaterThan(share * (total > 4 ? 0.92 : 0.95));
  expect(Math.max(...held)).toBeLessThan(share * (total > 4 ? 1.08 : 1.05));
});

test('a group is a part of the name: equal peers of two groups are two', () => {
  const owners = (group: string) => Array.from({ length: 64 }, (_, i) => ownerOf({ group, peer: `p:${i}` }, 8));
  expect(owners('a')).not.toEqual(owners('b'));
});

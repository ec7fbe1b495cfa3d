import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownerOf } from '../../src/domain/shards/rendezvous.ts';

const text = readFileSync(new URL('../../docs/sharding.md', import.meta.url), 'utf8');

test('docs/sharding.md says who holds its examples', () => {
  const [, totals = ''] = /^\| group \| peer \| (of .*) \|$/m.exec(text) ?? [];
  const counts = totals.split(' | ').map((cell) => Number(cell.replace('of ', '')));
  const rows = [...text.matchAll(/^\| `(.+?)` \| `(.+?)` \| ([\d |]+) \|$/gm)];
  expect(rows).toHaveLength(4);
  for (const [, group = '', peer = '', owners = ''] of rows) {
    expect(owners.split(' | ').map(Number)).toEqual(counts.map((total) => ownerOf({ group, peer }, total)));
  }
});

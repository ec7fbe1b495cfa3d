import { expect, test } from 'vitest';
import { namesToAsk, parseSearchList } from '../../../../src/discovery/dns/search-list.ts';

test.each([
  ['', [], 1],
  ['nameserver 10.0.0.1\n', [], 1],
  ['search a.test b.test.\noptions ndots:5 timeout:1\n', ['a.test', 'b.test'], 5],
  ['domain a.test\n', ['a.test'], 1],
  ['domain a.test\nsearch b.test c.test\n', ['b.test', 'c.test'], 1],
  ['search b.test c.test\ndomain a.test\n', ['a.test'], 1],
  ['  search\ta.test\n', ['a.test'], 1],
  ['search .\n', [], 1],
  ['options ndots:2\noptions ndots:0\n', [], 0],
  ['options ndots:99\n', [], 15],
  ['options ndots:x\n# search c.test\n', [], 1],
] as const)('%j', (text, domains, ndots) => {
  expect(parseSearchList(text)).toEqual({ domains, ndots });
});

test.each([
  ['a', 1, ['a.x.test', 'a.y.test', 'a']],
  ['a.b', 1, ['a.b', 'a.b.x.test', 'a.b.y.test']],
  ['a.b', 5, ['a.b.x.test', 'a.b.y.test', 'a.b']],
  ['a', 0, ['a', 'a.x.test', 'a.y.test']],
  ['a.', 5, ['a']],
  ['a.b.', 1, ['a.b']],
])('%s with ndots:%i', (name, ndots, expected) => {
  expect(namesToAsk(name, { domains: ['x.test', 'y.test'], ndots })).toEqual(expected);
});

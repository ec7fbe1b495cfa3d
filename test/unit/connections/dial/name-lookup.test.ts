import { expect, test } from 'vitest';
import { createNameLookup, type LookupAnswer } from '../../../../src/connections/dial/name-lookup.ts';

const answerOf = (host: string, family: 'any' | 'ipv4' | 'ipv6', lookup = createNameLookup()): Promise<LookupAnswer> =>
  new Promise((resolve) => lookup(host, family, resolve));

test.each(['192.0.2.7', '2001:db8::7', 'fe80::1%lo'])('%s is an address: no resolver is asked', (host) => {
  const answers: LookupAnswer[] = [];
  createNameLookup()(host, 'any', (answer) => answers.push(answer));
  expect(answers).toEqual([{ kind: 'found', addresses: [host] }]);
});

test('look-ups of one name at the same time share one answer, and each is called back once', async () => {
  const lookup = createNameLookup();
  const answers = await Promise.all(Array.from({ length: 100 }, () => answerOf('localhost', 'ipv4', lookup)));
  expect(new Set(answers).size, 'one answer, not a hundred').toBe(1);
  // Debian's hosts file also has "::1 localhost", which glibc answers as 127.0.0.1 where IPv4 is asked for: twice the same.
  expect(answers[0]?.kind === 'found' && new Set(answers[0].addresses)).toEqual(new Set(['127.0.0.1']));
  expect(await answerOf('localhost', 'ipv4', lookup), 'asked again once it was answered').not.toBe(answers[0]);
});

test('one name in two families is two look-ups', async () => {
  const lookup = createNameLookup();
  const [four, any] = await Promise.all([answerOf('localhost', 'ipv4', lookup), answerOf('localhost', 'any', lookup)]);
  expect(four).not.toBe(any);
});

test('a name that does not exist is an answer, not an exception', async () => {
  const answer = await answerOf('no-such-name.invalid', 'any');
  expect(answer.kind).toBe('failed');
}, 30_000);

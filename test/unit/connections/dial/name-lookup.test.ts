import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createNameLookup,
  lookupPlaces,
  type LookupAnswer,
  type NameLookup,
  type NameLookupOptions,
  type PendingLookup,
} from '../../../../src/connections/dial/name-lookup.ts';
import { systemClock } from '../../../../src/clock/system-clock.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const ofThisHost = (): NameLookup => createNameLookup({ clock: systemClock, places: 2 });

const answerOf = (host: string, family: 'any' | 'ipv4' | 'ipv6', lookup = ofThisHost()): Promise<LookupAnswer> =>
  new Promise((resolve) => lookup(host, family, resolve));

test.each(['192.0.2.7', '2001:db8::7', 'fe80::1%lo'])('%s is an address: no resolver is asked', (host) => {
  const answers: LookupAnswer[] = [];
  expect(ofThisHost()(host, 'any', (answer) => answers.push(answer))).toBeUndefined();
  expect(answers).toEqual([{ kind: 'found', addresses: [host] }]);
});

test('look-ups of one name at the same time share one answer, and each is called back once', async () => {
  const lookup = ofThisHost();
  const answers = await Promise.all(Array.from({ length: 100 }, () => answerOf('localhost', 'ipv4', lookup)));
  expect(new Set(answers).size, 'one answer, not a hundred').toBe(1);
  // Debian's hosts file also has "::1 localhost", which glibc answers as 127.0.0.1 where IPv4 is asked for: twice the same.
  expect(answers[0]?.kind === 'found' && new Set(answers[0].addresses)).toEqual(new Set(['127.0.0.1']));
  expect(await answerOf('localhost', 'ipv4', lookup), 'asked again once it was answered').not.toBe(answers[0]);
});

test('one name in two families is two look-ups', async () => {
  const lookup = ofThisHost();
  const [four, any] = await Promise.all([answerOf('localhost', 'ipv4', lookup), answerOf('localhost', 'any', lookup)]);
  expect(four).not.toBe(any);
});

test('a name that does not exist is an answer, not an exception', async () => {
  const answer = await answerOf('no-such-name.invalid', 'any');
  expect(answer.kind).toBe('failed');
}, 30_000);

/** A resolver that a test answers for, under a clock that it moves. */
type FakeResolver = {
  readonly clock: FakeClock;
  /** Names that are being asked for now, in the order they began. */
  readonly asked: string[];
  /** Names that were answered to whoever asked. */
  readonly answered: string[];
  request(host: string): PendingLookup | undefined;
  answer(host: string, answer?: LookupAnswer): void;
};

const FOUND: LookupAnswer = { kind: 'found', addresses: ['192.0.2.7'] };

function fakeResolver(options: Partial<NameLookupOptions> = {}): FakeResolver {
  const clock = createFakeClock();
  const asked: string[] = [];
  const answered: string[] = [];
  const callbacks = new Map<string, (answer: LookupAnswer) => void>();
  const lookup = createNameLookup({
    clock,
    places: 8,
    hostsFile: '/nonexistent',
    resolve(host, _family, callback) {
      asked.push(host);
      callbacks.set(host, callback);
    },
    ...options,
  });
  return {
    clock,
    asked,
    answered,
    request: (host) => lookup(host, 'any', () => answered.push(host)),
    answer(host, answer = FOUND) {
      asked.splice(asked.indexOf(host), 1);
      callbacks.get(host)?.(answer);
    },
  };
}

/** Names of a zone whose resolver hangs. */
const dead = (count: number): string[] => Array.from({ length: count }, (_, n) => `dead-${n}`);

describe('a name that has answered never waits for names that hang', () => {
  test('200 names never asked, and never answered, leave it a place', () => {
    const { request, answer, asked, answered } = fakeResolver();
    request('good');
    answer('good');
    for (const name of dead(200)) request(name);
    expect(asked, 'three quarters of eight places').toHaveLength(6);
    request('good');
    expect(asked).toContain('good');
    answer('good');
    expect(answered).toEqual(['good', 'good']);
  });

  test('names that hung before take at most half of the places, and those never asked go before them', () => {
    const { clock, request, answer, asked } = fakeResolver();
    for (const name of dead(20)) {
      request(name);
      clock.advance(5000);
      answer(name, { kind: 'failed', code: 'EAI_AGAIN' });
    }
    for (const name of dead(20)) request(name);
    expect(asked).toEqual(dead(4));
    request('never-asked');
    expect(asked).toContain('never-asked');
    answer('dead-0');
    expect(asked).toEqual(['dead-1', 'dead-2', 'dead-3', 'never-asked', 'dead-4']);
  });

  test('a name that hung and answers again is one that answers', () => {
    const { clock, request, answer, asked } = fakeResolver();
    request('name');
    clock.advance(1001);
    answer('name');
    for (const name of dead(6)) request(name);
    request('name');
    expect(asked, 'its last look-up took over a second').not.toContain('name');
    answer('dead-0');
    answer('dead-1');
    answer('dead-2');
    expect(asked).toContain('name');
    answer('name');
    for (const name of ['a', 'b', 'c']) request(name);
    request('name');
    expect(asked).toContain('name');
  });

  test('a name of the hosts file has a place even where names that answered before take all others', async () => {
    const hostsFile = join(temporaryFolder(), 'hosts');
    writeFileSync(hostsFile, '127.0.0.1 localhost\n10.0.0.7\tDB.internal db # comment other\n');
    const { request, answer, asked } = fakeResolver({ places: 16, hostsFile });
    for (const name of dead(20)) {
      request(name);
      answer(name);
    }
    for (const name of dead(20)) request(name);
    expect(asked).toHaveLength(15);
    request('other');
    request('db.internal');
    await expect.poll(() => asked).toContain('db.internal');
    expect(asked).toHaveLength(16);
    expect(asked).not.toContain('other');
  });
});

describe('a look-up whose attempt gave up', () => {
  test('keeps its place', () => {
    const { request, answer, asked, answered } = fakeResolver({ places: 1 });
    request('slow');
    const pending = request('waits');
    request('later');
    pending?.cancel();
    request('waits'); // the next attempt
    answer('slow');
    expect(asked).toEqual(['waits']);
    answer('waits');
    expect(answered).toEqual(['slow', 'waits']);
  });

  test('serves the next attempt within 60 s where the answer came too late, and once', () => {
    const { clock, request, answer, asked, answered } = fakeResolver();
    request('name')?.cancel();
    clock.advance(8000);
    answer('name');
    expect(answered).toEqual([]);
    clock.advance(59_000);
    expect(request('name')).toBeUndefined();
    expect([asked, answered]).toEqual([[], ['name']]);
    request('name');
    expect(asked).toEqual(['name']);
  });

  test('is asked anew after 60 s, and where it failed', () => {
    const { clock, request, answer, asked } = fakeResolver();
    request('old')?.cancel();
    answer('old');
    request('failed')?.cancel();
    answer('failed', { kind: 'failed', code: 'EAI_AGAIN' });
    request('failed');
    expect(asked).toEqual(['failed']);
    clock.advance(60_000);
    request('old');
    expect(asked).toEqual(['failed', 'old']);
  });

  test('is not begun where nobody has asked for it for minutes: its peer is gone', () => {
    const { clock, request, answer, asked } = fakeResolver({ places: 1 });
    request('slow');
    request('gone')?.cancel();
    clock.advance(300_001);
    request('wanted');
    answer('slow');
    expect(asked).toEqual(['wanted']);
  });
});

test('how long a look-up waited for its place is known, and whether it began', () => {
  const { clock, request, answer } = fakeResolver({ places: 1 });
  const first = request('first');
  const second = request('second');
  clock.advance(3000);
  expect([first?.hasBegun(), first?.waitedMs()]).toEqual([true, 0]);
  expect([second?.hasBegun(), second?.waitedMs()]).toEqual([false, 3000]);
  answer('first');
  clock.advance(500);
  expect([second?.hasBegun(), second?.waitedMs()]).toEqual([true, 3000]);
});

test.each([
  { size: undefined, places: 2 },
  { size: '1', places: 1 },
  { size: '4', places: 2 },
  { size: '8', places: 4 },
  { size: '64', places: 30 },
  { size: '2000', places: 510 },
  { size: 'many', places: 1 },
])('a thread pool of $size: $places look-ups at a time', ({ size, places }) => {
  expect(lookupPlaces(size)).toBe(places);
});

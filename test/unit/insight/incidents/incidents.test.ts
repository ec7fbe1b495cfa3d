import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../support/seeded-random.ts';
import { breakAll, type FleetEvent, makeFleet, membersOf, replay } from './random-fleet.ts';

const AT = 3600;

function upFrom(peers: ReturnType<typeof makeFleet>): FleetEvent[] {
  return peers.map((peer) => ({ at: 1, kind: 'connects', peer }));
}

const scopesOf = (published: ReturnType<typeof replay>): string[] => [
  ...new Set(published.map(({ id, scope }) => `${id} ${scope.kind} ${scope.value}`)),
];

describe('incidents', () => {
  test('two groups with two causes at once are two', () => {
    const random = seededRandom(1);
    const fleet = makeFleet({ groups: [30, 40, 50, 60], zones: 3, prefixes: 4 }, random);
    const published = replay(
      fleet,
      [
        ...upFrom(fleet),
        ...breakAll(membersOf(fleet, 'group', 'group-0'), { at: AT, cause: 'reset' }, random),
        ...breakAll(membersOf(fleet, 'group', 'group-1'), { at: AT + 1, cause: 'cut' }, random),
      ],
      AT + 300,
    );
    expect(scopesOf(published).map((text) => text.replace(/^\d+ /, ''))).toEqual(['group group-0', 'group group-1']);
  });

  test.each([1, 2, 3, 4, 5])('an uplink cut with 60 silent peers is one, of the process: draw %i', (seed) => {
    const random = seededRandom(seed);
    const fleet = makeFleet({ groups: [3, 5, 9, 13, 30], zones: 3, prefixes: 4 }, random);
    const published = replay(fleet, [...upFrom(fleet), ...breakAll(fleet, { at: AT, cause: 'cut' }, random)], AT + 300);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
    expect(published.at(-1)).toMatchObject({
      scope: { kind: 'process', value: '' },
      phase: 'running',
      ended: 60,
      of: 60,
      stillDown: 60,
    });
  });

  test.each([7, 8, 9])('ends that have nothing to do with each other are one in a day at most: seed %i', (seed) => {
    const random = seededRandom(seed);
    const fleet = makeFleet({ groups: [3, 5, 9, 30, 3, 5, 9, 30], zones: 3, prefixes: 4 }, random);
    const day = 86_400;
    const ends = Array.from({ length: 1000 }, (_, index): FleetEvent[] => {
      const peer = fleet[Math.floor(random() * fleet.length)];
      if (peer === undefined) return [];
      return breakAll([peer], { at: 60 + random() * day, cause: index % 2 === 0 ? 'reset' : 'cut' }, random).flatMap(
        (event): FleetEvent[] => [event, { at: event.at + 3, kind: 'connects', peer }],
      );
    });
    expect(scopesOf(replay(fleet, [...upFrom(fleet), ...ends.flat()], day + 600)).length).toBeLessThanOrEqual(1);
  });

  test('begins, has grown, is over once nine tenths are back, and runs again when its peers are hit again', () => {
    const random = seededRandom(3);
    const fleet = makeFleet({ groups: [20, 40], zones: 2, prefixes: 2 }, random);
    const hit = membersOf(fleet, 'group', 'group-0');
    const resets = (peers: typeof hit, at: number): FleetEvent[] =>
      peers.map((peer) => ({ at, kind: 'ends', peer, reason: 'reset', silence: 1 }));
    const returns = (peers: typeof hit, at: number): FleetEvent[] =>
      peers.map((peer) => ({ at, kind: 'connects', peer }));
    const published = replay(
      fleet,
      [
        ...upFrom(fleet),
        ...resets(hit.slice(0, 8), AT),
        ...resets(hit.slice(8), AT + 4),
        ...returns(hit.slice(0, 17), AT + 20),
        ...returns(hit.slice(17), AT + 30),
        ...resets(hit.slice(0, 7), AT + 100),
        ...returns(hit.slice(0, 7), AT + 110),
      ],
      AT + 800,
    );
    expect(published.map(({ at, phase, ended, stillDown }) => [at - AT, phase, ended, stillDown])).toEqual([
      [3, 'running', 8, 8],
      [5, 'running', 20, 20],
      [31, 'over', 20, 0],
      [101, 'running', 20, 7],
      [111, 'over', 20, 0],
    ]);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
  });

  test('is over after a quarter of an hour without a further end, with those that are still down', () => {
    const random = seededRandom(4);
    const fleet = makeFleet({ groups: [6, 12], zones: 2, prefixes: 2 }, random);
    const ends = membersOf(fleet, 'group', 'group-0').map((peer): FleetEvent => ({
      at: AT,
      kind: 'ends',
      peer,
      reason: 'reset',
      silence: 1,
    }));
    const published = replay(fleet, [...upFrom(fleet), ...ends], AT + 2000);
    expect(published.map(({ at, phase, stillDown }) => [at - AT, phase, stillDown])).toEqual([
      [3, 'running', 6],
      [901, 'over', 6],
    ]);
  });
});

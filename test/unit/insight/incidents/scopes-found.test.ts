import { describe, expect, test } from 'vitest';
import type { ScopeKind } from '../../../../src/domain/incident-scope.ts';
import { seededRandom } from '../../../support/seeded-random.ts';
import { breakAll, type Cause, type FleetEvent, type FleetPeer, makeFleet, membersOf, replay } from './random-fleet.ts';

const AT = 3600;

type Kind = ScopeKind | 'closing group';
const KINDS: readonly Kind[] = ['process', 'group', 'label', 'prefix', 'closing group'];

/** A fleet with a tenth of its peers down, one that flaps, 2 % that end on their own, and one cause for the rest. */
function randomIncident(seed: number, kind: Kind) {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const groups = Array.from({ length: between(3, 7) }, () => between(3, 60));
  const fleet = makeFleet({ groups, zones: between(2, 5), prefixes: between(3, 6) }, random);
  const chosen = chooseScope(fleet, kind === 'closing group' ? 'group' : kind, random);
  const isPartial = seed % 3 === 0;
  const isDefaultKeepalive = seed % 2 === 0;
  const up = fleet.filter(() => random() >= 0.1);
  const inScope = membersOf(up, chosen.kind, chosen.value);
  const share = isPartial ? 0.7 + random() * 0.2 : 1;
  const broken = shuffled(inScope, random).slice(0, Math.max(5, Math.round(inScope.length * share)));
  const cause: Cause = kind === 'closing group' ? 'fin' : isDefaultKeepalive ? 'cut' : 'reset';
  const others = up.filter((peer) => !inScope.includes(peer));
  const [flapper, ...calm] = shuffled(others, random);
  const background = calm.slice(0, Math.round(up.length * 0.02));
  const events: FleetEvent[] = [
    ...up.map((peer): FleetEvent => ({ at: 1, kind: 'connects', peer })),
    ...breakAll(broken, { at: AT, cause }, random),
    ...background.flatMap((peer) => breakAll([peer], { at: AT - 300 + random() * 600, cause: 'reset' }, random)),
    ...(flapper === undefined ? [] : flapping(flapper, random)),
  ];
  return { fleet, events, chosen, broken };
}

function chooseScope(fleet: readonly FleetPeer[], kind: ScopeKind, random: () => number) {
  const values = {
    process: () => [''],
    group: () => fleet.map(({ ref }) => ref.group),
    label: () => fleet.map(({ labels }) => `zone=${labels['zone']}`),
    prefix: () => fleet.map(({ address }) => `${address.split('.').slice(0, 3).join('.')}.0/24`),
  }[kind]();
  const large = [...new Set(values)].filter((value) => membersOf(fleet, kind, value).length >= 7);
  return { kind, value: large[Math.floor(random() * large.length)] ?? '' };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

function flapping(peer: FleetPeer, random: () => number): FleetEvent[] {
  return Array.from({ length: 120 }, (_, index) =>
    breakAll([peer], { at: 60 + index * 60, cause: 'reset' }, random),
  ).flat();
}

const cases = KINDS.flatMap((kind, index) => [1, 2, 3, 4].map((seed) => ({ kind, seed: seed + 4 * index })));

describe('the scope of one cause', () => {
  test.each(cases)('is found: $kind, fleet $seed', ({ kind, seed }) => {
    const { fleet, events, chosen, broken } = randomIncident(seed, kind);
    const published = replay(fleet, events, AT + 600);
    const last = published.at(-1);
    expect(published.filter(({ phase }) => phase === 'running').map(({ id }) => id)).toHaveLength(1);
    expect([last?.scope, ...(last?.also ?? [])]).toContainEqual(chosen);
    expect(last?.ended).toBeGreaterThanOrEqual(broken.length);
    expect(last?.began).toBeGreaterThan(AT - 30);
    expect(last?.began).toBeLessThan(AT + 6);
  });
});

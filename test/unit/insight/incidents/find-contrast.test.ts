import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../support/seeded-random.ts';
import { type FleetEvent, type FleetPeer, makeFleet, membersOf, replay } from './random-fleet.ts';

const AT = 3600;
const connects = (peers: readonly FleetPeer[]): FleetEvent[] =>
  peers.map((peer) => ({ at: 1, kind: 'connects', peer }));
const resets = (peers: readonly FleetPeer[], at = AT): FleetEvent[] =>
  peers.map((peer) => ({ at, kind: 'ends', peer, reason: 'reset', silence: 1 }));

/** The contrast of the one incident that comes of it. */
function contrastOf(fleet: readonly FleetPeer[], ends: readonly FleetEvent[]) {
  const published = replay(fleet, [...connects(fleet), ...ends], AT + 60);
  expect(new Set(published.map(({ id }) => id)).size).toBe(1);
  return published.at(-1)?.contrast;
}

describe('the values beside that of an incident', () => {
  const fleet = makeFleet({ groups: [6, 9, 12], zones: 3, prefixes: 4 }, seededRandom(1)).map((peer, index) => ({
    ...peer,
    labels: { ...peer.labels, rack: `b${index % 2}` },
  }));
  const sizeOf = (kind: 'group' | 'label' | 'prefix', value: string) => membersOf(fleet, kind, value).length;

  test('are groups for a group', () => {
    const contrast = contrastOf(fleet, resets(membersOf(fleet, 'group', 'group-1')));
    expect(contrast?.values).toEqual({
      kind: 'group',
      shares: [
        { value: 'group-0', ended: 0, of: 6 },
        { value: 'group-1', ended: 9, of: 9 },
        { value: 'group-2', ended: 0, of: 12 },
      ],
      rest: { values: 0, ended: 0, of: 0 },
    });
    expect(contrast?.elsewhere).toEqual({ ended: 0, of: 18 });
    expect(contrast?.spared).toEqual([]);
  });

  test('are values of the same label for a label, and peers that have none are not among them', () => {
    const bare = fleet.map((peer, index) => (index < 4 ? { ...peer, labels: { env: 'prod' } } : peer));
    const zones = ['z0', 'z1', 'z2'].map((zone) => ({ zone, peers: membersOf(bare, 'label', `zone=${zone}`) }));
    const contrast = contrastOf(bare, resets(zones[1]?.peers ?? []));
    expect(contrast?.values).toMatchObject({ kind: 'label', label: 'zone' });
    expect(contrast?.values.shares).toEqual(
      zones.map(({ zone, peers }) => ({
        value: `zone=${zone}`,
        ended: zone === 'z1' ? peers.length : 0,
        of: peers.length,
      })),
    );
    expect(contrast?.elsewhere.of).toBe(27 - (zones[1]?.peers.length ?? 0));
  });

  test('are networks for a network', () => {
    const prefixes = ['10.1.0.0/24', '10.1.1.0/24', '10.1.2.0/24', '10.1.3.0/24'];
    const contrast = contrastOf(fleet, resets(membersOf(fleet, 'prefix', prefixes[2] ?? '')));
    expect(contrast?.values.kind).toBe('prefix');
    expect(contrast?.values.shares.map(({ value, of }) => [value, of])).toEqual(
      prefixes.map((value) => [value, sizeOf('prefix', value)]),
    );
  });

  test('are groups for the process, and nobody is elsewhere', () => {
    const contrast = contrastOf(fleet, resets(fleet));
    expect(contrast?.values.shares.map(({ ended, of }) => [ended, of])).toEqual([
      [6, 6],
      [9, 9],
      [12, 12],
    ]);
    expect(contrast?.elsewhere).toEqual({ ended: 0, of: 0 });
  });

  test('do not count ends of another moment', () => {
    const other = membersOf(fleet, 'group', 'group-0').slice(0, 2);
    const contrast = contrastOf(fleet, [...resets(other, AT - 300), ...resets(membersOf(fleet, 'group', 'group-1'))]);
    expect(contrast?.values.shares[0]).toEqual({ value: 'group-0', ended: 0, of: 4 });
    expect(contrast?.elsewhere).toEqual({ ended: 0, of: 16 });
  });

  test('name those of the scope that did not end, three at most', () => {
    const hit = membersOf(fleet, 'group', 'group-2');
    const contrast = contrastOf(fleet, resets(hit.slice(0, 8)));
    expect(contrast?.spared).toEqual(hit.slice(8, 11).map(({ ref }) => ({ group: ref.group, peer: ref.peer })));
  });

  test('count peers of one address and port once', () => {
    const twins = fleet.map((peer, index) =>
      peer.ref.group === 'group-2' ? { ...peer, address: `10.9.9.${Math.floor(index / 2)}` } : peer,
    );
    const contrast = contrastOf(twins, resets(membersOf(twins, 'group', 'group-1')));
    const addresses = new Set(membersOf(twins, 'group', 'group-2').map(({ address }) => address)).size;
    expect(contrast?.values.shares[2]).toEqual({ value: 'group-2', ended: 0, of: addresses });
    expect(contrast?.elsewhere.of).toBe(6 + addresses);
  });

  test('are 60 at most: its own, those with ends, the largest; the others are a sum', () => {
    const sizes = Array.from({ length: 70 }, (_, index) => (index === 69 ? 5 : index < 40 ? 4 : 3));
    const many = makeFleet({ groups: sizes, zones: 1, prefixes: 250 }, seededRandom(2));
    const strayed = membersOf(many, 'group', 'group-68').slice(0, 1);
    const contrast = contrastOf(many, resets([...membersOf(many, 'group', 'group-69'), ...strayed]));
    const shown = contrast?.values.shares.map(({ value }) => value) ?? [];
    expect(shown).toHaveLength(60);
    expect(shown).toEqual(expect.arrayContaining(['group-69', 'group-68', 'group-0', 'group-39']));
    expect(contrast?.values.rest).toEqual({ values: 10, ended: 0, of: 30 });
  });
});

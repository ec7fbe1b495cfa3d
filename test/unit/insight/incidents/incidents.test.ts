import { describe, expect, test } from 'vitest';
import { type Incident, MOST_TRACES } from '../../../../src/insight/incidents/incident.ts';
import { IncidentIds } from '../../../../src/insight/incidents/incident-ids.ts';
import { Incidents } from '../../../../src/insight/incidents/incidents.ts';
import { connectedEvent } from '../../../support/sample-finrst-events.ts';
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
  test('keep no more spans of their ends than they link to', () => {
    const found = new Set<Incident>();
    const incidents = new Incidents({ ids: new IncidentIds(), onChange: (incident) => found.add(incident) });
    const end = { class: 'error', reason: 'reset', hint: null, ageMs: 1, silentMs: 1, isAnnounced: false } as const;
    const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
    for (let peerId = 0; peerId < MOST_TRACES + 50; peerId++) {
      incidents.know({ ...connectedEvent.peer, id: peerId }, facts);
      incidents.connected(peerId, { address: `192.0.2.${peerId}`, port: 1 }, 1000);
    }
    const at = AT * 1000;
    for (let peerId = 0; peerId < MOST_TRACES + 50; peerId++) {
      const trace = { traceId: `t${peerId}`, spanId: `s${peerId}`, recorded: true };
      incidents.ended({ ...end, peerId, at, connectionId: `c${peerId}`, span: { from: at, to: at }, trace });
    }
    for (let second = 1; second < 10; second++) Array.from(incidents.tick(at + second * 1000));
    const ends = [...found].flatMap((incident) => [...incident.ends.values()]);
    expect(ends.map(({ trace }) => trace?.traceId).filter((id) => id !== undefined)).toEqual(
      Array.from({ length: MOST_TRACES }, (_, index) => `t${index}`),
    );
    expect(ends).toHaveLength(MOST_TRACES + 50);
  });

  test('have the ends of their moment, and none of the single ones before it', () => {
    const found = new Set<Incident>();
    const incidents = new Incidents({ ids: new IncidentIds(), onChange: (incident) => found.add(incident) });
    const end = { class: 'error', reason: 'reset', hint: null, ageMs: 1, silentMs: 1, isAnnounced: false } as const;
    const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
    const ends = (peerId: number, at: number): void =>
      incidents.ended({ ...end, peerId, at, connectionId: `c${peerId}`, span: { from: at, to: at }, trace: null });
    const ids = Array.from({ length: 8 }, (_, id) => id);
    for (const id of ids) {
      incidents.know({ ...connectedEvent.peer, id }, facts);
      incidents.connected(id, { address: `192.0.2.${id}`, port: 1 }, 1000);
    }
    const at = AT * 1000;
    ends(0, at - 200_000);
    ends(1, at - 100_000);
    for (const id of ids.slice(2)) ends(id, at);
    for (let second = 1; second < 10; second++) Array.from(incidents.tick(at + second * 1000));
    const [incident] = found;
    expect([...(incident?.ends.keys() ?? [])]).toEqual(ids.slice(2));
    expect(found.size).toBe(1);
  });

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

  test.each([1, 2, 3, 4])(
    'an uplink cut that heartbeats find at once and keepalive later stays one: draw %i',
    (seed) => {
      const random = seededRandom(seed);
      const fleet = makeFleet({ groups: [21, 21, 18], zones: 3, prefixes: 9 }, random);
      const asked = membersOf(fleet, 'group', 'group-2');
      const unanswered = asked.map((peer): FleetEvent => {
        const silence = 1 + random() * 2;
        return { at: AT + silence, kind: 'ends', peer, reason: 'no_reply', silence };
      });
      const silent = fleet.filter((peer) => !asked.includes(peer));
      const cut = breakAll(silent, { at: AT, cause: 'cut' }, random);
      const published = replay(fleet, [...upFrom(fleet), ...unanswered, ...cut], AT + 300);
      expect(new Set(published.map(({ id }) => id)).size).toBe(1);
      expect(published.map(({ phase, scope, ended }) => [phase, scope.kind, ended])).toEqual([
        ['running', 'group', 18],
        ['running', 'process', expect.any(Number)],
        // Fewer would say that the others live.
        ['running', 'process', 60],
      ]);
    },
  );

  test('that is known keeps its scope when a few of its ends fit a later cause, too', () => {
    const random = seededRandom(1);
    const fleet = makeFleet({ groups: [5, 40, 40], zones: 3, prefixes: 4 }, random);
    const resets = (peers: typeof fleet, at: number): FleetEvent[] =>
      peers.map((peer) => ({ at, kind: 'ends', peer, reason: 'reset', silence: 1 }));
    const small = membersOf(fleet, 'group', 'group-0');
    const zone = membersOf(fleet, 'label', 'zone=z0');
    expect(zone.filter((peer) => small.includes(peer))).toHaveLength(2);
    const later = zone.filter((peer) => !small.includes(peer));
    const published = replay(fleet, [...upFrom(fleet), ...resets(small, AT), ...resets(later, AT + 6)], AT + 60);
    const [first] = published;
    expect(first?.scope).toEqual({ kind: 'group', value: 'group-0' });
    expect(published.filter(({ id }) => id === first?.id).map(({ scope }) => scope.value)).toEqual(['group-0']);
    expect(scopesOf(published).at(-1)).toMatch(/ label zone=z0$/);
  });

  test('is published once more when no more of its ends are to be expected, and not for each', () => {
    const random = seededRandom(5);
    const fleet = makeFleet({ groups: [20, 40], zones: 2, prefixes: 2 }, random);
    const hit = membersOf(fleet, 'group', 'group-0');
    const resets = (peers: typeof hit, at: number): FleetEvent[] =>
      peers.map((peer) => ({ at, kind: 'ends', peer, reason: 'reset', silence: 1 }));
    const published = replay(
      fleet,
      [
        ...upFrom(fleet),
        ...resets(hit.slice(0, 12), AT),
        ...resets(hit.slice(12, 14), AT + 4),
        ...resets(hit.slice(14, 15), AT + 5),
        ...resets(hit.slice(15, 16), AT + 8),
      ],
      AT + 60,
    );
    expect(published.map(({ at, ended }) => [at - AT, ended])).toEqual([
      [3, 12],
      [8, 15],
    ]);
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

  test.each([1, 2, 3])('an uplink cut that two groups with heartbeats find at once becomes one: draw %i', (seed) => {
    const random = seededRandom(seed);
    const fleet = makeFleet({ groups: [21, 21, 18, 12], zones: 3, prefixes: 9 }, random);
    const asked = fleet.filter(({ ref }) => ref.group === 'group-2' || ref.group === 'group-3');
    const unanswered = asked.map((peer): FleetEvent => {
      const silence = 1 + random() * 2;
      return { at: AT + silence, kind: 'ends', peer, reason: 'no_reply', silence };
    });
    const silent = fleet.filter((peer) => !asked.includes(peer));
    const cut = breakAll(silent, { at: AT, cause: 'cut' }, random);
    const published = replay(fleet, [...upFrom(fleet), ...unanswered, ...cut], AT + 300);
    expect(published.slice(0, 2).map(({ scope }) => scope.value)).toEqual(['group-2', 'group-3']);
    const last = published.at(-1);
    expect(last).toMatchObject({ phase: 'running', scope: { kind: 'process' }, ended: 72, of: 72, stillDown: 72 });
    // Nobody is called over whose peers are down, but what is part of another one.
    const over = published.filter(({ phase }) => phase === 'over');
    expect(over.length).toBeGreaterThanOrEqual(1);
    for (const { wholeId } of over) expect(wholeId).toBe(last?.id);
    const states = new Map(published.map(({ id, phase }) => [id, phase]));
    expect([...states.values()].filter((phase) => phase === 'running')).toHaveLength(1);
  });

  test.each([1, 2, 3])('one that is over runs again where ends of its moment are found later: draw %i', (seed) => {
    const random = seededRandom(seed);
    const fleet = makeFleet({ groups: [21, 21, 8], zones: 3, prefixes: 9 }, random);
    const hit = membersOf(fleet, 'group', 'group-2');
    const reset = hit.flatMap((peer): FleetEvent[] => [
      { at: AT, kind: 'ends', peer, reason: 'reset', silence: 1 },
      { at: AT + 2, kind: 'connects', peer },
    ]);
    const silent = fleet.filter((peer) => !hit.includes(peer));
    const cut = breakAll(silent, { at: AT, cause: 'cut' }, random);
    const published = replay(fleet, [...upFrom(fleet), ...reset, ...cut], AT + 300);
    expect(published.slice(0, 2).map(({ phase, scope }) => [phase, scope.value])).toEqual([
      ['running', 'group-2'],
      ['over', 'group-2'],
    ]);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
    expect(published.at(-1)).toMatchObject({ phase: 'running', scope: { kind: 'process' }, ended: 50, stillDown: 42 });
  });

  test('one that is over stays so where a single further end of its moment is found', () => {
    const random = seededRandom(6);
    const fleet = makeFleet({ groups: [21, 40], zones: 2, prefixes: 2 }, random);
    const [late, ...hit] = membersOf(fleet, 'group', 'group-0');
    const reset = hit.flatMap((peer): FleetEvent[] => [
      { at: AT, kind: 'ends', peer, reason: 'reset', silence: 1 },
      { at: AT + 2, kind: 'connects', peer },
    ]);
    const found = breakAll(late === undefined ? [] : [late], { at: AT, cause: 'cut' }, random);
    const published = replay(fleet, [...upFrom(fleet), ...reset, ...found], AT + 300);
    expect(published.map(({ phase, ended }) => [phase, ended])).toEqual([
      ['running', 20],
      ['over', 20],
    ]);
  });
});

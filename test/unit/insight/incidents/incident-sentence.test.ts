import { describe, expect, test } from 'vitest';
import type { IncidentScope } from '../../../../src/domain/incident-scope.ts';
import { type IncidentFacts, incidentSentence } from '../../../../src/insight/incidents/incident-sentence.ts';
import type { EndsSummary } from '../../../../src/insight/incidents/incident.ts';

const NOTHING_IN_COMMON: EndsSummary['common'] = {
  hints: {},
  droppedPackets: 0,
  stalledMs: 0,
  ages: { leastMs: 1, mostMs: 1 },
  silences: { leastMs: 1, mostMs: 1 },
};

const ends = (reasons: EndsSummary['reasons'], areSilent = false): EndsSummary => ({
  count: Object.values(reasons).reduce((sum, count) => sum + count, 0),
  reasons,
  foundWithinMs: 1800,
  areSilent,
  common: NOTHING_IN_COMMON,
});

const sentence = (
  scope: IncidentScope,
  ended: EndsSummary,
  {
    of = 52,
    also = [],
    elsewhere = { ended: 0, of: 2359 },
    isRunning = true,
    isObserved = false,
    partOf = null,
  }: Partial<Omit<IncidentFacts, 'scope' | 'ends'>> = {},
) => incidentSentence({ isObserved, scope, also, ends: ended, of, elsewhere, isRunning, partOf });

const GROUP = { kind: 'group', value: 'payments' } as const;

describe('the sentence of an incident', () => {
  test('of connections of applications says so', () => {
    expect(sentence(GROUP, ends({ reset: 41 }), { isObserved: true })).toMatch(
      /^connections of applications to 41 of 52 peers of payments ended within 1.8 s, all reset: /,
    );
  });

  test('of a group that was reset', () => {
    expect(sentence(GROUP, ends({ reset: 41 }))).toBe(
      '41 of 52 peers of payments ended within 1.8 s, all reset: look at what this group shares, its servers or a box before them; the other 2,359 peers are unharmed',
    );
  });

  test('of a label whose peers fell silent, for several reasons', () => {
    const ended = ends({ no_reply: 30, keepalive_timeout: 8 }, true);
    expect(sentence({ kind: 'label', value: 'rack=b07' }, ended, { of: 41, isRunning: false })).toBe(
      '38 of 41 peers with rack=b07 broke at one moment, found within 1.8 s, 30 no_reply, 8 keepalive_timeout: look at what rack=b07 stands for; the other 2,359 peers are unharmed',
    );
  });

  test.each([
    { of: 2359, words: /; none of the other 2,359 peers has ended so far$/ },
    { of: 1, words: /; the other peer has not ended so far$/ },
  ])(
    'of peers that fell silent calls none of $of others unharmed while it runs: it may be found later',
    ({ of, words }) => {
      expect(sentence(GROUP, ends({ keepalive_timeout: 5 }, true), { elsewhere: { ended: 0, of } })).toMatch(words);
    },
  );

  test('of a network, where others ended at that moment', () => {
    const ended = ends({ reset: 2, fin: 2, timeout: 2, other: 2, aborted: 2 });
    expect(sentence({ kind: 'prefix', value: '10.1.2.0/24' }, ended, { elsewhere: { ended: 3, of: 10 } })).toBe(
      '10 of 52 peers in 10.1.2.0/24 ended within 1.8 s, 2 reset, 2 fin, 2 timeout, 4 others: look at the network 10.1.2.0/24 and the way there; of the other 10 peers 3 ended at that moment, too',
    );
  });

  test('of everything', () => {
    expect(sentence({ kind: 'process', value: '' }, ends({ reset: 60 }), { of: 15_000 })).toBe(
      '60 of 15,000 peers ended within 1.8 s, all reset: look at this host and its uplink; no group, label or network stands out',
    );
  });

  test('of a group that is all there is: what cannot be told apart is said', () => {
    const also = [{ kind: 'process', value: '' }] as const;
    expect(sentence(GROUP, ends({ reset: 5 }), { of: 5, also: [...also], elsewhere: { ended: 0, of: 0 } })).toBe(
      '5 of 5 peers of payments ended within 1.8 s, all reset: look at what this group shares, its servers or a box before them (the same peers: all peers of this process; they cannot be told apart from here); there are no other peers to compare with',
    );
  });

  test('of a part of another one says that, and accuses nobody', () => {
    expect(sentence(GROUP, ends({ no_reply: 5 }, true), { of: 5, isRunning: false, partOf: '3600' })).toBe(
      '5 of 5 peers of payments broke at one moment, found within 1.8 s, all no_reply: a part of incident 3600, as more ends of that moment show',
    );
  });

  test('one other peer is one', () => {
    expect(sentence(GROUP, ends({ reset: 5 }), { elsewhere: { ended: 0, of: 1 } })).toMatch(
      /; the other peer is unharmed$/,
    );
  });

  test.each([
    {
      common: { droppedPackets: 47_279, hints: { host_drops: 30 } },
      words: /stands for; this host dropped 47,279 packets meanwhile, which explains 30 of these ends; the other/,
    },
    {
      common: { droppedPackets: 114, hints: { host_drops: 38 } },
      words: /; this host dropped 114 packets meanwhile, which explains all of these ends; the other/,
    },
    {
      common: { stalledMs: 2500, hints: { own_stall: 8 } },
      words: /stands for; our own event loop was held up for 2\.5 s, right before 8 of these ends; the other/,
    },
  ])('says what this host did itself: $common', ({ common, words }) => {
    const ended = { ...ends({ no_reply: 30, reset: 8 }), common: { ...NOTHING_IN_COMMON, ...common } };
    expect(sentence({ kind: 'label', value: 'rack=b07' }, ended, { of: 41 })).toMatch(words);
  });
});

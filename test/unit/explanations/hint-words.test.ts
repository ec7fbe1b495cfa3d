import { expect, test } from 'vitest';
import { HINTS } from '../../../src/domain/hint.ts';
import { HINT_GROUP, hintEvidence } from '../../../src/explanations/hint-words.ts';
import { disconnectedEvent } from '../../support/sample-finrst-events.ts';

const counts = { totalRetransmits: 6, pendingRetransmits: 0, pendingProbes: 0, silenceMs: 78_000 };
const tcp = { state: 'close', rttMs: 1, minRttMs: 1, outstandingBytes: 0, ...counts } as const;
const range = { leastMs: 3_600_000, mostMs: 3_600_000 };

test.each([
  { event: { hint: { name: 'own_stall', stalledMs: 2300 } }, says: /^our own event loop was held up for 2\.3 s right/ },
  { event: { hint: { name: 'host_drops', dropped: 4801 } }, says: /^this host dropped 4801 packets since/ },
  { event: { hint: { name: 'announced' }, announced: 'terminating' }, says: /^the platform shuts the peer down$/ },
  {
    event: {
      hint: { name: 'idle_limit', limit: { kind: 'silenceAtMost', survivedMs: 0, atMostMs: 48_000, ends: 3, of: 4 } },
    },
    says: /^3 of 4 times a packet of ours found the path dead/,
  },
  {
    event: { hint: { name: 'age_limit', limit: { kind: 'age', age: range, ends: 5, of: 5 } } },
    says: /^each time 1 h 0 m after it was established/,
  },
  {
    event: { hint: { name: 'path_dead' }, tcp },
    says: /^keepalive probes were not answered; the last packet had come 1 m 18 s before$/,
  },
  {
    event: { hint: { name: 'path_dead' }, tcp: { ...tcp, outstandingBytes: 70 } },
    says: /^70 B of ours were not acknowledged; the last packet had come 1 m 18 s before$/,
  },
  { event: { hint: { name: 'path_dead' } }, says: /^what we sent was not acknowledged$/ },
  {
    event: { hint: { name: 'frozen_peer' }, reason: 'no_reply', tcp },
    says: /^the peer's kernel acknowledged all that we sent and its program did not answer; the last packet/,
  },
  {
    event: { hint: { name: 'frozen_peer' }, reason: 'write_stalled', tcp: { ...tcp, outstandingBytes: 2_803_712 } },
    says: /^the peer's kernel answers and its program does not read: 2\.80 MB of ours wait$/,
  },
  {
    event: { hint: { name: 'peer_silent' }, tcp },
    says: /^all that we sent is acknowledged and no answer was due; the last/,
  },
] as const)('$event.hint.name: $says', ({ event, says }) => {
  expect(hintEvidence({ ...disconnectedEvent, ...event })).toMatch(says);
});

test('an end without a hint has no evidence for one', () => {
  expect(hintEvidence(disconnectedEvent)).toBeUndefined();
});

test('every hint has its words, in the order in which one is chosen', () => {
  expect(HINT_GROUP.words.map(({ reason }) => reason)).toEqual(HINTS);
});

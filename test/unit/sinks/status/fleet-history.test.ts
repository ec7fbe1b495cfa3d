import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { FleetHistory, ROLLOUT_PAUSE_MS, SLOT_MS } from '../../../../src/sinks/status/fleet-history.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  localClosedEvent,
} from '../../../support/sample-finrst-events.ts';

const START = 1000 * SLOT_MS;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const peers = [1, 2, 3].map((id) => ({ ...connectedEvent.peer, id }));
const added: readonly FinrstEvent[] = peers.map((peer) => ({ type: 'peerAdded', at: START, peer, facts }));
const [one, two] = peers as [(typeof peers)[0], (typeof peers)[0]];

function historyOf(...events: readonly FinrstEvent[]): FleetHistory {
  const history = new FleetHistory(START);
  [...added, ...events].forEach(publishTo(history.sink));
  return history;
}

test('counts ends by class in the slot in which they were, announced ones in order apart', () => {
  const history = historyOf(
    { ...disconnectedEvent, peer: one, at: START + 1, class: 'error', reason: 'reset' },
    { ...disconnectedEvent, peer: one, at: START + SLOT_MS, class: 'eof', reason: 'fin' },
    { ...disconnectedEvent, peer: two, at: START + SLOT_MS + 5, class: 'eof', reason: 'fin', announced: 'terminating' },
    { ...disconnectedEvent, peer: two, at: START + 3 * SLOT_MS, class: 'idle_timeout', reason: 'no_reply' },
  );
  expect(history.read(START + 3 * SLOT_MS).slots(5)).toMatchObject([
    { startsAt: START - SLOT_MS, error: 0 },
    { startsAt: START, error: 1, eof: 0 },
    { startsAt: START + SLOT_MS, error: 0, eof: 1, announced: 1 },
    { startsAt: START + 2 * SLOT_MS, error: 0, eof: 0, announced: 0 },
    { startsAt: START + 3 * SLOT_MS, idle_timeout: 1 },
  ]);
});

test('has the most that were down at once, also in slots without news', () => {
  const history = historyOf(
    { ...connectFailedEvent, peer: one, at: START },
    { ...disconnectedEvent, peer: two, at: START + 1 },
    { ...connectedEvent, peer: two, at: START + 2 },
  );
  const reading = history.read(START + 2 * SLOT_MS);
  expect([reading.peers, reading.down]).toEqual([3, 1]);
  expect(reading.slots(3).map(({ down }) => down)).toEqual([2, 1, 1]);
});

test('a peer that is removed, announced or closed by us is not down', () => {
  const history = historyOf(
    { ...disconnectedEvent, peer: one, at: START },
    { ...disconnectedEvent, peer: two, at: START },
    { type: 'peerRemoved', at: START, peer: one },
    { type: 'stateEntered', at: START, peer: two, state: 'retired', from: 'backoff' },
    { ...localClosedEvent, peer: peers[2] ?? one, at: START },
  );
  expect(history.read(START)).toMatchObject({ peers: 2, down: 0 });
});

test('keeps a week, and a clock that is set back goes on where it was', () => {
  const history = historyOf({ ...disconnectedEvent, peer: one, at: START, class: 'error', reason: 'reset' });
  const sum = (now: number): number =>
    history
      .read(now)
      .slots(2016)
      .reduce((total, { error }) => total + error, 0);
  expect(sum(START + 2015 * SLOT_MS)).toBe(1);
  expect(sum(START + 2016 * SLOT_MS)).toBe(0);
  expect(history.read(START).slots(1)[0]?.startsAt).toBe(START + 2016 * SLOT_MS);
});

test('says since when it counts', () => {
  expect(historyOf().read(START + SLOT_MS).since).toBe(START);
});

test('a peer that is not held is none of them', () => {
  const peer = { ...connectedEvent.peer, id: 4 };
  const history = historyOf({ type: 'peerAdded', at: START, peer, facts: { ...facts, isHeld: false } });
  expect(history.read(START)).toMatchObject({ peers: 3, down: 0 });
});

test('counts all that was announced, as rollouts of a group, and what we closed', () => {
  const fin = { ...disconnectedEvent, class: 'eof', reason: 'fin', announced: 'terminating' } as const;
  const reset = { ...disconnectedEvent, class: 'error', reason: 'reset' } as const;
  const late = { ...explainedEvent, by: 'announced', announced: 'terminating', peer: two } as const;
  const elsewhere = { ...one, group: 'other' };
  const history = historyOf(
    { ...localClosedEvent, peer: one, at: START },
    { ...fin, peer: one, at: START },
    { ...reset, peer: two, at: START + 1 },
    { ...late, at: START + ROLLOUT_PAUSE_MS },
    { ...late, by: 'incident', incident: '1', endedAt: START, at: START + ROLLOUT_PAUSE_MS },
    { ...fin, peer: elsewhere, at: START + ROLLOUT_PAUSE_MS },
    { ...reset, peer: one, announced: 'terminating', at: START + 2 * ROLLOUT_PAUSE_MS + 1 },
  );
  const slots = history.read(START + 4 * SLOT_MS).slots(5);
  expect(slots.map(({ expected, rollouts, local }) => [expected, rollouts, local])).toEqual([
    [1, 1, 1],
    [0, 0, 0],
    [2, 1, 0],
    [0, 0, 0],
    [1, 1, 0],
  ]);
});

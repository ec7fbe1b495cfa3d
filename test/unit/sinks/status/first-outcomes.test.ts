import { expect, test } from 'vitest';
import { FirstOutcomes } from '../../../../src/sinks/status/first-outcomes.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const ref = (id: number) => ({ id, group: 'g', peer: `p-${id}:1`, host: 'p', port: 1, isLiteral: false, labels: {} });

/** Three peers of a share, and what happens to them. */
function shareOf(...ids: readonly number[]) {
  const clock = createFakeClock();
  const outcomes = new FirstOutcomes(clock);
  const { sink } = outcomes;
  const peer = (event: object): void => sink.peer?.({ at: 0, ...event } as never);
  const connection = (type: string, id: number): void => sink.connection?.({ type, at: 0, peer: ref(id) } as never);
  const add = (id: number, facts = {}): void => peer({ type: 'peerAdded', peer: ref(id), facts });
  for (const id of ids) add(id);
  return { clock, outcomes, peer, connection, add };
}

test('a connection, a failure, an announcement and a removal are outcomes', () => {
  const { outcomes, peer, connection } = shareOf(1, 2, 3, 4);
  const waiting = (peers: number, of: number) =>
    `Finrst waits for the first outcome of ${peers} of the ${of} peers of its share.`;
  expect(outcomes.notReady(50)).toBe(waiting(4, 4));
  connection('connected', 1);
  connection('disconnected', 2);
  peer({ type: 'stateEntered', peer: ref(2), state: 'connecting' });
  expect(outcomes.notReady(50)).toBe(waiting(3, 4));
  connection('connectFailed', 2);
  peer({ type: 'stateEntered', peer: ref(3), state: 'retired' });
  expect(outcomes.notReady(50)).toBe(waiting(1, 4));
  peer({ type: 'peerRemoved', peer: ref(4) });
  expect(outcomes.notReady(50)).toBe(null);
});

test('what comes after it was ready does not take that back', () => {
  const { outcomes, add } = shareOf();
  expect(outcomes.notReady(50)).toBe(null);
  add(1);
  expect(outcomes.notReady(50)).toBe(null);
});

test('it takes 30 s at most, and the time that the connect rate needs', () => {
  const { clock, outcomes } = shareOf(1, 2, 3);
  clock.advance(60_000);
  expect(outcomes.notReady(2)).not.toBe(null);
  clock.advance(31_499);
  expect(outcomes.notReady(2)).not.toBe(null);
  clock.advance(1);
  expect(outcomes.notReady(2)).toBe(null);
});

test('a peer that is not held has no outcome to wait for', () => {
  const { outcomes, add, peer, connection } = shareOf(1);
  add(2, { isHeld: false });
  expect(outcomes.notReady(100)).toBe('Finrst waits for the first outcome of 1 of the 1 peers of its share.');
  peer({ type: 'peerRemoved', peer: ref(2) });
  expect(outcomes.notReady(100)).toContain('1 of the 1 peers');
  connection('connected', 1);
  expect(outcomes.notReady(100)).toBeNull();
});

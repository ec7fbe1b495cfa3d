import { assert, property, array, constantFrom, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConnectionInput, type ConnectionState, nextState } from '../../../src/domain/connection-state.ts';

const ID = 'current';
type Next = ConnectionState['name'] | 'same';

const STATES: Record<ConnectionState['name'], ConnectionState> = {
  backoff: { name: 'backoff' },
  resolving: { name: 'resolving', connectionId: ID },
  connecting: { name: 'connecting', connectionId: ID },
  handshaking: { name: 'handshaking', connectionId: ID },
  established: { name: 'established', connectionId: ID },
  closing: { name: 'closing', connectionId: ID, then: 'reconnect' },
  stopped: { name: 'stopped' },
};

/** Every state times every input. Adding either without filling this in does not compile. */
const TABLE: Record<ConnectionState['name'], Record<ConnectionInput['type'], Next>> = {
  backoff: {
    attemptDue: 'resolving',
    resolved: 'same',
    tcpConnected: 'same',
    ready: 'same',
    attemptFailed: 'same',
    closing: 'same',
    drained: 'same',
    stop: 'stopped',
  },
  resolving: {
    attemptDue: 'same',
    resolved: 'connecting',
    tcpConnected: 'same',
    ready: 'same',
    attemptFailed: 'backoff',
    closing: 'closing',
    drained: 'same',
    stop: 'closing',
  },
  connecting: {
    attemptDue: 'same',
    resolved: 'same',
    tcpConnected: 'handshaking',
    ready: 'same',
    attemptFailed: 'backoff',
    closing: 'closing',
    drained: 'same',
    stop: 'closing',
  },
  handshaking: {
    attemptDue: 'same',
    resolved: 'same',
    tcpConnected: 'same',
    ready: 'established',
    attemptFailed: 'backoff',
    closing: 'closing',
    drained: 'same',
    stop: 'closing',
  },
  established: {
    attemptDue: 'same',
    resolved: 'same',
    tcpConnected: 'same',
    ready: 'same',
    attemptFailed: 'same',
    closing: 'closing',
    drained: 'same',
    stop: 'closing',
  },
  closing: {
    attemptDue: 'same',
    resolved: 'same',
    tcpConnected: 'same',
    ready: 'same',
    attemptFailed: 'same',
    closing: 'same',
    drained: 'backoff',
    stop: 'closing',
  },
  stopped: {
    attemptDue: 'same',
    resolved: 'same',
    tcpConnected: 'same',
    ready: 'same',
    attemptFailed: 'same',
    closing: 'same',
    drained: 'same',
    stop: 'same',
  },
};

const rows = Object.entries(TABLE).flatMap(([state, inputs]) =>
  Object.entries(inputs).map(([input, next]) => ({
    state: state as ConnectionState['name'],
    input: input as ConnectionInput['type'],
    next,
  })),
);

test.each(rows)('$state on $input: $next', ({ state, input, next }) => {
  const before = STATES[state];
  const after = nextState(before, { type: input, connectionId: ID });
  if (next === 'same') expect(after).toBe(before);
  else expect(after.name).toBe(next);
});

test.each(rows.filter(({ state, input }) => state !== 'backoff' && input !== 'stop'))(
  '$state is deaf to $input of another connection',
  ({ state, input }) => {
    expect(nextState(STATES[state], { type: input, connectionId: 'an older one' })).toBe(STATES[state]);
  },
);

describe('whatever comes in whatever order', () => {
  const input = record({
    type: constantFrom<ConnectionInput['type']>(
      'attemptDue',
      'resolved',
      'tcpConnected',
      'ready',
      'attemptFailed',
      'closing',
      'drained',
      'stop',
    ),
    connectionId: constantFrom('a', 'b', 'c'),
  });

  test('after a stop no attempt begins, and what is open is drained first', () => {
    assert(
      property(array(input), array(input), (before, after) => {
        let state = before.reduce<ConnectionState>(nextState, { name: 'backoff' });
        const open = state.name !== 'backoff' && state.name !== 'stopped';
        state = nextState(state, { type: 'stop' });
        expect(state.name).toBe(open ? 'closing' : 'stopped');
        for (const each of after) {
          state = nextState(state, each);
          expect(['closing', 'stopped']).toContain(state.name);
        }
      }),
    );
  });

  test('a state belongs to the connection that entered it until it is back in backoff', () => {
    assert(
      property(array(input), (inputs) => {
        let state: ConnectionState = { name: 'backoff' };
        const owed = new Set<string>();
        for (const each of inputs) {
          const next = nextState(state, each);
          const owners = [state, next].flatMap((one) => ('connectionId' in one ? [one.connectionId] : []));
          if (owners.length === 2) owed.add(owners.join());
          state = next;
        }
        expect([...owed].filter((pair) => !['a,a', 'b,b', 'c,c'].includes(pair))).toEqual([]);
      }),
    );
  });
});

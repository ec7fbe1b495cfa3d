import { array, assert, boolean, constantFrom, nat, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '../../../../src/domain/connection-state.ts';
import type { ConnectionEffect } from '../../../../src/domain/steps/connection-effect.ts';
import type { ConnectionInput } from '../../../../src/domain/steps/connection-input.ts';
import { firstStep, nextStep } from '../../../../src/domain/steps/next-step.ts';
import { DISCONNECTED, INPUTS, LOCAL_CLOSED } from './inputs.ts';

const TYPES = Object.keys(INPUTS) as ConnectionInput['type'][];

type Chosen = {
  readonly type: ConnectionInput['type'];
  readonly connectionId: string;
  readonly flag: boolean;
  readonly ms: number;
};

/** Any input about any of three connections. */
const chosen = record({
  type: constantFrom(...TYPES),
  connectionId: constantFrom('a', 'b', 'c'),
  flag: boolean(),
  ms: nat(5000),
});

/** Makes an input whose event, if it has one, is about the same connection. */
function inputOf({ type, connectionId, flag, ms }: Chosen): ConnectionInput {
  switch (type) {
    case 'waitOver':
      return INPUTS.waitOver;
    case 'attemptDue':
    case 'resolved':
    case 'tcpConnected':
      return { type, connectionId };
    case 'established':
      return { ...INPUTS.established, connectionId, facts: { ...INPUTS.established.facts, connectionId } };
    case 'attemptFailed':
      return { ...INPUTS.attemptFailed, connectionId, isOpen: flag, random: ms / 5000 };
    case 'ended':
      return { ...INPUTS.ended, connectionId, event: { ...(flag ? DISCONNECTED : LOCAL_CLOSED), connectionId } };
    case 'drained':
      return { ...INPUTS.drained, connectionId };
    case 'delayRestarted':
      return { ...INPUTS.delayRestarted, random: ms / 5000 };
    case 'reconfigured': {
      const reconnect = { initialMs: 1, maxMs: ms };
      return { ...INPUTS.reconfigured, how: flag ? 'inPlace' : 'reconnect', hasMoved: ms % 2 === 0, reconnect };
    }
    case 'planned':
      return { ...INPUTS.planned, announced: flag ? null : 'requested' };
    case 'vanished':
      return { ...INPUTS.vanished, lingerMs: flag ? 0 : ms, reason: ms % 2 === 0 ? 'removed' : 'resharded' };
    case 'announcedElsewhere':
      return { ...INPUTS.announcedElsewhere, announced: flag ? 'terminating' : 'requested' };
    case 'stop':
      return { ...INPUTS.stop, drainMs: ms };
  }
}

type Run = { readonly state: ConnectionState; readonly effects: readonly ConnectionEffect[] };

function run(before: Run, inputs: readonly ConnectionInput[]): Run {
  return inputs.reduce((sum, input) => {
    const { state, effects } = nextStep(sum.state, input);
    return { state, effects: [...sum.effects, ...effects] };
  }, before);
}

const idsOf = (effects: readonly ConnectionEffect[], ...types: readonly string[]): string[] =>
  effects.flatMap((effect) =>
    effect.type === 'emit' && types.includes(effect.event.type) ? [effect.event.connectionId] : [],
  );

/** The current connection, and those whose sockets drain. */
function connectionsOf(state: ConnectionState): readonly string[] {
  if (state.name === 'stopped') return [];
  const draining = 'history' in state ? state.history.draining : state.draining;
  return 'connectionId' in state ? [...draining, state.connectionId] : draining;
}

/** What takes a connection from its attempt to its end, in order. */
const JOURNEY = ['waitOver', 'attemptDue', 'resolved', 'tcpConnected', 'established', 'ended', 'drained'] as const;

/** A life that gets somewhere: the first steps of journeys, with any inputs in between. */
const life = array(
  oneof(
    chosen.map((one) => [one]),
    record({ last: chosen, steps: nat(JOURNEY.length) }).map(({ last, steps }) =>
      JOURNEY.slice(0, steps).map((type): Chosen => ({ ...last, type })),
    ),
  ),
  { maxLength: 20, size: 'max' },
).map((list) => list.flat().map(inputOf));

describe('whatever comes in whatever order', () => {
  test('an input about another connection than the current never acts', () => {
    assert(
      property(life, chosen, (inputs, last) => {
        const { state } = run(firstStep(), inputs);
        const input = inputOf(last);
        if (!('connectionId' in input) || input.type === 'attemptDue') return;
        if (connectionsOf(state).includes(input.connectionId)) return;
        const after = nextStep(state, input);
        expect(after.state).toBe(state);
        expect(after.effects).toEqual([]);
      }),
    );
  });

  test('after a stop no attempt begins, and each established connection has exactly one end', () => {
    assert(
      property(life, life, (before, after) => {
        const stopping = run(run(firstStep(), before), [INPUTS.stop]);
        const rest = run({ state: stopping.state, effects: [] }, after);
        expect(rest.effects.map(({ type }) => type)).not.toContain('dial');
        expect(rest.effects.map(({ type }) => type)).not.toContain('wait');
        expect(rest.effects.map(({ type }) => type)).not.toContain('queueForConnectRate');
        const { state } = rest;
        const over = ['ended', 'drained'].flatMap((type) =>
          connectionsOf(state).map((connectionId) => inputOf({ type, connectionId, flag: false, ms: 0 } as Chosen)),
        );
        const all = run({ state, effects: [...stopping.effects, ...rest.effects] }, over);
        expect(all.state).toEqual({ name: 'stopped' });
        const established = idsOf(all.effects, 'connected');
        expect(idsOf(all.effects, 'disconnected', 'localClosed')).toEqual(established);
      }),
      { numRuns: 2000 },
    );
  });

  test('once stopped nothing happens but the answer to another stop', () => {
    assert(
      property(life, (inputs) => {
        const { state, effects } = run({ state: { name: 'stopped' }, effects: [] }, inputs);
        expect(state).toEqual({ name: 'stopped' });
        const stops = inputs.filter(({ type }) => type === 'stop');
        expect(effects).toEqual(stops.map(() => ({ type: 'reportStopped' })));
      }),
    );
  });

  test('reported states form a chain, and end in the state that holds', () => {
    assert(
      property(life, (inputs) => {
        const { state, effects } = run({ ...firstStep() }, inputs);
        const last = effects.reduce<string | null>((from, effect) => {
          if (effect.type !== 'reportState') return from;
          expect(effect.from).toBe(from);
          return effect.state;
        }, null);
        expect(last).toBe(state.name);
      }),
    );
  });
});

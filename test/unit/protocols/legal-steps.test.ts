import { array, assert, constant, oneof, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import type { Session, Step } from '../../../src/protocols/session.ts';
import { sessionContext } from '../../support/session-context.ts';
import { SESSION_SAMPLES } from '../../support/session-samples/session-samples.ts';

type State = 'opening' | 'securing' | 'held' | 'saidGoodbye' | 'over';
type Input = 'start' | 'received' | 'secured' | 'derived' | 'beat';

const OPENING = ['send', 'startTls', 'derive', 'ready', 'refused', 'broken'] as const;

/** Which steps may come when. Adding a state or an input without filling this in does not compile. */
const LEGAL: Readonly<Record<State, Readonly<Record<Input, readonly Step['kind'][]>>>> = {
  opening: { start: OPENING, received: OPENING, secured: OPENING, derived: ['send', 'refused'], beat: [] },
  // Nothing is sent until the handshake is done.
  securing: { start: [], received: ['refused'], secured: [], derived: [], beat: [] },
  held: { start: [], received: ['send', 'answered', 'goodbye', 'broken'], secured: [], derived: [], beat: ['send'] },
  saidGoodbye: {
    start: [],
    received: ['send', 'answered', 'goodbye', 'broken'],
    secured: [],
    derived: [],
    beat: ['send'],
  },
  over: { start: [], received: [], secured: [], derived: [], beat: [] },
};

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Plays inputs as the driver would, and checks each step against the table. */
function play(session: Session, inputs: readonly (Uint8Array | 'beat')[]): void {
  let state = 'opening' as State;
  let isOutstanding = false;
  const take = (input: Input, steps: readonly Step[]): void => {
    for (const step of steps) {
      const { kind } = step;
      expect(LEGAL[state][input], `${kind} in answer to ${input} while ${state}`).toContain(kind);
      if (kind === 'ready') state = 'held';
      if (kind === 'startTls') state = 'securing';
      if (kind === 'refused' || kind === 'broken') state = 'over';
      if (kind === 'goodbye') state = 'saidGoodbye';
      if (kind === 'answered') {
        expect(isOutstanding, 'answered, and nothing was asked').toBe(true);
        isOutstanding = false;
      }
    }
    // The driver answers these at once here.
    if (state === 'securing') {
      state = 'opening';
      take('secured', session.secured(null));
    }
    if (steps.some(({ kind }) => kind === 'derive')) take('derived', session.derived(new Uint8Array(32)));
  };
  take('start', session.start());
  for (const input of inputs) {
    if (state === 'over') return; // the driver drops the session
    if (input !== 'beat') {
      take('received', session.received(input));
    } else if (state === 'held' && !isOutstanding) {
      isOutstanding = true;
      take('beat', session.beat());
    }
  }
}

test.each(SESSION_SAMPLES)('$name $shape: whatever comes, only legal steps follow', (sample) => {
  const { protocol, context, words, more } = sample;
  const word = oneof(...[...words, ...more].map((each) => constant(bytes(each))));
  const inputs = array(oneof(word, uint8Array({ maxLength: 20 }), constant('beat' as const)), { maxLength: 30 });
  assert(property(inputs, (all) => play(protocol.open(sessionContext(context)), all)));
});

test.each(SESSION_SAMPLES)('$name $shape: two sessions know nothing of each other', ({ protocol, words, context }) => {
  const inputs = ['beat', ...words.map(bytes), 'beat', ...words.map(bytes)] as const;
  const run = (session: Session, other: Session | null): unknown[] => {
    other?.start();
    return [
      session.start(),
      ...inputs.map((input) => {
        if (input === 'beat') other?.beat();
        else other?.received(input);
        return input === 'beat' ? session.beat() : session.received(input);
      }),
    ];
  };
  const open = () => protocol.open(sessionContext(context));
  expect(run(open(), open())).toEqual(run(open(), null));
});

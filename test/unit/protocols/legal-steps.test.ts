import { array, assert, constant, oneof, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { sendExpect } from '../../../src/protocols/send-expect/send-expect.ts';
import type { Protocol, Session, Step } from '../../../src/protocols/session.ts';
import type { ProtocolName } from '../../../src/settings/protocol-settings.ts';

type State = 'opening' | 'held';
type Input = 'start' | 'received' | 'beat';

/** Which steps may come when. Adding a state or an input without filling this in does not compile. */
const LEGAL: Readonly<Record<State, Readonly<Record<Input, readonly Step['kind'][]>>>> = {
  opening: { start: ['send', 'ready'], received: ['send', 'ready'], beat: [] },
  held: { start: [], received: ['send', 'answered'], beat: ['send'] },
};

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Each registered protocol in each of its shapes, with words that a peer of it says. */
const SAMPLES: Readonly<
  Record<ProtocolName, readonly { shape: string; protocol: Protocol; words: readonly string[] }[]>
> = {
  send_expect: [
    {
      shape: 'with an answer',
      protocol: sendExpect.create({ send: bytes('PING\r\n'), expect: bytes('+PONG') }),
      words: ['+PONG\r\n', '+PO', 'NG', '-ERR\r\n'],
    },
    { shape: 'without', protocol: sendExpect.create({ send: bytes('\n'), expect: null }), words: ['hello'] },
  ],
};

test('every registered protocol has samples', () => {
  expect(Object.keys(PROTOCOLS).toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
});

/** Plays inputs as the driver would, and checks each step against the table. */
function play(session: Session, inputs: readonly (Uint8Array | 'beat')[]): void {
  let state = 'opening' as State;
  let isOutstanding = false;
  const take = (input: Input, steps: readonly Step[]): void => {
    for (const { kind } of steps) {
      expect(LEGAL[state][input], `${kind} in answer to ${input} while ${state}`).toContain(kind);
      if (kind === 'ready') state = 'held';
      if (kind === 'answered') {
        expect(isOutstanding, 'answered, and nothing was asked').toBe(true);
        isOutstanding = false;
      }
    }
  };
  take('start', session.start());
  for (const input of inputs) {
    if (input !== 'beat') {
      take('received', session.received(input));
    } else if (state === 'held' && !isOutstanding) {
      isOutstanding = true;
      take('beat', session.beat());
    }
  }
}

const rows = Object.entries(SAMPLES).flatMap(([name, samples]) => samples.map((sample) => ({ name, ...sample })));

test.each(rows)('$name $shape: whatever comes, only legal steps follow', ({ protocol, words }) => {
  const word = oneof(...words.map((each) => constant(bytes(each))));
  const inputs = array(oneof(word, uint8Array({ maxLength: 20 }), constant('beat' as const)), { maxLength: 30 });
  assert(property(inputs, (all) => play(protocol.open(), all)));
});

test.each(rows)('$name $shape: two sessions know nothing of each other', ({ protocol, words }) => {
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
  expect(run(protocol.open(), protocol.open())).toEqual(run(protocol.open(), null));
});

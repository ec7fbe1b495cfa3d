import { expect, test } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import type { Step } from '../../../src/protocols/session.ts';
import { answeredSteps } from '../../support/answered-steps.ts';
import { sessionContext } from '../../support/session-context.ts';
import type { SessionSample } from '../../support/session-samples/session-sample.ts';
import { SESSION_SAMPLES } from '../../support/session-samples/session-samples.ts';

/** The same each time. More of them: FUZZ_ROUNDS=100000, which takes minutes. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 2000);

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** The same numbers for the same seed (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Bytes changed, cut, doubled, or all of them made up; in half of the cases none. */
function mutated(words: Uint8Array, below: (bound: number) => number): Uint8Array {
  if (below(2) === 0) return words; // so that what comes late in a login is reached as well
  const changed = Uint8Array.from(words);
  switch (below(5)) {
    case 0:
      return Uint8Array.from({ length: below(60) }, () => below(256));
    case 1:
      return changed.subarray(0, below(changed.length + 1));
    case 2:
      return Uint8Array.from([...changed, ...changed]);
    default:
      for (let times = below(4); times >= 0; times--) changed[below(changed.length)] = below(256);
      return changed;
  }
}

function* piecesOf(whole: Uint8Array, below: (bound: number) => number): Generator<Uint8Array> {
  for (let at = 0; at < whole.length;) {
    const size = 1 + below(whole.length);
    yield whole.subarray(at, at + size);
    at += size;
  }
}

/** Every how many rounds the words come as they are. */
const UNCHANGED_EACH = 20;

/** What follows from the words as they are, a heartbeat asked for between two of them. */
function unchanged({ protocol, context, words }: SessionSample): readonly (readonly Step[])[] {
  const session = protocol.open(sessionContext(context));
  const seen = [answeredSteps(session, session.start())];
  for (const word of words) {
    const steps = answeredSteps(session, session.received(bytes(word)));
    seen.push(steps);
    if (seen.some((each) => each.some(({ kind }) => kind === 'ready'))) seen.push(session.beat());
  }
  return seen;
}

test.each(Object.keys(PROTOCOLS))('%s: the words of one shape at least lead to a login', (name) => {
  const shapes = SESSION_SAMPLES.filter((sample) => sample.name === name);
  const kinds = shapes.flatMap((sample) => unchanged(sample).flat()).map(({ kind }) => kind);
  expect(kinds).toContain('ready');
});

test.each(SESSION_SAMPLES)(
  '$name $shape: whatever a peer sends, nothing is thrown, no step is made up, and others get theirs',
  (sample) => {
    const { protocol, context, words } = sample;
    const known = new Set([...protocol.goodbyes.connect, ...protocol.goodbyes.held]);
    const expected = unchanged(sample);
    for (let round = 0; round < ROUNDS; round++) {
      const below = numbersFrom(round);
      const session = protocol.open(sessionContext({ ...context, ...(below(3) === 0 && { tls: true }) }));
      session.start();
      let isReady = false;
      for (const word of words) {
        const whole = mutated(bytes(word), below);
        for (const piece of piecesOf(whole, below)) {
          const steps = answeredSteps(session, session.received(piece));
          expect(steps.length, `steps in round ${round}`).toBeLessThanOrEqual(piece.length + 4);
          for (const step of steps) {
            isReady ||= step.kind === 'ready';
            if (step.kind === 'refused' || step.kind === 'goodbye') expect(known).toContain(step.goodbye);
            if ('code' in step) expect(step.code).toMatch(/^[0-9A-Za-z_.-]{1,16}$/);
          }
        }
        if (isReady && below(4) === 0) session.beat();
      }
      if (round % UNCHANGED_EACH === 0) expect(unchanged(sample), `after round ${round}`).toEqual(expected);
    }
  },
  Math.max(30_000, ROUNDS * 20),
);

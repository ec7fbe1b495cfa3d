import { expect, test } from 'vitest';
import { answeredSteps } from '../../support/answered-steps.ts';
import { sessionContext } from '../../support/session-context.ts';
import { SESSION_SAMPLES } from '../../support/session-samples/session-samples.ts';

/** As much as is read at a time. */
const PIECE_BYTES = 64 * 1024;
/** What a peer may make us write, or work out, by one piece: each write costs what thousands of its bytes do. */
const MOST_SENT = 5;
/** And all that a piece may say: a frame of a few bytes each, up to where too many of them end the connection. */
const MOST_STEPS = 2001;

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

function pieceOf(word: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: PIECE_BYTES }, (_, at) => word[at % word.length] ?? 0);
}

test.each(SESSION_SAMPLES)('$name $shape: a peer that repeats itself makes us write no more', (sample) => {
  const { protocol, context, words, more } = sample;
  const pieces = [...new Set([...words, ...more])].map((word) => pieceOf(bytes(word)));
  for (let before = 0; before <= words.length; before++) {
    for (const piece of pieces) {
      const session = protocol.open(sessionContext(context));
      answeredSteps(session, session.start());
      for (const word of words.slice(0, before)) answeredSteps(session, session.received(bytes(word)));
      const steps = session.received(piece);
      expect(steps.filter(({ kind }) => kind === 'send' || kind === 'derive').length).toBeLessThanOrEqual(MOST_SENT);
      expect(steps.length).toBeLessThanOrEqual(MOST_STEPS);
    }
  }
});

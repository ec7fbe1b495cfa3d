import type { Framer } from './framer.ts';
import type { Step } from './session.ts';

/** What a session makes of its peer's stream. */
export type FrameReader = {
  /** Of one frame, header included. */
  readonly take: (frame: Uint8Array) => readonly Step[];
  /** Of bytes that begin no frame: it says `broken`. */
  readonly broken: (beginning: Uint8Array) => readonly Step[];
};

/**
 * In one piece. Each takes up to 1.5 µs, and 64 KiB hold 32,000 of the shortest: they would hold the event loop for longer
 * than a piece may. Whoever is asked one thing at a time sends a handful.
 */
const MOST_FRAMES = 2000;
const TOO_MANY: readonly Step[] = [{ kind: 'broken', expected: 'too many frames came at a time' }];

/** The steps that follow from one piece, frame by frame. Behind a step that ends the session no more are taken. */
export function stepsOfFrames(framer: Framer, piece: Uint8Array, { take, broken }: FrameReader): readonly Step[] {
  const steps: Step[] = [];
  framer.feed(piece);
  for (let frames = 1; ; frames++) {
    const next = framer.next();
    if (next.kind === 'more') return steps;
    const more = next.kind === 'broken' ? broken(framer.begun) : frames > MOST_FRAMES ? TOO_MANY : take(next.bytes);
    steps.push(...more);
    if (!more.some(endsSession)) continue;
    framer.stop();
    return steps;
  }
}

function endsSession({ kind }: Step): boolean {
  return kind === 'refused' || kind === 'broken';
}

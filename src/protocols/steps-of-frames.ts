import type { Framer } from './framer.ts';
import type { Step } from './session.ts';

/** What a session makes of its peer's stream. */
export type FrameReader = {
  /** Of one frame, header included. */
  readonly take: (frame: Uint8Array) => readonly Step[];
  /** Of bytes that begin no frame: it says `broken`. */
  readonly broken: (beginning: Uint8Array) => readonly Step[];
};

/** The steps that follow from one piece, frame by frame. Behind a step that ends the session no more are taken. */
export function stepsOfFrames(framer: Framer, piece: Uint8Array, { take, broken }: FrameReader): readonly Step[] {
  const steps: Step[] = [];
  framer.feed(piece);
  for (;;) {
    const next = framer.next();
    if (next.kind === 'more') return steps;
    steps.push(...(next.kind === 'broken' ? broken(framer.begun) : take(next.bytes)));
    if (!steps.some(endsSession)) continue;
    framer.stop();
    return steps;
  }
}

function endsSession({ kind }: Step): boolean {
  return kind === 'refused' || kind === 'broken';
}

import type { Readable } from 'node:stream';
import type { Clock } from '../../clock/clock.ts';
import type { Splitter } from './line-splitter.ts';

/** How an answer ended. */
export type BodyEnd =
  /** The server ended it in order, after a whole object. */
  | 'ended'
  /** The connection broke, or the answer ended within an object. */
  | 'cut'
  /** An object is longer than any can be. */
  | 'tooLong'
  /** The reader wanted no more. */
  | 'refused';

/** How long objects are read before sockets and timers get their turn. One object takes well under a millisecond. */
const SLICE_MS = 2;

export type PieceReader = {
  readonly clock: Pick<Clock, 'monotonic' | 'afterPoll'>;
  readonly splitter: Splitter;
  /** Takes one object as text of JSON; false: no more is wanted. */
  readonly onObject: (text: string) => boolean;
};

/**
 * Reads an answer object by object, in slices of 2 ms: while objects wait for their slice nothing more is read from the
 * socket. Resolves with how it ended, after `body` was destroyed. Never rejects.
 */
export async function readPieces(body: Readable, { clock, splitter, onObject }: PieceReader): Promise<BodyEnd> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  let startedAt = clock.monotonic();
  try {
    for (;;) {
      const bytes = await nextOf(chunks);
      if (bytes === 'cut') return 'cut';
      if (bytes === 'ended') return splitter.isComplete ? 'ended' : 'cut';
      for (const piece of splitter.push(bytes)) {
        if (piece.kind === 'tooLong') return 'tooLong';
        if (!onObject(piece.text)) return 'refused';
        if (clock.monotonic() - startedAt < SLICE_MS) continue;
        await new Promise<void>((resolve) => clock.afterPoll(resolve));
        startedAt = clock.monotonic();
      }
    }
  } finally {
    body.destroy();
  }
}

/** Whatever broke, a reset, a chunk without its end, our own destroy: the answer is not whole. */
async function nextOf(chunks: AsyncIterator<Buffer>): Promise<Buffer | 'ended' | 'cut'> {
  try {
    const next = await chunks.next();
    return next.done === true ? 'ended' : next.value;
  } catch {
    return 'cut';
  }
}

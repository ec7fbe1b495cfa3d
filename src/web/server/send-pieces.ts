import type { Response } from 'express';
import { createGzipPieces } from './gzip-pieces.ts';
import type { Clock } from '../../clock/clock.ts';

export type Sending = {
  readonly pieces: AsyncIterable<string | Uint8Array>;
  readonly gzip: boolean;
  readonly clock: Clock;
  /** After this long the response is destroyed: a part of it under a 200 would look like the whole. */
  readonly deadlineMs: number;
};

/**
 * Writes a body piece by piece, at the pace of the reader: nothing is made that the socket would not take. Resolves with
 * `ok` when the last byte was handed to the kernel, with `aborted` when the client went away or the deadline passed.
 */
export async function sendPieces(
  response: Response,
  { pieces, gzip, clock, deadlineMs }: Sending,
): Promise<'ok' | 'aborted'> {
  const closed = new Promise<'aborted'>((resolve) => void response.once('close', () => resolve('aborted')));
  const deadline = clock.after(deadlineMs, () => response.destroy());
  try {
    const compressed = gzip ? createGzipPieces() : null;
    if (compressed) response.setHeader('Content-Encoding', 'gzip');
    for await (const piece of pieces) {
      if (response.destroyed) return 'aborted';
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      if (!response.write(compressed ? compressed.push(bytes) : bytes)) await Promise.race([drained(response), closed]);
    }
    if (response.destroyed) return 'aborted';
    const finished = new Promise<'ok'>((resolve) => void response.once('finish', () => resolve('ok')));
    response.end(compressed?.end());
    return await Promise.race([finished, closed]);
  } finally {
    deadline.cancel();
  }
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => void response.once('drain', () => resolve()));
}

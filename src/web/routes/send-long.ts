import type { Request, Response } from 'express';
import type { Clock } from '../../clock/clock.ts';
import { sendPieces } from '../server/send-pieces.ts';

/** A slow reader loses its connection instead of keeping its place for ever. */
const LONGEST_MS = 60_000;

export type LongAnswer = { readonly pieces: AsyncIterable<string>; readonly clock: Clock };

/** Sends what may be long: compressed where the client takes it, at the pace of its reader. A HEAD gets the headers alone. */
export async function sendLong(request: Request, response: Response, { pieces, clock }: LongAnswer): Promise<void> {
  response.setHeader('Cache-Control', 'no-store').setHeader('Vary', 'Accept-Encoding');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const gzip = request.acceptsEncodings('gzip') === 'gzip';
  await sendPieces(response, { pieces, gzip, clock, deadlineMs: LONGEST_MS });
}

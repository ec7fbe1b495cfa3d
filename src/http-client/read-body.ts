import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { failureOf, type HttpFailure } from './open-response.ts';

export type BodyResult = { readonly kind: 'body'; readonly bytes: Uint8Array } | HttpFailure;

export type BodyOptions = {
  /** After decompression. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
};

/**
 * Reads the body of a response to its end, decompressed where it is gzip. A body that is cut off, too long or compressed in
 * another way is a failure, and the connection is closed then. Never rejects for what a server does.
 */
export async function readBody(response: IncomingMessage, { mostBytes, signal }: BodyOptions): Promise<BodyResult> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip') {
    response.destroy();
    return { kind: 'failed', why: 'answered in a content encoding that it was not asked for' };
  }
  // What ends one of the two ends both; the error is what reading rejects with.
  const body: Readable = encoding === 'identity' ? response : pipeline(response, createGunzip(), () => {});
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      total += piece.length;
      if (total > mostBytes) {
        return { kind: 'failed', why: `answered with more than ${Math.floor(mostBytes / 1024 / 1024)} MiB` };
      }
      pieces.push(piece);
    }
    return { kind: 'body', bytes: Buffer.concat(pieces, total) };
  } catch (error) {
    return whyCut(error, signal);
  } finally {
    response.destroy();
  }
}

function whyCut(error: unknown, signal: AbortSignal): HttpFailure {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!signal.aborted && code.startsWith('Z_'))
    return { kind: 'failed', why: 'answered with gzip that is cut off or broken' };
  if (!signal.aborted && code === 'ECONNRESET') return { kind: 'failed', why: 'cut its answer off' };
  return failureOf(error, signal);
}

import type { Clock } from '../../clock/clock.ts';
import type { ApiClient } from './api-client.ts';
import type { Splitter } from './line-splitter.ts';
import { type BodyEnd, readPieces } from './read-pieces.ts';

export type ExchangeOptions = {
  readonly client: Pick<ApiClient, 'get'>;
  readonly clock: Clock;
  readonly path: string;
  readonly splitter: Splitter;
  /** How long the answer may take in all, from its headers on. */
  readonly withinMs: number;
  /** Ends the exchange whenever it is aborted. */
  readonly signal: AbortSignal;
  /** Called when the answer is a good one, before its first object. */
  readonly onAccepted: () => void;
  /** Takes one object as text of JSON; false: no more is wanted. */
  readonly onObject: (text: string) => boolean;
};

/** What came of one request. */
export type Exchange =
  | { readonly kind: 'read'; readonly end: BodyEnd; readonly lastedMs: number }
  /** Any status but 200. */
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed'; readonly why: string };

/** Asks the API server and reads the objects of its answer. Never rejects. */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  const { client, clock, path, splitter, withinMs, signal, onAccepted, onObject } = options;
  const answer = await client.get({ path, signal });
  if (answer.kind === 'failed') return answer;
  const { status, retryAfterMs, body } = answer;
  if (status !== 200) {
    // What it says is of no use, and could be of any length.
    body.destroy();
    return { kind: 'refused', status, retryAfterMs };
  }
  const startedAt = clock.monotonic();
  const deadline = clock.after(withinMs, () => body.destroy());
  onAccepted();
  const end = await readPieces(body, { clock, splitter, onObject });
  deadline.cancel();
  return { kind: 'read', end, lastedMs: clock.monotonic() - startedAt };
}

import type { ApiOutcome } from '../../domain/events/discovery-events.ts';
import type { Exchange } from './exchange.ts';

/** What one request of a loop came to, and with that what the loop does next. */
export type Attempt =
  /** The server ended it in order, after this long. */
  | { readonly kind: 'ended'; readonly lastedMs: number }
  /** It was good and broke. What was known before is still good. */
  | { readonly kind: 'cut' }
  /** The server does not know the version any more: the objects are read anew. */
  | { readonly kind: 'expired' }
  /** The server cannot begin a watch with the objects that are there. */
  | { readonly kind: 'noInitialEvents' }
  | { readonly kind: 'failed'; readonly outcome: FailedOutcome; readonly why: string; readonly retryAfterMs: number };

export type FailedOutcome = Exclude<ApiOutcome, 'ok' | 'expired'>;

/** How the outcome of an attempt is counted. */
export function outcomeOf(attempt: Attempt): ApiOutcome {
  switch (attempt.kind) {
    case 'ended':
      return 'ok';
    case 'cut':
      return 'network';
    case 'expired':
      return 'expired';
    case 'noInitialEvents':
      return 'server_error';
    case 'failed':
      return attempt.outcome;
  }
}

/** What a request without a good answer came to. `what` names it: `watch pods in namespace payments`. */
export function refusedAttempt(refused: Exclude<Exchange, { readonly kind: 'read' }>, what: string): Attempt {
  if (refused.kind === 'failed') return failed('network', refused.why);
  const { status } = refused;
  const retryAfterMs = refused.retryAfterMs ?? 0;
  if (status === 410) return { kind: 'expired' };
  if (status === 401)
    return failed('unauthorized', `the API server does not take the token or certificate (401), asked to ${what}`);
  if (status === 403) {
    const rights = 'this configuration needs list and watch on them';
    return failed('forbidden', `may not ${what} (403); ${rights}: see finrst check --rbac`);
  }
  const outcome = status === 429 ? 'throttled' : 'server_error';
  return { kind: 'failed', outcome, retryAfterMs, why: `the API server answered ${status}, asked to ${what}` };
}

/** What an ERROR event in a watch, with the code of an HTTP status, came to. */
export function errorAttempt(code: number, what: string): Attempt {
  return refusedAttempt({ kind: 'refused', status: code, retryAfterMs: null }, what);
}

export function failed(outcome: FailedOutcome, why: string): Attempt {
  return { kind: 'failed', outcome, why, retryAfterMs: 0 };
}

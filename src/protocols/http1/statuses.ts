import type { Goodbye, GoodbyeSet } from '../../domain/goodbye.ts';

/** What an answer says of the server, whether it refuses with it or leaves. */
const OF_SERVER: Readonly<Record<number, Goodbye>> = {
  408: 'idle_limit',
  429: 'slow_down',
  500: 'server_error',
  502: 'not_ready',
  503: 'overloaded',
  504: 'not_ready',
};

/** What it says of our request. */
const OF_REQUEST: Readonly<Record<number, Goodbye>> = {
  400: 'protocol_error',
  401: 'auth_method',
  403: 'forbidden',
  404: 'not_found',
  426: 'protocol_error',
};

const UNAUTHORIZED = 401;

/** Those by which a proxy says that nobody answers behind it. */
const NO_ANSWER: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether a status is no sign of life: a proxy gives it that keeps its client. */
export function isNoAnswer(status: number): boolean {
  return NO_ANSWER.has(status);
}

/** What a status means that refuses a connection; null: none of those that are known. `hasCredentials`: we sent some. */
export function refusalOf(status: number, hasCredentials: boolean): Goodbye | null {
  if (status === UNAUTHORIZED && hasCredentials) return 'auth_failed';
  return OF_SERVER[status] ?? OF_REQUEST[status] ?? null;
}

/** What it means in the last answer of a held connection; null: nothing beside the end itself. */
export function goodbyeOf(status: number): Goodbye | null {
  return OF_SERVER[status] ?? null;
}

const ofServer = new Set(Object.values(OF_SERVER));

/** Every word of `refusalOf`. */
export const REFUSALS: readonly Goodbye[] = [...ofServer, ...new Set(Object.values(OF_REQUEST)), 'auth_failed'];

/** What is said by HTTP alone. */
export const HTTP_GOODBYES: GoodbyeSet = { connect: REFUSALS, held: [...ofServer, 'going_away', 'other'] };

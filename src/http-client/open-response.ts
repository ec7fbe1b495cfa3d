import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { safeText } from '../text/safe-text.ts';
import type { RequestTls } from './client-credentials.ts';

/** One GET request. */
export type HttpRequest = {
  readonly url: URL;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  /** For https; what a plain request does not use. */
  readonly tls: RequestTls;
  /** Ends the request and its body, at any time. */
  readonly signal: AbortSignal;
  /** Called with the socket before it is connected, to set its options. */
  readonly onSocket?: (socket: Socket) => void;
};

export type OpenedResponse =
  /** Status and headers are there. The body flows once somebody reads it; who does not must destroy it. */
  { readonly kind: 'response'; readonly response: IncomingMessage } | HttpFailure;

/** No answer, or no whole one. `why` is the end of a sentence that begins with the server; it holds no URL and no secret. */
export type HttpFailure = { readonly kind: 'failed'; readonly why: string };

const ERROR_WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refused the connection'],
  ['ECONNRESET', 'cut the connection off'],
  ['EPIPE', 'cut the connection off'],
  ['ENOTFOUND', 'has no address: there is no such name'],
  ['EAI_AGAIN', 'has no address: the name servers do not answer'],
  ['ETIMEDOUT', 'cannot be reached (ETIMEDOUT)'],
  ['EHOSTUNREACH', 'cannot be reached (EHOSTUNREACH)'],
  ['ENETUNREACH', 'cannot be reached (ENETUNREACH)'],
]);
/** What an error of the runtime or a peer says beyond this is of no use in a line of a log. */
const LONGEST_WHY = 300;

/**
 * Sends one request over a connection of its own, which is closed behind the answer, and resolves with the answer's head.
 * Follows no redirect and has no deadline but the signal. Never rejects for what a server or a network does.
 */
export function openResponse({ url, headers, tls, signal, onSocket }: HttpRequest): Promise<OpenedResponse> {
  const { promise, resolve } = Promise.withResolvers<OpenedResponse>();
  if (signal.aborted) return Promise.resolve({ kind: 'failed', why: 'was given up' });
  const common = { method: 'GET', headers, signal, agent: false } as const;
  const sent = url.protocol === 'https:' ? requestHttps(url, { ...common, ...tls }) : requestHttp(url, common);
  if (onSocket !== undefined) sent.on('socket', onSocket);
  sent.on('response', (response) => {
    // Who reads the body hears of an error by reading; after that an error of the connection is nobody's news.
    response.on('error', () => {});
    resolve({ kind: 'response', response });
  });
  // A server that switches protocols without being asked keeps the socket: it must not stay open.
  sent.on('upgrade', (_response, socket) => {
    socket.destroy();
    resolve({ kind: 'failed', why: 'switched to another protocol' });
  });
  sent.on('error', (error) => resolve(failureOf(error, signal)));
  sent.end();
  return promise;
}

/** What an error says, as the end of a sentence. A request that its own signal ended was given up. */
export function failureOf(error: unknown, signal: AbortSignal): HttpFailure {
  if (signal.aborted) return { kind: 'failed', why: 'was given up' };
  const { code, message } = error as NodeJS.ErrnoException;
  return { kind: 'failed', why: whyOf(code, message) };
}

function whyOf(code: string | undefined, message: string): string {
  const known = code === undefined ? undefined : ERROR_WORDS.get(code);
  if (known !== undefined) return known;
  const text = safeText(message);
  return `failed: ${text.length > LONGEST_WHY ? `${text.slice(0, LONGEST_WHY)}...` : text}`;
}

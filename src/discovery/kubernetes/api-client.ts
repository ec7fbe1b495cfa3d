import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../clock/clock.ts';
import { openResponse } from '../../http-client/open-response.ts';
import type { KubernetesServer } from '../../settings/kubernetes-settings.ts';
import type { ConfigureSocket } from '../peer-source.ts';
import { type AccessContext, type ApiAccess, readAccess } from './api-access.ts';

/** What the client may use of the outside. */
export type ApiContext = AccessContext & {
  readonly clock: Clock;
  readonly configureSocket: ConfigureSocket;
  /** Of the header User-Agent. */
  readonly version: string;
};

export type ApiAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Of the header Retry-After; null: there is none of use. */
      readonly retryAfterMs: number | null;
      readonly body: IncomingMessage;
    }
  /** The request was given up, or there was none: `why` is the end of a sentence. */
  | { readonly kind: 'failed'; readonly why: string };

/** An answer begins within this, or the server does not answer: a list of a large cluster takes it seconds to prepare. */
const HEADERS_WITHIN_MS = 60_000;
/**
 * A server that is gone is found out after 40 to 45 s, also while nothing is sent. The interval and the count are those of
 * libuv, which sets them where only the runtime can be asked.
 */
const HALF_OPEN = { keepalive: { idleSeconds: 30, intervalSeconds: 1, count: 10 }, userTimeoutMs: 45_000 };
/** A server cannot keep us away for longer by a header. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export type ApiRequest = {
  /** Path and query. */
  readonly path: string;
  /** Ends the request, or the answer, whenever it is aborted. */
  readonly signal: AbortSignal;
};

/** Asks the API server. Each request has a connection of its own and reads tokens and certificates again. */
export class ApiClient {
  readonly #server: KubernetesServer;
  readonly #context: ApiContext;

  constructor(server: KubernetesServer, context: ApiContext) {
    this.#server = server;
    this.#context = context;
  }

  /** Resolves when the headers of an answer are there. Never rejects. The caller reads or destroys the body. */
  async get({ path, signal }: ApiRequest): Promise<ApiAnswer> {
    const access = await readAccess(this.#server, this.#context);
    if (access.kind === 'failed') return access;
    if (signal.aborted) return { kind: 'failed', why: 'was given up' };
    return this.#send(access.access, { path, signal });
  }

  async #send({ url, authorization, tls }: ApiAccess, { path, signal }: ApiRequest): Promise<ApiAnswer> {
    const { clock, configureSocket, version } = this.#context;
    const late = new AbortController();
    const deadline = clock.after(HEADERS_WITHIN_MS, () => late.abort());
    const opened = await openResponse({
      url: new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
      headers: {
        accept: 'application/json',
        'user-agent': `finrst/${version}`,
        ...(authorization !== null && { authorization }),
      },
      tls,
      signal: AbortSignal.any([signal, late.signal]),
      onSocket: (socket) => {
        socket.once('connect', () => {
          if (!configureSocket(socket, HALF_OPEN)) socket.setKeepAlive(true, HALF_OPEN.keepalive.idleSeconds * 1000);
        });
      },
    });
    deadline.cancel();
    if (opened.kind === 'failed') {
      const why = late.signal.aborted ? `did not answer within ${HEADERS_WITHIN_MS / 1000}s` : opened.why;
      return { kind: 'failed', why: `${url.host} ${why}` };
    }
    const { response } = opened;
    return {
      kind: 'answered',
      status: response.statusCode ?? 0,
      retryAfterMs: retryAfterOf(response),
      body: response,
    };
  }
}

/** Whole seconds or a date, RFC 9110 10.2.3; the API server sends seconds. */
function retryAfterOf({ headers }: IncomingMessage): number | null {
  const text = headers['retry-after'];
  if (text === undefined || !/^\d{1,9}$/.test(text)) return null;
  return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER_MS);
}

import type { IncomingMessage } from 'node:http';
import type { Credentials, RequestTls } from './client-credentials.ts';
import { type HttpFailure, openResponse } from './open-response.ts';
import { readBody } from './read-body.ts';

export type DocumentRequest = {
  readonly url: string;
  /** Sent to every server that is asked. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the server of `url` alone, like its credentials: a redirect elsewhere must not carry them off. */
  readonly ownHeaders: Readonly<Record<string, readonly string[]>>;
  readonly credentials: Credentials;
  readonly followRedirects: boolean;
  /** What the content type must be; another one is a failure. */
  readonly contentType: RegExp;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
};

export type DocumentResult = { readonly kind: 'document'; readonly bytes: Uint8Array } | HttpFailure;

/** As many as Go's client follows. */
const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/**
 * Gets one document: status 200, the right content type, the whole body. Redirects are followed, but never from https to
 * http; user names in their targets are dropped. Never rejects for what a server or a network does.
 */
export async function fetchDocument(request: DocumentRequest): Promise<DocumentResult> {
  let url = new URL(request.url);
  let isOwn = true;
  for (let redirects = 0; ; redirects += 1) {
    const opened = await openResponse({ url, ...whatIsSent(request, isOwn), signal: request.signal });
    if (opened.kind === 'failed') return opened;
    const { response } = opened;
    if (!request.followRedirects || !REDIRECTS.has(response.statusCode)) return readDocument(response, request);
    response.destroy();
    if (redirects === MOST_REDIRECTS) return failed(`redirects more than ${MOST_REDIRECTS} times`);
    const next = redirectTarget(response, url);
    if (next.kind === 'failed') return next;
    // Credentials that were left out once stay out: the way back would be somebody else's idea.
    isOwn &&= isSameServer(new URL(request.url), next.url);
    url = next.url;
  }
}

/** The name that a certificate must have belongs to the server that the configuration names, as credentials do. */
function whatIsSent({ headers, ownHeaders, credentials }: DocumentRequest, isOwn: boolean) {
  const { authorization, tls } = credentials;
  if (!isOwn) return { headers, tls: tlsOfOthers(tls) };
  const own = Object.fromEntries(Object.entries(ownHeaders).map(([name, values]) => [name, [...values]]));
  return { headers: { ...headers, ...own, ...(authorization !== null && { authorization }) }, tls };
}

function tlsOfOthers({ rejectUnauthorized, minVersion, secureContext }: RequestTls): RequestTls {
  return { rejectUnauthorized, minVersion, secureContext };
}

async function readDocument(response: IncomingMessage, request: DocumentRequest): Promise<DocumentResult> {
  const { contentType, mostBytes, signal } = request;
  const problem = headProblem(response, contentType);
  if (problem !== null) {
    response.destroy();
    return failed(problem);
  }
  const body = await readBody(response, { mostBytes, signal });
  return body.kind === 'body' ? { kind: 'document', bytes: body.bytes } : body;
}

function headProblem({ statusCode, headers }: IncomingMessage, contentType: RegExp): string | null {
  if (statusCode !== 200) return `answered ${statusCode}`;
  const found = headers['content-type'];
  if (found === undefined) return 'answered without a content type';
  return contentType.test(found.trim()) ? null : 'answered with another content type than application/json';
}

type RedirectTarget = { readonly kind: 'target'; readonly url: URL } | HttpFailure;

function redirectTarget({ headers }: IncomingMessage, from: URL): RedirectTarget {
  const { location = '' } = headers;
  if (location === '' || !URL.canParse(location, from.href)) return failed('redirects to no URL');
  const url = new URL(location, from);
  url.username = '';
  url.password = '';
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return failed('redirects to a URL of neither http nor https');
  if (from.protocol === 'https:' && url.protocol === 'http:') return failed('redirects from https to http');
  return { kind: 'target', url };
}

/** From http to https of one host is the same server, too: `port` is empty where it is the scheme's own. */
function isSameServer(one: URL, other: URL): boolean {
  return one.hostname === other.hostname && one.port === other.port;
}

function failed(why: string): HttpFailure {
  return { kind: 'failed', why };
}

import type { Http1Settings } from '../../settings/protocol-settings.ts';
import type { ProtocolKind, SessionContext } from '../session.ts';
import { HttpSession } from './http-session.ts';
import { authorization, requestBytes } from './request.ts';
import { HTTP_GOODBYES } from './statuses.ts';

/** Servers of HTTP/1.1, by connections that stay (RFC 9112): a HEAD request again and again. */
export const http: ProtocolKind<'http'> = {
  name: 'http',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: ['http/1.1'],
    goodbyes: HTTP_GOODBYES,
    open: (context) =>
      new HttpSession({ request: requestOf(settings, context), hasCredentials: context.password !== null }),
  }),
};

/** Null: the credentials cannot stand in a header. */
function requestOf({ username, path, host }: Http1Settings, context: SessionContext): Uint8Array | null {
  const { password } = context;
  const credentials = password === null ? '' : authorization(username, password);
  if (credentials === null) return null;
  const lines = ['Connection: keep-alive', ...(credentials === '' ? [] : [`Authorization: ${credentials}`])];
  return requestBytes({ method: 'HEAD', path, host, lines }, context);
}

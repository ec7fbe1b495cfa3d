import type { WebSocketSettings } from '../../settings/protocol-settings.ts';
import { parseHeaderFields } from '../../text/header-fields.ts';
import { latin1 } from '../latin1.ts';
import type { ProtocolKind, SessionContext } from '../session.ts';
import { authorization, requestBytes } from './request.ts';
import { WEBSOCKET_GOODBYES } from './websocket-goodbyes.ts';
import { WebSocketSession } from './websocket-session.ts';

const KEY_BYTES = 16;

/** Servers of WebSocket (RFC 6455): the upgrade of HTTP/1.1 is the login, a ping the heartbeat. */
export const websocket: ProtocolKind<'websocket'> = {
  name: 'websocket',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: ['http/1.1'],
    goodbyes: WEBSOCKET_GOODBYES,
    open(context) {
      const { random, password } = context;
      const key = btoa(latin1(random(KEY_BYTES)));
      return new WebSocketSession({
        request: requestOf(settings, context, key),
        key,
        subprotocol: settings.subprotocol,
        hasCredentials: password !== null,
        random,
      });
    },
  }),
};

/** Null: the credentials cannot stand in a header. */
function requestOf(settings: WebSocketSettings, context: SessionContext, key: string): Uint8Array | null {
  const { path, host, origin, subprotocol } = settings;
  const credentials = context.password === null ? [] : credentialLines(settings, context.password);
  if (credentials === null) return null;
  const lines = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...(subprotocol === null ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...credentials,
  ];
  return requestBytes({ method: 'GET', path, host, lines }, context);
}

/** Null: what the file holds by now can be no header. */
function credentialLines({ username, credentials }: WebSocketSettings, secret: string): readonly string[] | null {
  if (credentials === 'headers') {
    const parsed = parseHeaderFields(secret);
    return parsed.kind === 'fields' ? parsed.lines : null;
  }
  const value = authorization(username, secret);
  return value === null ? null : [`Authorization: ${value}`];
}

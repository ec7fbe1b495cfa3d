import type { RequestHandler } from 'express';
import type { Credentials, PasswordCheck } from './password-check.ts';
import { refuse } from './places.ts';
import { sourceOf } from './source-address.ts';

export type BasicAuthOptions = {
  /** The users as they are now; none: everything is open. */
  readonly users: () => Readonly<Record<string, string>>;
  readonly passwords: PasswordCheck;
  /** Paths that stay open, for probes that know no password. */
  readonly open: ReadonlySet<string>;
};

/** HTTP basic authentication (RFC 7617) by the users of the web configuration. */
export function basicAuth({ users, passwords, open }: BasicAuthOptions): RequestHandler {
  return async (request, response, next) => {
    const required = users();
    if (Object.keys(required).length === 0 || open.has(request.path)) {
      next();
      return;
    }
    const given = credentials(request.headers.authorization);
    const verdict =
      given === null ? 'wrong' : await passwords.check(required, given, sourceOf(request.socket.remoteAddress));
    if (verdict === 'right') {
      next();
      return;
    }
    if (verdict === 'busy') {
      refuse(response, 'too many passwords to check; try again in a second\n');
      return;
    }
    response.status(401).setHeader('WWW-Authenticate', 'Basic realm="finrst", charset="UTF-8"');
    response.type('text/plain').send('unauthorized\n');
  };
}

function credentials(header: string | undefined): Credentials | null {
  const encoded = /^basic ([a-z0-9+/=_-]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? null : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

import { isHeaderValue } from '../../text/http-header.ts';
import { joinBytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';
import type { SessionContext } from '../session.ts';
import { targetAuthority } from '../target-authority.ts';

/** What every request says: where it goes, and who asks. */
export type Asking = {
  readonly method: 'HEAD' | 'GET';
  readonly path: string;
  /** What `Host` says; null: the target. */
  readonly host: string | null;
  /** Lines behind these, without their ends. */
  readonly lines: readonly string[];
};

/** A request without a body. */
export function requestBytes({ method, path, host, lines }: Asking, context: SessionContext): Uint8Array {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host ?? targetAuthority(context)}`,
    `User-Agent: ${context.userAgent}`,
    ...lines,
  ];
  return joinBytes(`${head.join('\r\n')}\r\n\r\n`);
}

/**
 * What stands behind `Authorization:`, by a user name and a password (RFC 7617, in UTF-8) or, without a user name, the whole
 * value as the file has it. Null: it would end its line.
 */
export function authorization(username: string | null, secret: string): string | null {
  if (username !== null) return `Basic ${btoa(latin1(joinBytes(username, ':', secret)))}`;
  return isHeaderValue(secret) ? secret : null;
}

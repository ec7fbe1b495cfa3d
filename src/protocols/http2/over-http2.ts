import type { Protocol, SessionContext } from '../session.ts';
import { targetAuthority } from '../target-authority.ts';
import { headerBlock } from './header-block.ts';
import { HTTP2_GOODBYES } from './http2-goodbyes.ts';
import { Http2Session } from './http2-session.ts';

/** What is asked, as login and as each heartbeat. */
export type Asking = {
  readonly method: string;
  readonly path: string;
  /** What `:authority` says; null: the target. */
  readonly authority: string | null;
  /** Fields behind those of every request, `user-agent` last. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** What the request carries; null: nothing. */
  readonly message: Uint8Array | null;
};

/** One request over HTTP/2 again and again, over TLS or, where the group has none, with prior knowledge. */
export function overHttp2({ method, path, authority, fields = [], message }: Asking): Protocol {
  const headersTo = (context: SessionContext): Uint8Array =>
    headerBlock([
      [':method', method],
      [':scheme', context.tls ? 'https' : 'http'],
      [':authority', authority ?? targetAuthority(context)],
      [':path', path],
      ...fields,
      ['user-agent', context.userAgent],
    ]);
  return {
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: ['h2'],
    goodbyes: HTTP2_GOODBYES,
    open: (context) => new Http2Session({ headers: headersTo(context), message }),
  };
}

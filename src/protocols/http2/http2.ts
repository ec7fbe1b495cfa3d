import type { ProtocolKind } from '../session.ts';
import { headerBlock } from './header-block.ts';
import { HTTP2_GOODBYES } from './http2-goodbyes.ts';
import { Http2Session } from './http2-session.ts';
import { targetAuthority } from './target-authority.ts';

/** Servers of HTTP/2, by TLS or, where the group has none, with prior knowledge: a HEAD request again and again. */
export const http2: ProtocolKind<'http2'> = {
  name: 'http2',
  create: ({ path, authority }) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: ['h2'],
    goodbyes: HTTP2_GOODBYES,
    open: (context) =>
      new Http2Session({
        headers: headerBlock([
          [':method', 'HEAD'],
          [':scheme', context.tls ? 'https' : 'http'],
          [':authority', authority ?? targetAuthority(context)],
          [':path', path],
          ['user-agent', context.userAgent],
        ]),
        message: null,
      }),
  }),
};

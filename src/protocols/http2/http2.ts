import type { ProtocolKind } from '../session.ts';
import { overHttp2 } from './over-http2.ts';

/** Servers of HTTP/2: a HEAD request. */
export const http2: ProtocolKind<'http2'> = {
  name: 'http2',
  create: ({ path, authority }) => overHttp2({ method: 'HEAD', path, authority, message: null }),
};

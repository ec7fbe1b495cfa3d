/** A server of HTTP/2 by Node.js, for the rows of node-http2.ts. Run as its own process: port, certificate or '', behaviour. */
import { readFileSync } from 'node:fs';
import { constants, createSecureServer, createServer, type ServerHttp2Session } from 'node:http2';

const [port = '0', certificate = '', behaviour = ''] = process.argv.slice(2);
const pem = certificate === '' ? null : readFileSync(certificate);
const server = pem === null ? createServer() : createSecureServer({ key: pem, cert: pem });
const sessions = new Set<ServerHttp2Session>();

server.on('session', (session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session)).on('error', () => undefined);
  if (behaviour.startsWith('timeout='))
    session.setTimeout(Number(behaviour.slice('timeout='.length)), () => session.close());
});
server.on('stream', (stream) => {
  stream.on('error', () => undefined); // of a stream that is refused
  if (behaviour === 'refuse') stream.close(constants.NGHTTP2_REFUSED_STREAM);
  else if (behaviour === 'pings') stream.session?.ping(() => stream.respond({ ':status': 500 }, { endStream: true }));
  else stream.respond({ ':status': 404 }, { endStream: true });
});
server.listen(Number(port), '127.0.0.1');

/** An operator's word: SIGUSR2 sends everybody away for asking too much, SIGHUP for an error, SIGTERM in order. */
process.on('SIGUSR2', () =>
  sessions.forEach((session) => session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'))),
);
process.on('SIGHUP', () => sessions.forEach((session) => session.destroy(new Error('broken'))));
process.on('SIGTERM', () => {
  server.close(() => process.exit());
  sessions.forEach((session) => session.close());
});

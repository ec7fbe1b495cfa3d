/** A server of HTTP/1.1 by Node.js, for the rows of node-http.ts. Run as its own process: port, keepAliveTimeout in ms, behaviour. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';

const [port = '0', keptMs = '0', behaviour = ''] = process.argv.slice(2);
const sockets = new Set<Socket>();
const server = createServer({ keepAliveTimeout: Number(keptMs) }, (_, response) => {
  // Without the header nobody says how long a silent connection is kept.
  if (behaviour === 'unsaid') response.setHeader('Keep-Alive', 'x');
  if (behaviour === 'closes') response.setHeader('Connection', 'close');
  response.writeHead(behaviour === 'closes' ? 429 : 404).end();
});
server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
server.listen(Number(port), '127.0.0.1');

/** An operator's word: SIGUSR2 has each connection say 408, as servers do that waited for a request; SIGTERM ends in order. */
process.on('SIGUSR2', () =>
  sockets.forEach((socket) => socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')),
);
process.on('SIGTERM', () => server.close(() => process.exit()));

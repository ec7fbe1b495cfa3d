/** A server of WebSocket by the package ws, for the rows of ws.ts. Run as its own process: port, behaviour. */
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

const [port = '0', behaviour = ''] = process.argv.slice(2);
const server = new WebSocketServer({ noServer: true });
const http = createServer((_, response) => response.writeHead(426).end());

http.on('upgrade', (request, socket: Duplex, head) => {
  socket.on('error', () => undefined);
  if (behaviour === 'wants-token' && request.headers.authorization !== 'Bearer token-of-finrst') {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  if (behaviour === 'wants-cookie' && request.headers.cookie?.split('; ').includes('session=of-finrst') !== true) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  server.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => undefined);
    if (behaviour === 'greets') talk(client);
    // As the documentation of ws has it: who does not answer a ping is let go.
    if (behaviour === 'wants-pongs') letGoWithout(client);
  });
});
http.listen(Number(port), '127.0.0.1');

function talk(client: WebSocket): void {
  client.send('x'.repeat(70_000));
  setInterval(() => client.send(Buffer.alloc(300)), 100).unref();
}

function letGoWithout(client: WebSocket): void {
  let isAlive = true;
  client.on('pong', () => (isAlive = true));
  setInterval(() => {
    if (!isAlive) client.terminate();
    isAlive = false;
    client.ping();
  }, 500).unref();
}

/** An operator's word: SIGUSR2 closes for a restart, SIGHUP without a word, SIGTERM in order. */
process.on('SIGUSR2', () => server.clients.forEach((client) => client.close(1012, 'restart')));
process.on('SIGHUP', () => server.clients.forEach((client) => client.terminate()));
process.on('SIGTERM', () => {
  http.close(() => process.exit());
  server.clients.forEach((client) => client.close(1001));
});

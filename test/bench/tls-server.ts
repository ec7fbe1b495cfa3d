import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { once } from 'node:events';
import { tlsFile } from '../support/tls-peer.ts';
import { answerBench } from './holders/answer-bench.ts';

/** Peers with TLS, for the holders that have it: accepts, reads, and answers how many it has. */
const live = new Set<Socket>();
const server = createServer({ key: readFileSync(tlsFile('server.key')), cert: readFileSync(tlsFile('server.pem')) });
server.on('secureConnection', (socket) => {
  live.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => live.delete(socket));
  socket.resume();
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
await once(server, 'listening');
answerBench([String((server.address() as AddressInfo).port)], { count: () => String(live.size) });

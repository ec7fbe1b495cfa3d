import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../../src/web/server/listen.ts';

test('many connections are accepted in one turn of the event loop', async () => {
  const accepted: number[] = [];
  let turn = 0;
  const bound = await listen('127.0.0.1:0', () => createServer().on('connection', () => accepted.push(turn)));
  if (bound.kind === 'failed') throw new Error(bound.problem);
  onTestFinished(() => bound.servers.forEach((server: Server) => void server.close()));
  const port = Number(bound.address.split(':').at(-1));
  const clients = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => clients.forEach((client) => void client.destroy()));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  while (accepted.length < 200) {
    turn++;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  // One socket would have needed 200 turns.
  expect(new Set(accepted).size).toBeLessThan(60);
});

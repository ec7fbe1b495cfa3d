// A plain pool of connections to Redis on node:net. Says "ready" once each has had an answer, and then what became of each.
//
// usage: node-pool.mjs HOST PORT SIZE wait|write|forget; wait: for messages, with keepalive; write: a command once a line
// of the input came; forget: connections of the pool are half-open when the peer closes (`allowHalfOpen`), and nobody looks.
import { once } from 'node:events';
import { connect } from 'node:net';

const [host, port, size, mode] = process.argv.slice(2);
const held = await Promise.all(
  Array.from({ length: Number(size) }, async () => {
    const socket = connect({ host, port: Number(port), allowHalfOpen: mode === 'forget' });
    if (mode === 'wait') socket.setKeepAlive(true, 1000);
    socket.write(mode === 'wait' ? 'SUBSCRIBE news\r\n' : 'PING\r\n');
    await once(socket, 'data');
    return socket;
  }),
);
for (const socket of held) {
  let words = 'the server has closed';
  socket.on('error', (error) => (words = error.message)).resume();
  socket.once('close', () => process.stderr.write(`${words}\n`));
}
process.stdin.on('data', () => held.forEach((socket) => socket.write('PING\r\n'))).on('end', () => process.exit(0));
process.stdout.write('ready\n');
await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
process.exit(1);

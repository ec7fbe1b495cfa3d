// The peers of one zone: every address of its namespace, each port with a conduct of its own.
// peers.mjs CONDUCT=PORT...   prints `ready` when it listens on all of them
// A line on its input, {"how": "end" or "resetAndDestroy", "local": PREFIX, "remote": PREFIX}, ends the connections between those addresses.
import net from 'node:net';
import readline from 'node:readline';

const between = (least, most) => least + Math.random() * (most - least);

const CONDUCTS = {
  silent: (socket) => socket.resume(),
  answering: (socket) => socket.on('data', () => socket.write('+PONG\r\n')),
  chatty(socket) {
    socket.resume();
    const timer = setInterval(() => socket.write('.'), 1500);
    socket.on('close', () => clearInterval(timer));
  },
  // Gives up a client that says nothing for 1.5 s, in order.
  impatient(socket) {
    let timer = setTimeout(() => socket.end(), 1500);
    socket.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), 1500);
    });
    socket.on('close', () => clearTimeout(timer));
  },
  // Says one byte at a random age, so that silences do not begin with the connection.
  greeting(socket) {
    socket.resume();
    const timer = setTimeout(() => socket.write('.'), between(200, 6000));
    socket.on('close', () => clearTimeout(timer));
  },
  // Speaks at random, and closes each connection when it is 10 s old.
  aging(socket) {
    socket.resume();
    let timer;
    const speak = () => {
      socket.write('.');
      timer = setTimeout(speak, between(200, 2000));
    };
    speak();
    const end = setTimeout(() => socket.end(), 10_000);
    socket.on('close', () => [timer, end].forEach(clearTimeout));
  },
  unread: (socket) => socket.pause(),
};

const sockets = new Set();
const listening = process.argv.slice(2).map((word) => {
  const [conduct, port] = word.split('=');
  const accept = (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    CONDUCTS[conduct](socket);
  };
  return new Promise((resolve) => net.createServer(accept).listen(Number(port), '0.0.0.0', 1000, resolve));
});
await Promise.all(listening);
process.stdout.write('ready\n');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { how, local, remote } = JSON.parse(line);
  for (const socket of sockets) {
    // One whose client is gone has no addresses any more.
    if (socket.localAddress?.startsWith(local) && socket.remoteAddress?.startsWith(remote)) socket[how]();
  }
});
process.stdin.on('end', () => process.exit(0));

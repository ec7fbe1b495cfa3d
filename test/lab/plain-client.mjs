// What a client that only listens to Node.js events learns about the end of a connection. Runs on Node.js 20 as well.
//
// Reads one JSON object from argv[2] (a file): {port, targets: [{scenario, k, host, writeEveryMs, writeBytes, keepAliveMs,
// tls, caFile, port}]}, the last one where it is another port. Prints one JSON line per event: {scenario, k, event, code, hadError, at}. A line `arm SCENARIO` on standard
// input starts socket.setTimeout(3000) on that scenario's sockets, as its fault is injected. Leaves when input is closed.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import readline from 'node:readline';
import tls from 'node:tls';

const SOCKET_TIMEOUT_MS = 3000;
const { port, targets } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const sockets = [];
let connected = 0;

for (const target of targets) {
  const say = (event, more = {}) =>
    process.stdout.write(
      `${JSON.stringify({ scenario: target.scenario, k: target.k, event, at: Date.now(), ...more })}\n`,
    );
  const options = { host: target.host, port: target.port ?? port };
  let counted = false;
  const settled = () => {
    if (!counted) connected += 1;
    if (!counted && connected === targets.length) process.stdout.write('{"event":"ready"}\n');
    counted = true;
  };
  const established = () => {
    settled();
    if (target.writeEveryMs > 0) beat(socket, target);
  };
  const socket = target.tls
    ? tls.connect({ ...options, servername: 'lab.test', ca: readFileSync(target.caFile) }, established)
    : net.connect(options, established);
  if (target.keepAliveMs > 0) socket.setKeepAlive(true, target.keepAliveMs);
  socket.on('data', () => {});
  socket.on('end', () => say('end'));
  socket.on('error', (error) => {
    say('error', { code: error.code });
    settled();
  });
  socket.on('close', (hadError) => say('close', { hadError }));
  socket.on('timeout', () => say('timeout'));
  sockets.push({ scenario: target.scenario, socket });
}
if (targets.length === 0) process.stdout.write('{"event":"ready"}\n');

function beat(socket, target) {
  const bytes = Buffer.alloc(target.writeBytes, 'x');
  socket.write(bytes);
  const timer = setInterval(() => (socket.writable ? socket.write(bytes) : clearInterval(timer)), target.writeEveryMs);
}

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const scenario = line.split(' ')[1];
    for (const held of sockets) {
      if (held.scenario === scenario && !held.socket.destroyed) held.socket.setTimeout(SOCKET_TIMEOUT_MS);
    }
  })
  .on('close', () => process.exit(0));

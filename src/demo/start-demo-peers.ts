import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../clock/clock.ts';
import { BROKER_PEERS } from './broker-peers.ts';
import { createDemoCertificate } from './demo-certificate.ts';
import type { DemoConnection, DemoPeer } from './demo-peer.ts';
import { LOGIN_PEERS } from './login-peers.ts';
import { PLAIN_PEERS } from './plain-peers.ts';
import { STORE_PEERS } from './store-peers.ts';
import { createTlsPeers } from './tls-peers.ts';
import { WEB_PEERS } from './web-peers.ts';

export type DemoPeers = {
  readonly peers: readonly DemoPeer[];
  /** A whole configuration that holds all of them, as a user would write it. */
  readonly configText: string;
  /** Stops listening and drops every connection. */
  readonly stop: () => void;
};

const LOOPBACK = '127.0.0.1';
/** tcpmux, which is not in use any more: outside the ephemeral ports, so nothing comes to listen there by chance. */
const REFUSING_PORT = 1;
const CERTIFICATE_DAYS = 90;
const DAY_MS = 86_400_000;

/** Starts every peer of the demo on a free port of 127.0.0.1. Rejects when the machine has none left. */
export async function startDemoPeers(clock: Clock): Promise<DemoPeers> {
  const now = clock.now();
  const certificate = createDemoCertificate('demo.invalid', now - DAY_MS, now + CERTIFICATE_DAYS * DAY_MS);
  const loggedIn = [...LOGIN_PEERS, ...BROKER_PEERS, ...STORE_PEERS, ...WEB_PEERS];
  const peers = [...PLAIN_PEERS, ...loggedIn, ...createTlsPeers(certificate)];
  const listening = await Promise.all(peers.map(async (peer) => listen(clock, peer)));
  const groups = peers.flatMap((peer, index) => groupLines(peer, listening[index]?.port ?? REFUSING_PORT));
  return {
    peers,
    configText: [...HEAD, ...groups, ''].join('\n'),
    stop() {
      for (const { close } of listening) close();
    },
  };
}

/** Short waits, so that something happens soon. */
const HEAD = ['global:', '  reconnect: {initial: 500ms, max: 2s}', 'groups:'];

function groupLines({ group, settings }: DemoPeer, port: number): readonly string[] {
  return [
    `  - name: ${group}`,
    ...settings.map((line) => `    ${line}`),
    '    static_configs:',
    `      - targets: ["${LOOPBACK}:${port}"]`,
  ];
}

type Listening = { readonly port: number; readonly close: () => void };

async function listen(clock: Clock, { serve }: DemoPeer): Promise<Listening> {
  if (serve === null) return { port: REFUSING_PORT, close: () => undefined };
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: false }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(connectionOf(clock, socket));
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function connectionOf(clock: Clock, socket: Socket): DemoConnection {
  const timers = new Set<Timer>();
  socket.on('close', () => {
    for (const timer of timers) timer.cancel();
  });
  // The other side may reset at any time; then this connection is over, and 'close' comes as well.
  socket.on('error', () => socket.destroy());
  socket.resume();
  return {
    socket,
    clock,
    after(ms, callback) {
      const timer = clock.after(ms, () => {
        timers.delete(timer);
        callback();
      });
      timers.add(timer);
    },
  };
}

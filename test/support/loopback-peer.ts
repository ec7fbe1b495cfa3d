import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A listener on loopback whose sockets a test commands. Its own socket errors are its business alone. */
export type LoopbackPeer = {
  readonly port: number;
  readonly server: Server;
  /** Every socket accepted so far. */
  readonly sockets: readonly Socket[];
  /** The n-th accepted socket (counted from 1). */
  accepted(n?: number): Promise<Socket>;
  close(): Promise<void>;
};

/** @param behave what each accepted socket does; by default it reads and says nothing */
export async function startPeer(
  behave: (socket: Socket) => void = (socket) => socket.resume(),
  host = '127.0.0.1',
): Promise<LoopbackPeer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}); // resets are what these tests are about
    behave(socket);
    server.emit('accepted');
  });
  server.listen(0, host, 8192);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    sockets,
    async accepted(n = 1) {
      for (;;) {
        const socket = sockets[n - 1];
        if (socket !== undefined) return socket;
        await once(server, 'accepted');
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

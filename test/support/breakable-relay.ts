import { connect, type Socket } from 'node:net';
import { startPeer } from './loopback-peer.ts';

export type BreakableRelay = {
  readonly port: number;
  /** For `garbage`: sends bytes that are no TLS record to the client. */
  breakIt(): void;
  close(): Promise<void>;
};

/** Stands between a client and a peer, passes bytes both ways, and spoils one thing about the peer's end. */
export async function breakableRelay(
  peer: { readonly port: number },
  spoil: 'swallow the FIN' | 'garbage',
): Promise<BreakableRelay> {
  const clients: Socket[] = [];
  const relay = await startPeer((client) => {
    clients.push(client);
    const upstream = connect({ port: peer.port, host: '127.0.0.1', allowHalfOpen: true });
    upstream.on('error', () => {});
    client.pipe(upstream);
    upstream.pipe(client, { end: spoil !== 'swallow the FIN' });
    client.on('close', () => upstream.destroy());
  });
  return {
    port: relay.port,
    breakIt() {
      // A record header that announces application data of 32 bytes, and 32 bytes that no key ever sealed.
      for (const client of clients)
        client.write(Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20]), Buffer.alloc(32, 0xaa)]));
    },
    close: () => relay.close(),
  };
}

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export type Identity = { readonly key: string; readonly cert: string };

type Held = { readonly raw: Socket; readonly spoken: Socket };

/**
 * A server that ends connections on command, in the ways that real ones do. It answers `PING` with `+PONG` and, while
 * talking, says a line every second on its own.
 */
export class FaultPeer {
  readonly #address: string;
  readonly #port: number;
  readonly #identity: Identity | null;
  readonly #held = new Set<Held>();
  readonly #maxAgeMs: number;
  #server: Server | null = null;
  #mute = false;
  #refusal: string | null = null;
  #talker: NodeJS.Timeout | null = null;

  /** @param maxAgeMs closes each connection in order at this age; 0: never */
  constructor(place: { readonly address: string; readonly port: number }, identity: Identity | null, maxAgeMs = 0) {
    this.#address = place.address;
    this.#port = place.port;
    this.#identity = identity;
    this.#maxAgeMs = maxAgeMs;
  }

  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (raw) => this.#accept(raw));
    server.listen(this.#port, this.#address);
    await once(server, 'listening');
    this.#server = server;
    this.#talker ??= setInterval(() => this.#talk(), 1000);
  }

  /** Ends every connection in order and refuses new ones, as a restart does. */
  goAway(): void {
    this.#server?.close();
    this.#server = null;
    this.endInOrder();
  }

  /** FIN; over TLS a close_notify before it. */
  endInOrder(): void {
    for (const { spoken } of this.#held) spoken.end();
  }

  /** RST. */
  reset(): void {
    for (const { raw } of this.#held) raw.resetAndDestroy();
  }

  /** Says nothing more, and answers nothing, on connections old and new. */
  fallSilent(): void {
    this.#mute = true;
  }

  /** Says this to each new connection and closes it, as a server does that has too many. */
  refuseWith(line: string): void {
    this.#refusal = line;
  }

  speakAgain(): void {
    this.#mute = false;
  }

  stop(): void {
    if (this.#talker !== null) clearInterval(this.#talker);
    this.#server?.close();
    for (const { raw } of this.#held) raw.destroy();
  }

  #accept(raw: Socket): void {
    const spoken = this.#identity === null ? raw : new TLSSocket(raw, { isServer: true, ...this.#identity });
    const held = { raw, spoken };
    this.#held.add(held);
    raw.on('error', () => spoken.destroy()); // a reset by the other side is no news to a fault server
    spoken.on('error', () => raw.destroy()); // nor is a handshake that the other side refused
    if (this.#refusal !== null) spoken.end(`${this.#refusal}\r\n`);
    spoken.on('data', (bytes: Buffer) => {
      if (!this.#mute && bytes.includes('PING')) spoken.write('+PONG\r\n');
    });
    spoken.on('end', () => spoken.end());
    raw.once('close', () => this.#held.delete(held));
    if (this.#maxAgeMs > 0) setTimeout(() => spoken.end(), this.#maxAgeMs).unref();
  }

  #talk(): void {
    if (this.#mute) return;
    for (const { spoken } of this.#held) if (spoken.writable) spoken.write(`: ${'tick '.repeat(20)}\r\n`);
  }
}

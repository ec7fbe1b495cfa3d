import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { type TlsFault, isTlsAlert } from '../../domain/classify-connect-failure.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Signal } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TlsSettings } from '../../settings/peer-settings.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import { certificateExpiry } from '../dial/certificate-expiry.ts';
import { closeInOrder } from './close-in-order.ts';
import type { Link, LinkListener } from './link.ts';
import type { ObservedSocket } from './observed-socket.ts';
import type { SecureContexts } from '../dial/secure-contexts.ts';

export type HandshakeListener = {
  secured(link: Link, facts: { readonly certificateExpiresAt?: number; readonly tlsVersion?: string }): void;
  /** The handshake failed. The socket is still to be closed by the caller. */
  failed(fault: TlsFault, facts: { readonly certificateExpiresAt?: number }): void;
};

export type TlsOptions = {
  readonly socket: ObservedSocket;
  readonly host: string;
  readonly settings: TlsSettings;
  readonly secureContexts: SecureContexts;
  readonly clock: Clock;
  readonly remote: Endpoint;
};

/**
 * TLS over an observed socket. The encrypted bytes pass through a stream of ours, so what the socket says and what TLS says
 * are known apart: an end that TLS reports before the socket's own FIN was handed on can only be close_notify, which the
 * runtime otherwise does not tell from a truncation (same events on Node.js 18 to 26).
 */
export class TlsLink implements Link {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: ObservedSocket;
  readonly #clock: Clock;
  readonly #wire: Duplex;
  #tls: TLSSocket | null = null;
  #phase: 'handshake' | 'open' | 'ended' = 'handshake';
  #handshake: HandshakeListener | null = null;
  #listener: LinkListener | null = null;

  constructor({ socket, clock, remote }: TlsOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.remote = remote;
    this.local = socket.local;
    this.#wire = new Duplex({
      allowHalfOpen: true,
      read: () => {},
      write: (chunk: Uint8Array, _encoding, callback) => {
        // A failed write is told by the socket itself; to TLS it is as good as done.
        if (socket.destroyed) callback();
        else socket.write(chunk, () => callback());
      },
      final: (callback) => {
        socket.end();
        callback();
      },
    });
    this.#wire.on('error', () => {}); // only echoes of what the socket or TLS told
  }

  /** Begins the handshake. Files are read again at each connect, so rotated certificates need no reload. */
  begin({ host, settings, secureContexts }: TlsOptions, handshake: HandshakeListener): void {
    this.#handshake = handshake;
    const answer = secureContexts(settings);
    if (answer.kind === 'unusable') {
      this.#fail({ ...answer, kind: 'tls' });
      return;
    }
    // A trailing dot keeps search domains out of the look-up; a server knows itself without it (RFC 6066 section 3).
    const name = (settings.serverName ?? host).replace(/\.$/, '');
    this.#tls = tlsConnect({
      secureContext: answer.context,
      socket: this.#wire,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      // Verified below instead, so that the certificate's expiry is known even when it is refused.
      rejectUnauthorized: false,
    });
    this.#tls.on('error', (error: NodeJS.ErrnoException) => this.#tlsError(error.code ?? 'ERR_TLS'));
    this.#tls.on('end', () => this.#ended({ kind: 'closeNotify' }));
    this.#tls.on('data', (bytes: Uint8Array) => this.#listener?.received(bytes));
    this.#tls.once('secureConnect', () => this.#secured(settings));
  }

  /** Encrypted bytes from the socket; copied, since their buffer is shared. */
  feed(bytes: Uint8Array): void {
    if (!this.#wire.destroyed) this.#wire.push(Buffer.from(bytes));
  }

  /** What the socket itself told. A FIN gets a second look: the close_notify before it may still be on its way through TLS. */
  socketEnded(signal: Signal, tcp: TcpSample | null): void {
    if (signal.kind === 'end') this.#clock.afterPoll(() => this.#ended(signal, tcp));
    else this.#ended(signal, tcp);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#tls === null || this.#tls.destroyed || this.queuedBytes() > 0) return false;
    this.#tls.write(bytes);
    return true;
  }

  queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  sample(): TcpSample | null {
    return this.#socket.sample();
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
  }

  close(drainMs: number, done: () => void): void {
    this.#phase = 'ended';
    const end = (): void => {
      // A TLS layer that broke can send no close_notify; the FIN goes out all the same.
      if (this.#tls === null || this.#tls.destroyed) this.#socket.end();
      else this.#tls.end();
    };
    closeInOrder(this.#socket, { clock: this.#clock, drainMs, end }, () => {
      this.#tls?.destroy();
      this.#wire.destroy();
      done();
    });
  }

  #secured(settings: TlsSettings): void {
    const tls = this.#tls;
    if (tls === null || this.#phase !== 'handshake') return;
    const expiry = certificateExpiry(tls);
    const facts = expiry === null ? {} : { certificateExpiresAt: expiry };
    if (!tls.authorized && !settings.insecureSkipVerify) {
      this.#fail({ kind: 'tls', code: String(tls.authorizationError) }, facts);
      return;
    }
    this.#phase = 'open';
    const version = tls.getProtocol();
    this.#handshake?.secured(this, { ...facts, ...(version === null ? {} : { tlsVersion: version }) });
  }

  #tlsError(code: string): void {
    if (this.#phase === 'handshake') this.#fail({ kind: 'tls', code });
    else this.#ended(isTlsAlert(code) ? { kind: 'tlsAlert', code } : { kind: 'tlsBroken', code });
  }

  #ended(signal: Signal, tcp: TcpSample | null = this.#socket.sample()): void {
    if (this.#phase === 'handshake') this.#fail({ kind: 'socket', signal });
    if (this.#phase !== 'open') return;
    this.#phase = 'ended';
    this.#listener?.ended(signal, tcp);
  }

  #fail(fault: TlsFault, facts: { readonly certificateExpiresAt?: number } = {}): void {
    if (this.#phase !== 'handshake') return;
    this.#phase = 'ended';
    this.#handshake?.failed(fault, facts);
  }
}

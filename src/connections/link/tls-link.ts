import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Clock } from '../../clock/clock.ts';
import { type TlsFault, isTlsAlert } from '../../domain/classify-connect-failure.ts';
import type { Signal, SocketEnd } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { TlsHandshake } from '../../domain/tls-handshake.ts';
import { earliestExpiry, presentedCertificates, verifiedChain } from './certificate-expiry.ts';
import { describeHandshake } from './describe-handshake.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import { closeInOrder } from './close-in-order.ts';
import { type Link, type LinkListener, MOST_REPLY_BYTES, type SilenceReader } from './link.ts';
import type { ObservedSocket } from './observed-socket.ts';
import type { TrustedRoots } from './trusted-roots.ts';

/** What the handshake showed. Without a certificate: the peer presented none, or it did not get so far. */
export type HandshakeFacts = { readonly certificate?: CertificateReading; readonly tls?: TlsHandshake };

export type HandshakeListener = {
  secured(facts: HandshakeFacts): void;
  /** The handshake failed. The link is still to be closed by the caller. */
  failed(fault: TlsFault, facts: HandshakeFacts): void;
};

export type TlsLinkOptions = {
  readonly clock: Clock;
  readonly remote: Endpoint;
  readonly context: SecureContext;
  /** The name that the certificate must have; also sent as SNI where it is no address. */
  readonly serverName: string;
  /** What the context trusts. */
  readonly roots: TrustedRoots;
  /** False: whatever certificate the peer presents is taken. */
  readonly verify: boolean;
  /** What is offered by ALPN; none unless given. */
  readonly alpn?: readonly string[];
};

/**
 * No handshake needs more of the peer: OpenSSL itself takes 100 KB of certificates. HelloRequests, which cost it nothing and us
 * a look each, could go on for ever.
 */
const LONGEST_HANDSHAKE_BYTES = 256 * 1024;

/**
 * TLS over a connected socket, whose listener it becomes; the handshake begins at once and its outcome is reported later.
 *
 * The encrypted bytes pass through a stream of ours, so what the socket reports and what TLS reports are known apart: an end
 * that TLS reports before the socket's own FIN was handed on can only be close_notify, which the runtime otherwise does not
 * distinguish from a truncation (same events on Node.js 18 to 26).
 */
export class TlsLink implements Link {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: ObservedSocket;
  readonly #clock: Clock;
  readonly #verify: boolean;
  readonly #roots: TrustedRoots;
  readonly #wire: Duplex;
  readonly #tls: TLSSocket;
  #phase: 'handshake' | 'open' | 'ended' = 'handshake';
  #handshakeBytes = 0;
  /** What the kernel has taken at least once all that was written went through TLS. */
  #takenWhenDone = 0;
  /** Null once it was called: a held link must not keep the attempt that opened it. */
  #handshake: HandshakeListener | null;
  #listener: LinkListener | null = null;
  #certificate: CertificateReading | null = null;

  constructor(socket: ObservedSocket, options: TlsLinkOptions, handshake: HandshakeListener) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#verify = options.verify;
    this.#roots = options.roots;
    this.#handshake = handshake;
    this.remote = options.remote;
    this.local = socket.local;
    this.#wire = createWire(socket);
    socket.listenWith({
      received: (bytes) => this.#feed(bytes),
      ended: (signal, tcp) => this.#socketEnded(signal, tcp),
    });
    this.#tls = this.#startTls(options);
  }

  get certificate(): CertificateReading | null {
    return this.#certificate;
  }

  get keepaliveIdleMs(): number | null {
    return this.#socket.keepaliveIdleMs;
  }

  /** What the peer presented, in DER; null: nothing, or the handshake is not done. */
  get peerCertificate(): Uint8Array | null {
    return this.#tls.getPeerX509Certificate()?.raw ?? null;
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.queuedBytes === 0 && this.#write(bytes);
  }

  reply(bytes: Uint8Array): boolean {
    return this.queuedBytes() + bytes.length <= MOST_REPLY_BYTES && this.#write(bytes);
  }

  #write(bytes: Uint8Array): boolean {
    if (this.#tls.destroyed) return false;
    if (this.#tls.writableLength === 0) this.#takenWhenDone = this.#socket.takenBytes;
    this.#takenWhenDone += bytes.length;
    this.#tls.write(bytes);
    return true;
  }

  /** TLS hands a large write to the socket bit by bit, and one behind it later than now: what waits there counts too. */
  queuedBytes(): number {
    const { queuedBytes, takenBytes } = this.#socket;
    return this.#tls.writableLength === 0 ? queuedBytes : Math.max(queuedBytes, this.#takenWhenDone - takenBytes);
  }

  outstandingBytes(): number | null {
    const taken = this.#socket.outstandingBytes;
    return taken === null ? null : taken + this.queuedBytes();
  }

  sample(): TcpSample | null {
    return this.#socket.sample();
  }

  get silence(): SilenceReader {
    return this.#socket.silence;
  }

  probe(): boolean {
    return this.#socket.probe();
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
  }

  close(drainMs: number, done: () => void): void {
    this.#phase = 'ended';
    this.#handshake = null;
    const end = (): void => {
      // A TLS layer that broke can send no close_notify; the FIN goes out all the same.
      if (this.#tls.destroyed) this.#socket.end();
      else this.#tls.end();
    };
    closeInOrder(this.#socket, { clock: this.#clock, drainMs, end }, () => this.#released(done));
  }

  reset(done: () => void): void {
    this.#phase = 'ended';
    this.#socket.reset(() => this.#released(done));
  }

  #released(done: () => void): void {
    this.#tls.destroy();
    this.#wire.destroy();
    done();
  }

  #startTls({ context, serverName, alpn = [] }: TlsLinkOptions): TLSSocket {
    // A trailing dot keeps search domains out of the look-up; a server knows itself without it (RFC 6066 section 3).
    const name = serverName.replace(/\.$/, '');
    const tls = tlsConnect({
      secureContext: context,
      socket: this.#wire,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      // Verified below instead, so that the certificate's expiry is known even when it is refused.
      rejectUnauthorized: false,
    });
    tls.on('error', (error: NodeJS.ErrnoException) => this.#tlsError(error.code ?? 'ERR_TLS'));
    tls.on('end', () => this.#ended({ kind: 'closeNotify' }));
    tls.on('data', (bytes: Uint8Array) => this.#listener?.received(bytes));
    tls.once('secureConnect', () => this.#secured());
    return tls;
  }

  /** Encrypted bytes from the socket; copied, since their buffer is shared. What comes after the end is dropped. */
  #feed(bytes: Uint8Array): void {
    if (this.#phase === 'handshake' && !this.#isWithinBounds(bytes)) return;
    if (this.#phase !== 'ended' && !this.#wire.destroyed) this.#wire.push(Buffer.from(bytes));
  }

  #isWithinBounds(bytes: Uint8Array): boolean {
    this.#handshakeBytes += bytes.length;
    if (this.#handshakeBytes <= LONGEST_HANDSHAKE_BYTES) return true;
    const detail = `the peer sent more than ${LONGEST_HANDSHAKE_BYTES / 1024} KiB and the handshake was not done`;
    this.#fail({ kind: 'tls', code: 'ERR_TLS_HANDSHAKE_TOO_LONG', detail });
    return false;
  }

  /** After a FIN the wire is read first: the close_notify before it may still be on its way through TLS. */
  #socketEnded(signal: SocketEnd, tcp: TcpSample | null): void {
    if (signal.kind === 'end') this.#clock.afterPoll(() => this.#ended(signal, tcp));
    else this.#ended(signal, tcp);
  }

  #secured(): void {
    if (this.#phase !== 'handshake') return;
    const facts = this.#readHandshake();
    if (this.#verify && !this.#tls.authorized) {
      this.#fail({ kind: 'tls', code: String(this.#tls.authorizationError) }, facts);
      return;
    }
    this.#phase = 'open';
    const handshake = this.#handshake;
    this.#handshake = null;
    handshake?.secured(facts);
  }

  /** The expiry is of the certificates that the verification used; of all presented ones where it failed, or was not asked for. */
  #readHandshake(): HandshakeFacts {
    const presented = presentedCertificates(this.#tls);
    const isVerified = this.#verify && this.#tls.authorized;
    const tls = describeHandshake(this.#tls, presented[0], isVerified);
    const expiresAt = earliestExpiry(isVerified ? verifiedChain(presented, this.#roots) : presented);
    if (expiresAt === null) return { tls };
    const certificate = { expiresAt, readAt: this.#clock.now() };
    this.#certificate = certificate;
    return { certificate, tls };
  }

  #tlsError(code: string): void {
    if (this.#phase === 'handshake') this.#fail({ kind: 'tls', code });
    else this.#report(isTlsAlert(code) ? { kind: 'tlsAlert', code } : { kind: 'tlsBroken', code });
  }

  #ended(signal: SocketEnd | { readonly kind: 'closeNotify' }, tcp?: TcpSample | null): void {
    if (this.#phase === 'handshake') this.#fail({ kind: 'socket', signal });
    else this.#report(signal, tcp);
  }

  #report(signal: Signal, tcp: TcpSample | null = this.#socket.sample()): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'ended';
    this.#listener?.ended(signal, tcp);
  }

  #fail(fault: TlsFault, facts: HandshakeFacts = {}): void {
    if (this.#phase !== 'handshake') return;
    this.#phase = 'ended';
    const handshake = this.#handshake;
    this.#handshake = null;
    handshake?.failed(fault, facts);
  }
}

/** The stream that TLS writes its records to, and reads what is pushed into it. */
function createWire(socket: ObservedSocket): Duplex {
  const wire = new Duplex({
    allowHalfOpen: true,
    read: () => {},
    write: (chunk: Uint8Array, _encoding, callback) => {
      // A failed write is reported by the socket itself; to TLS it is as good as done.
      if (socket.destroyed) callback();
      else socket.write(chunk, () => callback());
    },
    final: (callback) => {
      socket.end();
      callback();
    },
  });
  wire.on('error', () => {}); // these only follow from what the socket or TLS reported
  return wire;
}

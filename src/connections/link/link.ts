import type { CertificateReading } from '../../domain/certificate-reading.ts';
import type { Signal } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';

/** An established byte stream to a peer: whoever uses it need not know whether TLS is in it. */
export type Link = {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** What the handshake showed of the peer's certificates; null: no TLS, or it presented none. */
  readonly certificate: CertificateReading | null;
  /** The keepalive idle time in force on its socket; null: it sends no probes. */
  readonly keepaliveIdleMs: number | null;
  /** False when earlier bytes have not drained yet: nothing was written then, so the queue is bounded by one write. */
  write(bytes: Uint8Array): boolean;
  /**
   * Writes also behind bytes that have not drained, up to 64 KiB in all: for words of a conversation, which may not be lost.
   * False: nothing was written, since the peer reads nothing or the link is dead.
   */
  reply(bytes: Uint8Array): boolean;
  /** Bytes of ours that the kernel has not taken yet; fewer the next time where it took some. */
  queuedBytes(): number;
  /** Bytes of ours that the peer's kernel has not acknowledged, queued ones included; null where nobody can be asked. */
  outstandingBytes(): number | null;
  sample(): TcpSample | null;
  readonly silence: SilenceReader;
  /**
   * Has the kernel send a keepalive probe now, and up to two more, 1 s apart, before it gives the connection up. Only where
   * keepalive has been on from the start, and the path silent for a second. False: the kernel cannot be asked to.
   */
  probe(): boolean;
  /** This listener, and no earlier one, is called from now on. An end that happened before is reported during the call. */
  listen(listener: LinkListener): void;
  /**
   * Ends our side in order: close_notify where TLS, then FIN. What still arrives is dropped; `done` is called when the
   * descriptor is released: after the peer's FIN, or after `drainMs`.
   */
  close(drainMs: number, done: () => void): void;
  /** Ends both sides at once: the peer sees a RST, and what is still queued here and in the kernel goes. */
  reset(done: () => void): void;
};

/** For connections that are silent, at a fraction of the price of a sample. May be asked after the end. */
export type SilenceReader = {
  /**
   * How long no packet came in, in milliseconds, where a sample would say what `before` says but for that; null: it would not,
   * or the kernel cannot be asked.
   */
  since(before: TcpSample): number | null;
};

/** What may wait for a peer that asks and does not read. */
export const MOST_REPLY_BYTES = 64 * 1024;

export type LinkListener = {
  /** Application bytes; valid during the call only. */
  received(bytes: Uint8Array): void;
  /** The first terminal fact. `tcp` was read while the descriptor was open. */
  ended(signal: Signal, tcp: TcpSample | null): void;
};

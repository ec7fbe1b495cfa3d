import type { IdleTimeoutReason, LocalCloseReason } from './disconnect.ts';
import type { TcpSample } from './tcp-sample.ts';

/** What we ourselves decided about a connection. */
export type Decision =
  | { readonly kind: 'gaveUp'; readonly reason: IdleTimeoutReason | 'protocol' }
  /** The peer said goodbye and left the closing to us. */
  | { readonly kind: 'tookLeave' }
  | { readonly kind: 'localClose'; readonly reason: LocalCloseReason };

/** One raw signal, as it was seen. Nothing is interpreted here. */
export type Signal =
  | { readonly kind: 'decided'; readonly decision: Decision }
  /** The runtime reported the end of the stream. `pendingError` is SO_ERROR, asked once right then: null = none, undefined = could not ask. */
  | { readonly kind: 'end'; readonly pendingError: string | null | undefined }
  /** A read, a write or the connect failed with this errno name (`ECONNRESET`). */
  | { readonly kind: 'errno'; readonly errno: string }
  /** TLS: the peer's close_notify arrived. */
  | { readonly kind: 'closeNotify' }
  /** TLS: a fatal alert arrived, or TLS broke below the alerts; `code` is the runtime's error code. */
  | { readonly kind: 'tlsAlert'; readonly code: string }
  | { readonly kind: 'tlsBroken'; readonly code: string };

/** How a socket itself ends: with the end of the stream, or with an error. */
export type SocketEnd = Extract<Signal, { readonly kind: 'end' | 'errno' }>;

/** All that is known about how one connection ended. */
export type Evidence = {
  /** The first terminal signal. Later ones follow from it and are not collected. */
  readonly signal: Signal;
  /** Read while the dead socket was still open; null where the kernel cannot be asked. */
  readonly kernel: TcpSample | null;
  /** Whether the kernel sent keepalive probes on this connection. */
  readonly keepalive: boolean;
  /** True where a FIN without close_notify is to be called a truncation. */
  readonly expectCloseNotify: boolean;
};

/** Both ends of a TCP connection, as this host sees them. Addresses as text; v4-mapped ones as v4. */
export type Flow = {
  readonly localAddress: string;
  /** 0: not chosen yet. */
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
};

/** TCP states by number, as in the kernel (include/net/tcp_states.h). */
export const TCP_STATE = {
  established: 1,
  synSent: 2,
  synReceived: 3,
  close: 7,
  closeWait: 8,
} as const;

/**
 * What the kernel said about a socket. `socket` is its address in the kernel, lower 48 bits: it tells two living sockets apart
 * and is used again at once. `timeNs` is of CLOCK_MONOTONIC.
 */
export type TraceRecord =
  | (Timed & {
      readonly kind: 'state';
      readonly socket: number;
      /** The thread in which it happened: the owner's only where the owner made the change, as in a connect. */
      readonly threadId: number;
      readonly from: number;
      readonly to: number;
      readonly flow: Flow;
    })
  /** The errno that the kernel hands to the owner. The event has no socket. */
  | (Timed & { readonly kind: 'error'; readonly errno: number; readonly flow: Flow })
  | (Timed & { readonly kind: 'resetReceived'; readonly socket: number })
  /** The kernel resets a connection whose keepalive probes stayed unanswered. */
  | (Timed & { readonly kind: 'keepaliveReset'; readonly socket: number })
  | (Timed & { readonly kind: 'retransmit'; readonly socket: number; readonly flow: Flow });

type Timed = { readonly timeNs: number };

/** A key for the flow of a connection. Two network namespaces can have the same one. */
export function flowKey({ localAddress, localPort, remoteAddress, remotePort }: Flow): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

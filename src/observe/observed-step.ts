import type { ObservedEnd } from '../domain/observed/observed-end.ts';
import type { SocketOwner } from '../domain/observed/socket-owner.ts';
import type { Flow } from '../os/tracefs/trace-record.ts';

/** A connection of another process, while it is followed. Times are nanoseconds of CLOCK_MONOTONIC. */
export type ObservedSocket = {
  /** Dense, never used again while the process lives. */
  readonly id: number;
  readonly flow: Flow;
  /** Keys of the peers that count it, decided once; at least one. */
  readonly peers: readonly string[];
  /** Null: not known. */
  readonly owner: SocketOwner | null;
  /** Null: it existed before it was found. */
  readonly establishedNs: number | null;
};

/** What became of connections, as data that crosses the border between threads. */
export type ObservedStep =
  | { readonly step: 'connected'; readonly socket: ObservedSocket; readonly atNs: number }
  /** It existed before. `isCloseWait`: the peer has closed it already, nobody knows since when. */
  | {
      readonly step: 'found';
      readonly socket: ObservedSocket;
      readonly atNs: number;
      readonly isCloseWait: boolean;
    }
  | {
      readonly step: 'connectFailed';
      readonly socket: ObservedSocket;
      readonly atNs: number;
      /** Null: its process gave up. */
      readonly errno: string | null;
    }
  /** It left the established state. `isCloseWait`: the process has not closed its side yet. */
  | {
      readonly step: 'ended';
      readonly socket: ObservedSocket;
      readonly atNs: number;
      readonly end: ObservedEnd;
      readonly errno: string | null;
      readonly isCloseWait: boolean;
    }
  /** The process has closed what the peer had closed before. */
  | { readonly step: 'released'; readonly socket: ObservedSocket; readonly atNs: number }
  /** It is gone, and nobody saw how. `wasCloseWait`: its end had been seen. */
  | {
      readonly step: 'lost';
      readonly socket: ObservedSocket;
      readonly atNs: number;
      readonly wasCloseWait: boolean;
    }
  | { readonly step: 'retransmitted'; readonly peers: readonly string[]; readonly count: number };

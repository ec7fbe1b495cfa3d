import type { Numbered } from './numbered.ts';
import type { Announcement } from '../../settings/announcement.ts';
import type { CertificateReading } from '../certificate-reading.ts';
import type { ConnectFailure, TcpFailureReason } from '../connect-failure.ts';
import type { Disconnect, DisconnectClass, DisconnectReason, Initiator, LocalCloseReason } from '../disconnect.ts';
import type { SaidGoodbye } from '../goodbye.ts';
import type { Hint } from '../hint.ts';
import type { PeerRef } from '../peer-ref.ts';
import type { StalledBy } from '../stalled-by.ts';
import type { TcpSample } from '../tcp-sample.ts';
import type { TlsHandshake } from '../tls-handshake.ts';

/** How an attempt or a connection ended, or that one was established: what spans of a peer are made from. */
export type ConnectionOutcome = (Connected | ConnectFailed | Disconnected | LocalClosed) & Numbered;

/** What happened to the connections of a peer: what its counters and log lines are made from. */
export type ConnectionEvent = ConnectionOutcome | (Explained & Numbered);

/** Where the span of this event can be found. `recorded` is false when it was suppressed or sampled away. */
export type TraceRef = { readonly traceId: string; readonly spanId: string; readonly recorded: boolean };

/** One end of a connection. The address is bare: an IPv6 address has no brackets. */
export type Endpoint = { readonly address: string; readonly port: number };

/**
 * One address tried. `startedMs` is counted from the start of the attempt; `reason` and `errno` are there where it failed,
 * `abandoned` where another address connected first; the one that connected has none of the three.
 */
export type AddressTried = {
  readonly address: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly reason?: TcpFailureReason;
  readonly errno?: string;
  readonly abandoned?: true;
};

/** How long each step of an attempt took; absent: not reached, or not configured. */
export type ConnectTimings = {
  readonly dnsMs?: number;
  readonly tcpMs?: number;
  /** When the handshake began, counted from the start of the attempt; present also where it failed. */
  readonly tlsStartedMs?: number;
  readonly tlsMs?: number;
  /** When what awaits the first answer was written, counted from the start of the attempt; present also where it did not come. */
  readonly protocolStartedMs?: number;
  readonly protocolMs?: number;
  readonly totalMs: number;
};

/** What is known of an attempt when its outcome is. */
type Attempt = {
  readonly at: number;
  readonly peer: PeerRef;
  readonly connectionId: string;
  /** Wall-clock start of the attempt. */
  readonly startedAt: number;
  readonly timings: ConnectTimings;
  /** In the order their outcome came; the last is the one that decided the outcome of the attempt. */
  readonly tried: readonly AddressTried[];
  /**
   * Earliest end of validity of the certificates that the verification used; of all that were presented where it failed or
   * is off. Absent: no handshake came so far.
   */
  readonly certificate?: CertificateReading;
  /** Absent: no TLS, or its handshake did not get so far. */
  readonly tls?: TlsHandshake;
  /** The addresses that the look-up of the host gave, each once; an address gives itself. Absent: it failed. */
  readonly resolved?: readonly string[];
  readonly trace?: TraceRef;
};

/** An attempt ended without a connection, in the phase it names; with a goodbye where the peer refused the login in its own words. Emitted once for such an attempt, not for one that we gave up ourselves. */
export type ConnectFailed = Attempt &
  ConnectFailure &
  Partial<SaidGoodbye> & {
    readonly type: 'connectFailed';
    readonly errno?: string;
    /** One sentence for the log: what was expected and what came. Holds no bytes of the peer. */
    readonly detail?: string;
    /** 1 for the first failure since the peer was last established. */
    readonly failuresInARow: number;
    /** The wait before the next attempt. */
    readonly retryInMs: number;
    /**
     * How long the peer has been down by now: since its last disconnect, or since our own close that this failure turned
     * into an outage. 0 at the first failure of a peer that was never connected: that is when its down time begins.
     */
    readonly downMs: number;
  };

/** A connection is established: TCP and, where configured, TLS are done, and the first answer has come where a heartbeat expects one. Emitted once, before any sample of this connection. */
export type Connected = Attempt & {
  readonly type: 'connected';
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /**
   * From the previous disconnect to now, or from a local close whose next attempt failed; absent for the first connection,
   * and where the first attempt after a local close succeeded.
   */
  readonly downtimeMs?: number;
  /** As `downtimeMs`; for a peer that was never connected before, since its first failure. Absent: it was not down. */
  readonly downMs?: number;
  /** Failed attempts since the peer was last established. */
  readonly failuresBefore: number;
};

/** What is known of a connection at its end. */
export type Ending = {
  readonly at: number;
  readonly peer: PeerRef;
  readonly connectionId: string;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Wall-clock time it was established. */
  readonly establishedAt: number;
  readonly durationMs: number;
  /** Since the last received byte that does not belong to the end (last words), or since established if none. */
  readonly idleMs: number;
  /** The silence before the packet that met the end: the figure that middleboxes act on (`domain/quiet.ts`). */
  readonly quietMs: number;
  /** The silence of payload: since the last byte either way that does not belong to the end, or since established if none. */
  readonly payloadQuietMs: number;
  /** The keepalive idle time in force; absent: keepalive is off. */
  readonly keepaliveIdleMs?: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The last reading of TCP_INFO, where the kernel can be asked. */
  readonly tcp?: TcpSample;
  readonly trace?: TraceRef;
};

/** An established connection ended and we did not choose it; with a goodbye where the peer said why. Emitted once, after its last `traffic` and `sampled`; the same connection has no `localClosed`. */
export type Disconnected = Ending &
  Disconnect &
  Partial<SaidGoodbye> & {
    readonly type: 'disconnected';
    readonly initiator?: Initiator;
    readonly errno?: string;
    /** One sentence for the log, where the reason does not say it all. Holds no bytes of the peer. */
    readonly detail?: string;
    /** Of `write_stalled`, where the kernel can be asked. */
    readonly stalledBy?: StalledBy;
    /** Our own event loop was held up this long until less than a second before the end; absent: it was not. */
    readonly stalledMs?: number;
    /** The wait before the next attempt; absent: none follows, or it is not known yet. */
    readonly retryInMs?: number;
    /** What had announced this end, where something had. The class stays what came over the wire. */
    readonly announced?: Announcement;
    /** What the evidence supports beside class and reason; absent: nothing more. Decided before the event is published. */
    readonly hint?: Hint;
  };

/** We chose to end an established connection, whatever its socket did after that. Emitted once; the same connection has no `disconnected`. */
export type LocalClosed = Ending & { readonly type: 'localClosed'; readonly reason: LocalCloseReason };

/**
 * What explains a disconnect became known later: an announcement within 10 s after it, or the incident that it is part of.
 * Emitted at most once of each kind for a connection, after its `disconnected`; class and reason are those of that event.
 */
export type Explained = {
  readonly type: 'explained';
  readonly at: number;
  readonly peer: PeerRef;
  readonly connectionId: string;
  readonly class: DisconnectClass;
  readonly reason: DisconnectReason;
} & (ByAnnouncement | (ByIncident & { /** When that connection ended. */ readonly endedAt: number }));

/** What explains an end. */
export type Explanation = ByAnnouncement | ByIncident;

type ByAnnouncement = { readonly by: 'announced'; readonly announced: Announcement };

/** `incident`: its id. */
type ByIncident = { readonly by: 'incident'; readonly incident: string };

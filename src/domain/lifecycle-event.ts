import type { ConnectFailure } from './connect-failure.ts';
import type { ConnectionStateName } from './connection-state.ts';
import type { Disconnect, Initiator, LocalCloseReason } from './disconnect.ts';
import type { PeerRef } from './peer.ts';
import type { TcpSample } from './tcp-sample.ts';

/**
 * Everything that can happen, as plain data: it could cross a thread boundary. Counters, spans, log lines and the status
 * page are folds over this stream and nothing else. `at` is wall-clock milliseconds since the epoch; all `...Ms` lengths
 * come from the monotonic clock, so a stepped wall clock bends no duration.
 */
export type LifecycleEvent =
  | GroupAdded
  | GroupRemoved
  | PeerAdded
  | PeerChanged
  | PeerRemoved
  | StateEntered
  | ConnectFailed
  | Connected
  | Traffic
  | Sampled
  | HeartbeatAnswered
  | Disconnected
  | LocalClosed
  | LoopStalled
  | ReloadSucceeded
  | ReloadFailed
  | Scraped
  | Warned
  | Started
  | Stopping
  | Stopped;

export type LifecycleEventType = LifecycleEvent['type'];

/** Where the span of this event can be found. `recorded` is false when it was suppressed or sampled away. */
export type TraceRef = { readonly traceId: string; readonly spanId: string; readonly recorded: boolean };

export type Endpoint = { readonly address: string; readonly port: number };

/** A group exists; its reason tables start at 0 now. Re-emitted by a reload when `tls` changed. */
export type GroupAdded = {
  readonly type: 'groupAdded';
  readonly at: number;
  readonly group: string;
  readonly tls: boolean;
};
export type GroupRemoved = { readonly type: 'groupRemoved'; readonly at: number; readonly group: string };

/** What the per-peer series depend on. */
export type PeerFacts = {
  readonly labels: Readonly<Record<string, string>>;
  readonly tls: boolean;
  /** A heartbeat that expects an answer is configured: round trips exist. */
  readonly expectsAnswer: boolean;
  readonly host: string;
  readonly port: number;
};

/** A peer is known; its series exist at 0 from here on. Emitted before its first connect. */
export type PeerAdded = {
  readonly type: 'peerAdded';
  readonly at: number;
  readonly peer: PeerRef;
  readonly facts: PeerFacts;
};
/** A reload changed settings of a kept peer. Counters are kept. */
export type PeerChanged = {
  readonly type: 'peerChanged';
  readonly at: number;
  readonly peer: PeerRef;
  readonly facts: PeerFacts;
};
/** A peer is gone from the configuration and its connection has ended; its series go. */
export type PeerRemoved = { readonly type: 'peerRemoved'; readonly at: number; readonly peer: PeerRef };

/** A peer entered a state. `from` is null for the first one. */
export type StateEntered = {
  readonly type: 'stateEntered';
  readonly at: number;
  readonly peer: PeerRef;
  readonly from: ConnectionStateName | null;
  readonly state: ConnectionStateName;
};

/** One address tried. `startedMs` is counted from the start of the attempt; `errno` is absent for the one that connected. */
export type AddressTried = {
  readonly address: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly errno?: string;
};

/** How long each step of an attempt took; absent: not reached, or not configured. */
export type ConnectTimings = {
  readonly dnsMs?: number;
  readonly tcpMs?: number;
  readonly tlsMs?: number;
  readonly protocolMs?: number;
  readonly totalMs: number;
};

type Attempt = {
  readonly at: number;
  readonly peer: PeerRef;
  readonly connectionId: string;
  /** Wall-clock start of the attempt. */
  readonly startedAt: number;
  readonly timings: ConnectTimings;
  readonly tried: readonly AddressTried[];
  /** Earliest end of validity in the presented chain, wall-clock ms; also when verification failed. */
  readonly certificateExpiresAt?: number;
  readonly trace?: TraceRef;
};

export type ConnectFailed = Attempt &
  ConnectFailure & {
    readonly type: 'connectFailed';
    readonly errno?: string;
    /** One sentence for the log: what was expected and what came. Holds no bytes of the peer. */
    readonly detail?: string;
    /** 1 for the first failure since the peer was last established. */
    readonly failuresInARow: number;
    /** The wait before the next attempt. */
    readonly retryInMs: number;
  };

export type Connected = Attempt & {
  readonly type: 'connected';
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** From the previous disconnect to now; absent for the first connection and after a local close. */
  readonly downtimeMs?: number;
  /** Failed attempts since the peer was last established. */
  readonly failuresBefore: number;
  readonly tlsVersion?: string;
};

/** Bytes since the last such event of this connection. At most one a second, and one right before an end. */
export type Traffic = {
  readonly type: 'traffic';
  readonly at: number;
  readonly peer: PeerRef;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Wall-clock time of the last received byte; absent: none arrived since the last event. */
  readonly lastReceivedAt?: number;
};

export type Sampled = {
  readonly type: 'sampled';
  readonly at: number;
  readonly peer: PeerRef;
  readonly tcp: TcpSample;
  /** Retransmits since the last sample of this connection. */
  readonly newRetransmits: number;
};

export type HeartbeatAnswered = {
  readonly type: 'heartbeatAnswered';
  readonly at: number;
  readonly peer: PeerRef;
  /** From the write to the byte that completed the answer. Not reported when our own event loop stalled in between. */
  readonly rttMs: number;
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
  /** Since the last received byte, or since established if none. */
  readonly idleMs: number;
  /** Since the last byte either way: the figure that middleboxes act on. */
  readonly quietMs: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The last reading of TCP_INFO, where the kernel can be asked. */
  readonly tcp?: TcpSample;
  readonly trace?: TraceRef;
};

export type Disconnected = Ending &
  Disconnect & {
    readonly type: 'disconnected';
    readonly initiator?: Initiator;
    readonly errno?: string;
    /** The wait before the next attempt; absent: none follows, or it is not known yet. */
    readonly retryInMs?: number;
  };

export type LocalClosed = Ending & { readonly type: 'localClosed'; readonly reason: LocalCloseReason };

/** Our own event loop was held up this long. */
export type LoopStalled = { readonly type: 'loopStalled'; readonly at: number; readonly durationMs: number };

export type ReloadSucceeded = {
  readonly type: 'reloadSucceeded';
  readonly at: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
};
export type ReloadFailed = { readonly type: 'reloadFailed'; readonly at: number; readonly problems: readonly string[] };

export type ScrapeOutcome = 'ok' | 'aborted' | 'rejected';
export type Scraped = { readonly type: 'scraped'; readonly at: number; readonly outcome: ScrapeOutcome };

/** Our own trouble or advice, for the log. `level` error: something of ours does not work. */
export type Warned = {
  readonly type: 'warned';
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, string | number>>;
};

export type Started = {
  readonly type: 'started';
  readonly at: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly peers: number;
  readonly kernelEvidence: boolean;
  readonly listening: readonly string[];
};
export type Stopping = { readonly type: 'stopping'; readonly at: number; readonly signal: string };
export type Stopped = { readonly type: 'stopped'; readonly at: number; readonly exitCode: number };

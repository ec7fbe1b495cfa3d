import type {
  AddressTried,
  Connected,
  ConnectFailed,
  ConnectTimings,
  Disconnected,
  Ending,
  LocalClosed,
} from '../../domain/events/connection-events.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import type { ConnectFailure } from '../../domain/connect-failure.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { TlsHandshake } from '../../domain/tls-handshake.ts';
import type { SaidGoodbye } from '../../domain/goodbye.ts';

/** What a connection's state changed to, or how it ended; `failed`: the first of a row of failed attempts. */
export const CHANGE_KINDS = ['connected', 'eof', 'error', 'idle_timeout', 'announced', 'local', 'failed'] as const;

/** `announced`: it ended in order, and somebody had said so before, or right after. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Wall-clock milliseconds. */
export type PeerChange = { readonly at: number; readonly kind: ChangeKind };

/** What is kept of an end besides its event's own words. Lengths are whole milliseconds. */
type EndFigures = Pick<
  Ending,
  | 'at'
  | 'connectionId'
  | 'durationMs'
  | 'idleMs'
  | 'quietMs'
  | 'payloadQuietMs'
  | 'keepaliveIdleMs'
  | 'receivedBytes'
  | 'sentBytes'
> & {
  /** Of the connection; bare. */
  readonly address: string;
  /** The kernel's last words about the socket, where it can be asked. */
  readonly tcp?: EndTcp;
  /** Only where its span was recorded. */
  readonly traceId?: string;
  /** The incident that it is part of. */
  readonly incident?: string;
};

/** What of TCP_INFO counts at an end. */
export type EndTcp = Pick<
  TcpSample,
  'state' | 'silenceMs' | 'outstandingBytes' | 'totalRetransmits' | 'pendingRetransmits' | 'pendingProbes'
>;

/** One end of a connection, with all evidence that is kept of it. */
export type PeerEnd = EndFigures &
  (
    | ({ readonly type: 'disconnected' } & Pick<Disconnected, 'class' | 'reason'> &
        Partial<SaidGoodbye> &
        Pick<Disconnected, 'errno' | 'detail' | 'stalledBy' | 'stalledMs' | 'initiator' | 'announced' | 'hint'>)
    | ({ readonly type: 'localClosed' } & Pick<LocalClosed, 'reason'>)
  );

/** One attempt to connect and what came of it. */
export type PeerAttempt = {
  readonly startedAt: number;
  readonly timings: ConnectTimings;
  /** In the order their outcome came. */
  readonly tried: readonly AddressTried[];
  /** Null: it connected. */
  readonly failure: AttemptFailure | null;
};

/** Why it did not connect. */
export type AttemptFailure = ConnectFailure &
  Partial<SaidGoodbye> &
  Pick<ConnectFailed, 'errno' | 'detail' | 'failuresInARow' | 'retryInMs'>;

/** The last reading of TCP_INFO of the connection that is held which had news: what it says holds until the next one. */
export type LastSample = {
  readonly at: number;
  readonly rttMs: number;
  readonly minRttMs: number;
  readonly retransmits: number;
  /** Since the last packet came in, when it was read. */
  readonly silenceMs: number;
};

/** What is known of the past of a peer, as far back as it is kept. */
export type PeerHistory = {
  /** Since when it is known here. */
  readonly since: number;
  /** The last 32, the oldest first. */
  readonly changes: readonly PeerChange[];
  /** The last three, the newest first. */
  readonly ends: readonly PeerEnd[];
  /** Those that are still among the last thousand of all peers, and the last that failed; the newest first. */
  readonly attempts: readonly PeerAttempt[];
  /** The longest silence of packets that any of its connections survived, in whole milliseconds; 0: none is known. */
  readonly survivedMs: number;
  /** Of the connection that is held; absent: there is none, or the kernel cannot be asked. */
  readonly sample?: LastSample;
  /** What the last handshake showed. */
  readonly tls?: TlsHandshake;
  readonly certificate?: CertificateReading;
};

/** What a row of a table shows. */
export type HistorySummary = Pick<PeerHistory, 'since' | 'changes' | 'sample' | 'certificate'> & {
  /** The newest; absent: none ended. */
  readonly lastEnd?: PeerEnd;
  /** Why its last attempt failed; absent: it did not. */
  readonly failure?: AttemptFailure;
};

/** What is kept of an end. */
export function endOf(event: Disconnected | LocalClosed): PeerEnd {
  const figures = figuresOf(event);
  if (event.type === 'localClosed') return { type: 'localClosed', ...figures, reason: event.reason };
  const { errno, detail, stalledBy, stalledMs, initiator, announced, hint, goodbye, goodbyeCode } = event;
  return {
    type: 'disconnected',
    ...figures,
    class: event.class,
    reason: event.reason,
    ...(errno !== undefined && { errno }),
    ...(detail !== undefined && { detail }),
    ...(stalledBy !== undefined && { stalledBy }),
    ...(stalledMs !== undefined && { stalledMs }),
    ...(initiator !== undefined && { initiator }),
    ...(announced !== undefined && { announced }),
    ...(hint !== undefined && { hint }),
    ...(goodbye !== undefined && { goodbye }),
    ...(goodbyeCode !== undefined && { goodbyeCode }),
  };
}

/** What is kept of an attempt. */
export function attemptOf(event: Connected | ConnectFailed): PeerAttempt {
  const { startedAt, timings, tried } = event;
  return { startedAt, timings, tried, failure: event.type === 'connected' ? null : failureOf(event) };
}

function failureOf(event: ConnectFailed): AttemptFailure {
  const { errno, detail, failuresInARow, retryInMs, goodbye, goodbyeCode } = event;
  return {
    ...phaseOf(event),
    failuresInARow,
    retryInMs,
    ...(errno !== undefined && { errno }),
    ...(detail !== undefined && { detail }),
    ...(goodbye !== undefined && { goodbye }),
    ...(goodbyeCode !== undefined && { goodbyeCode }),
  };
}

/** Phase and reason belong together: each phase has reasons of its own. */
function phaseOf(failure: ConnectFailure): ConnectFailure {
  switch (failure.phase) {
    case 'dns':
      return { phase: 'dns', reason: failure.reason };
    case 'tcp':
      return { phase: 'tcp', reason: failure.reason };
    case 'tls':
      return { phase: 'tls', reason: failure.reason };
    case 'protocol':
      return { phase: 'protocol', reason: failure.reason };
  }
}

/** Whole milliseconds: nobody reads more of an end, and small whole numbers take no memory of their own. */
function figuresOf(event: Disconnected | LocalClosed): EndFigures {
  const { at, connectionId, remote, keepaliveIdleMs, receivedBytes, sentBytes, tcp, trace } = event;
  return {
    at,
    connectionId,
    address: remote.address,
    durationMs: Math.round(event.durationMs),
    idleMs: Math.round(event.idleMs),
    quietMs: Math.round(event.quietMs),
    payloadQuietMs: Math.round(event.payloadQuietMs),
    ...(keepaliveIdleMs !== undefined && { keepaliveIdleMs }),
    receivedBytes,
    sentBytes,
    ...(tcp !== undefined && { tcp: tcpOf(tcp) }),
    ...(trace?.recorded === true && { traceId: trace.traceId }),
  };
}

function tcpOf(sample: TcpSample): EndTcp {
  const { state, silenceMs, outstandingBytes, totalRetransmits, pendingRetransmits, pendingProbes } = sample;
  const whole = Math.round(silenceMs);
  return { state, silenceMs: whole, outstandingBytes, totalRetransmits, pendingRetransmits, pendingProbes };
}

import type { PeerRef } from '../peer-ref.ts';
import type { Silences } from '../silences.ts';
import type { TcpSample } from '../tcp-sample.ts';

/** Figures that come often: traffic, kernel samples, round trips, and how long our own event loop was held up. */
export type SampleEvent =
  | Traffic
  | Sampled
  | StayedSilent
  | HeartbeatAnswered
  | CertificateRead
  | SilenceMeasured
  | LoopStalled;

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

/**
 * A reading of TCP_INFO that has news, where the kernel can be asked: the first of a connection, each `sample_interval`, and
 * one right before an end.
 */
export type Sampled = {
  readonly type: 'sampled';
  readonly at: number;
  readonly peer: PeerRef;
  readonly tcp: TcpSample;
  /** Retransmits since the last sample of this connection. */
  readonly newRetransmits: number;
  readonly silences: Silences;
};

/**
 * A reading of TCP_INFO that says what the last one said: no packet came in meanwhile, and nothing of ours is out. The silences
 * that last are longer, and none was survived.
 */
export type StayedSilent = {
  readonly type: 'stayedSilent';
  readonly at: number;
  readonly peer: PeerRef;
  readonly silences: Silences;
};

/** The answer that a heartbeat expects was complete. */
export type HeartbeatAnswered = {
  readonly type: 'heartbeatAnswered';
  readonly at: number;
  readonly peer: PeerRef;
  /** From the write to the byte that completed the answer. Not reported when our own event loop stalled in between. */
  readonly rttMs: number;
};

/**
 * The certificates of a peer were read anew while its connection is held: at most once a day, where less than 21 days are
 * left. `at` is when; `expiresAt` as in the reading of a `connected` event. Not emitted where the reading failed.
 */
export type CertificateRead = {
  readonly type: 'certificateRead';
  readonly at: number;
  readonly peer: PeerRef;
  readonly expiresAt: number;
};

/** How long the path to a peer tolerates silence was measured, over connections that are in no other event. Null: none was. */
export type SilenceMeasured = {
  readonly type: 'silenceMeasured';
  readonly at: number;
  readonly peer: PeerRef;
  /** The longest silence that was survived. */
  readonly survivedMs: number | null;
  /** The shortest that was not. */
  readonly fatalMs: number | null;
};

/** Our own event loop was held up this long. Emitted when it runs again. */
export type LoopStalled = { readonly type: 'loopStalled'; readonly at: number; readonly durationMs: number };

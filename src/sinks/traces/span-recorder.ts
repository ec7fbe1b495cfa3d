import type { DiedConnection } from '../../domain/lost-connection.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import type {
  Connected,
  ConnectFailed,
  ConnectionEvent,
  Disconnected,
  LocalClosed,
} from '../../domain/events/connection-events.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import { countConnectSpans, describeConnect } from './connect-trace.ts';
import { describeConnection, describeDied } from './connection-trace.ts';
import { isSampled } from './sampling.ts';
import type { SpanLedger } from './span-ledger.ts';
import type { StormControl } from './storm-control.ts';
import type { SpanAddress, TraceShape } from './trace-shape.ts';

export type RecorderOptions = {
  readonly ledger: SpanLedger;
  readonly storm: StormControl;
  /** Makes the spans; null where there was no room for them. */
  readonly emit: (shape: TraceShape, link: SpanAddress | null) => SpanAddress | null;
};

export type SpanRecorder = {
  /** The root span of this event, or null where it was sampled away, suppressed or dropped. `ratio` 0..1 is for clean ones. */
  record(event: ConnectionEvent, ratio: number): SpanAddress | null;
  recordDied(died: DiedConnection): void;
  forget(peerId: number): void;
  clear(): void;
};

/** What the next span of a peer may link to; nothing else is kept of a peer, and nothing where there is nothing to link to. */
type Last =
  /** The connection that is held was established by this span. */
  | { readonly kind: 'connect'; readonly address: SpanAddress }
  /** A failed connect or an ended connection; address null: not recorded, but its recovery is to be. */
  | { readonly kind: 'before'; readonly address: SpanAddress | null; readonly abnormal: boolean };

/**
 * Decides which events become spans and what they link to: each `connection` to its `connect`, each `connect` to the
 * connection or recorded failed connect before it. Failures, abnormal ends and recoveries are never sampled away, the
 * 3rd, 5th, 6th, 7th, ... failure in a row and whatever a storm leaves no room for is suppressed and counted, a whole
 * trace at a time. What is sampled away was not asked for and is not counted.
 */
export function createSpanRecorder({ ledger, storm, emit }: RecorderOptions): SpanRecorder {
  const last = new Map<number, Last>();

  const make = (spans: number, important: boolean, trace: () => readonly [TraceShape, SpanAddress | null]) => {
    ledger.make(spans);
    if (storm(spans, important)) return emit(...trace());
    ledger.settle('suppressed', spans);
    return null;
  };
  const recordFailed = (event: ConnectFailed): SpanAddress | null => {
    const spans = countConnectSpans(event);
    const before = precedingOf(last.get(event.peer.id));
    if (!isPowerOfTwo(event.failuresInARow)) {
      ledger.make(spans);
      ledger.settle('suppressed', spans);
      return null;
    }
    const address = make(spans, true, () => [describeConnect(event), before]);
    last.set(event.peer.id, { kind: 'before', address: address ?? before, abnormal: true });
    return address;
  };
  const recordConnected = (event: Connected, ratio: number): SpanAddress | null => {
    const preceding = last.get(event.peer.id);
    last.delete(event.peer.id);
    const recovery = event.failuresBefore > 0 || (preceding?.kind === 'before' && preceding.abnormal);
    if (!recovery && !isSampled(event.connectionId, ratio)) return null;
    const trace = () => [describeConnect(event), precedingOf(preceding)] as const;
    const address = make(countConnectSpans(event), recovery, trace);
    if (address !== null) last.set(event.peer.id, { kind: 'connect', address });
    return address;
  };
  const recordEnded = (event: Disconnected | LocalClosed, ratio: number): SpanAddress | null => {
    const connect = last.get(event.peer.id);
    const abnormal = event.type === 'disconnected' && isAbnormal(event.class);
    const link = connect?.kind === 'connect' ? connect.address : null;
    const wanted = abnormal || isSampled(event.connectionId, ratio);
    const address = wanted ? make(1, abnormal, () => [describeConnection(event), link]) : null;
    if (address === null && !abnormal) last.delete(event.peer.id);
    else last.set(event.peer.id, { kind: 'before', address, abnormal });
    return address;
  };
  return {
    record(event, ratio) {
      switch (event.type) {
        case 'connectFailed':
          return recordFailed(event);
        case 'connected':
          return recordConnected(event, ratio);
        case 'disconnected':
        case 'localClosed':
          return recordEnded(event, ratio);
      }
    },
    recordDied: (died) => void make(1, true, () => [describeDied(died), died.connect ?? null]),
    forget: (peerId) => void last.delete(peerId),
    clear: () => last.clear(),
  };
}

function precedingOf(last: Last | undefined): SpanAddress | null {
  return last?.kind === 'before' ? last.address : null;
}

import type { LostConnection } from '../../domain/lost-connection.ts';
import { isAbnormal } from '../../domain/disconnect.ts';
import type {
  Connected,
  ConnectFailed,
  ConnectionOutcome,
  Disconnected,
  LocalClosed,
} from '../../domain/events/connection-events.ts';
import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import type { ObservedEnded } from '../../domain/events/observed-events.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import { countConnectSpans, describeConnect } from './connect-trace.ts';
import { describeConnection, describeLostConnection } from './connection-trace.ts';
import { describeIncident } from './incident-trace.ts';
import { describeObserved } from './observed-trace.ts';
import { isSampled } from './sampling.ts';
import type { SpanCounter } from './span-counter.ts';
import type { SpanRateLimit } from './span-rate-limit.ts';
import type { SpanAddress, TraceShape } from './trace-shape.ts';

export type RecorderOptions = {
  readonly counter: SpanCounter;
  readonly isAllowed: SpanRateLimit;
  /** For spans of connections of other processes. */
  readonly isObservedAllowed: SpanRateLimit;
  /** Makes the spans; null where there was no room for them. */
  readonly emit: (shape: TraceShape, links: readonly SpanAddress[]) => SpanAddress | null;
};

/** What the next span of a peer may link to; nothing else is kept of a peer, and nothing where there is nothing to link to. */
type Last =
  /** The connection that is held was established by this span. */
  | { readonly kind: 'connect'; readonly address: SpanAddress }
  /** A failed connect or an ended connection; address null: not recorded, but its recovery is to be. */
  | { readonly kind: 'before'; readonly address: SpanAddress | null; readonly abnormal: boolean };

type Described = readonly [TraceShape, link: SpanAddress | null];

/**
 * Decides which events become spans and what they link to: each `connection` to its `connect`, each `connect` to the
 * connection or recorded failed connect before it. Failures, abnormal ends and recoveries are never sampled away, the
 * 3rd, 5th, 6th, 7th, ... failure in a row and whatever is over the rate limit is suppressed and counted, a whole trace at
 * a time. What is sampled away was not asked for and is not counted.
 */
export class SpanRecorder {
  readonly #options: RecorderOptions;
  readonly #last = new Map<number, Last>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The root span of this event, or null where it was sampled away, suppressed or dropped. `ratio` 0..1 is for clean ones. */
  record(event: ConnectionOutcome | ObservedEnded, ratio: number): SpanAddress | null {
    switch (event.type) {
      case 'connectFailed':
        return this.#recordFailed(event);
      case 'connected':
        return this.#recordConnected(event, ratio);
      case 'disconnected':
      case 'localClosed':
        return this.#recordEnded(event, ratio);
      case 'observedEnded':
        return this.#recordObserved(event);
    }
  }

  /** A connection that an earlier run of the process left without an end. */
  recordLost(lost: LostConnection): void {
    this.#make(1, true, () => [describeLostConnection(lost), lost.connect ?? null]);
  }

  /** An incident that is over, linked to the ends that it explains. Never sampled away nor suppressed: there are few. */
  recordIncident(event: IncidentChanged): void {
    if (event.state === 'running') return;
    const { counter, emit } = this.#options;
    counter.make(1);
    emit(describeIncident(event), event.traces);
  }

  forget(peerId: number): void {
    this.#last.delete(peerId);
  }

  clear(): void {
    this.#last.clear();
  }

  #make(spans: number, important: boolean, describe: () => Described): SpanAddress | null {
    const { counter, isAllowed, emit } = this.#options;
    counter.make(spans);
    if (isAllowed(spans, important)) {
      const [shape, link] = describe();
      return emit(shape, link === null ? [] : [link]);
    }
    counter.settle('suppressed', spans);
    return null;
  }

  /** Of an error alone: what applications do in order would be thousands of spans a second. */
  #recordObserved(event: ObservedEnded): SpanAddress | null {
    if (event.class !== 'error') return null;
    const { counter, isObservedAllowed, emit } = this.#options;
    counter.make(1);
    if (isObservedAllowed(1, true)) return emit(describeObserved(event, event.reason), []);
    counter.settle('suppressed', 1);
    return null;
  }

  #recordFailed(event: ConnectFailed): SpanAddress | null {
    const spans = countConnectSpans(event);
    const before = precedingOf(this.#last.get(event.peer.id));
    if (!isPowerOfTwo(event.failuresInARow)) {
      this.#options.counter.make(spans);
      this.#options.counter.settle('suppressed', spans);
      return null;
    }
    const address = this.#make(spans, true, () => [describeConnect(event), before]);
    this.#last.set(event.peer.id, { kind: 'before', address: address ?? before, abnormal: true });
    return address;
  }

  #recordConnected(event: Connected, ratio: number): SpanAddress | null {
    const preceding = this.#last.get(event.peer.id);
    this.#last.delete(event.peer.id);
    const recovery = event.failuresBefore > 0 || (preceding?.kind === 'before' && preceding.abnormal);
    if (!recovery && !isSampled(event.connectionId, ratio)) return null;
    const describe = (): Described => [describeConnect(event), precedingOf(preceding)];
    const address = this.#make(countConnectSpans(event), recovery, describe);
    if (address !== null) this.#last.set(event.peer.id, { kind: 'connect', address });
    return address;
  }

  #recordEnded(event: Disconnected | LocalClosed, ratio: number): SpanAddress | null {
    const connect = this.#last.get(event.peer.id);
    const abnormal = event.type === 'disconnected' && isAbnormal(event.class);
    const link = connect?.kind === 'connect' ? connect.address : null;
    const wanted = abnormal || isSampled(event.connectionId, ratio);
    const address = wanted ? this.#make(1, abnormal, () => [describeConnection(event), link]) : null;
    if (address === null && !abnormal) this.#last.delete(event.peer.id);
    else this.#last.set(event.peer.id, { kind: 'before', address, abnormal });
    return address;
  }
}

function precedingOf(last: Last | undefined): SpanAddress | null {
  return last?.kind === 'before' ? last.address : null;
}

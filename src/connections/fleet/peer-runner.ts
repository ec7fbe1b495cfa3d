import type { Timer } from '../../clock/clock.ts';
import { afterConnection, type Backoff, FRESH_BACKOFF, nextDelay } from '../../domain/backoff.ts';
import { type ConnectionInput, type ConnectionState, nextState } from '../../domain/connection-state.ts';
import type { LocalCloseReason } from '../../domain/disconnect.ts';
import type { Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { AttemptFailure } from '../dial/attempt-listener.ts';
import type { AttemptFacts } from '../dial/attempt-record.ts';
import { ConnectAttempt } from '../dial/connect-attempt.ts';
import { HeldConnection } from '../hold/held-connection.ts';
import type { Link } from '../link/link.ts';
import type { RunnerContext } from './runner-context.ts';

/** How long a connection that we close may drain until the peer's FIN. */
export const DRAIN_MS = 2000;

type CloseLink = (drainMs: number, done: () => void) => void;

/** Holds one peer: attempts, connections and the waits between them, one after the other. */
export class PeerRunner {
  readonly peer: PeerRef;
  readonly #context: RunnerContext;
  #settings: PeerSettings;
  /** Not begun is as good as stopped: a peer may be removed before its predecessor has drained. */
  #state: ConnectionState = { name: 'stopped' };
  #backoff: Backoff = FRESH_BACKOFF;
  #wait: Timer | null = null;
  /** When the running delay is over, monotonic; -Infinity: none runs. */
  #waitUntil = -Infinity;
  #attempt: ConnectAttempt | null = null;
  #held: { readonly connection: HeldConnection; readonly link: Link } | null = null;
  #failuresInARow = 0;
  #downSince: number | null = null;
  #connectionId = '';
  /** How the socket that drains now is closed. */
  #close: CloseLink | null = null;
  #drainMs = DRAIN_MS;
  /** When the next attempt is due, should the drain be over by then; monotonic. */
  #retryAt = 0;
  readonly #stopped: (() => void)[] = [];

  constructor(peer: PeerRef, settings: PeerSettings, context: RunnerContext) {
    this.peer = peer;
    this.#settings = settings;
    this.#context = context;
  }

  /** Enters the first state and takes its place in the connect rate. */
  start(): void {
    const { clock, emit } = this.#context;
    this.#state = { name: 'backoff' };
    emit({ type: 'stateEntered', at: clock.now(), peer: this.peer, from: null, state: this.#state.name });
    this.#scheduleAttempt(0);
  }

  /** Takes new settings; `reconnect` closes the connection (`reconfigured`), since its socket cannot take them. */
  reconfigure(settings: PeerSettings, how: 'inPlace' | 'reconnect'): void {
    this.#settings = settings;
    if (this.#waitUntil > this.#context.clock.monotonic() + settings.reconnect.maxMs) {
      this.#wait?.cancel();
      this.#scheduleAttempt(settings.reconnect.maxMs);
    }
    if (how === 'inPlace') this.#held?.connection.reconfigure(settings);
    else if (this.#held !== null) this.#held.connection.closeLocally('reconfigured');
    else if (this.#attempt !== null) this.#restartAttempt();
  }

  /**
   * Ends everything of this peer and calls `done` when its last descriptor is released, at most `drainMs` later. Asked
   * again it shortens the drain, and answers everybody.
   */
  stop(reason: LocalCloseReason, drainMs: number, done: () => void): void {
    this.#wait?.cancel();
    const attempt = this.#attempt;
    const held = this.#held;
    const { state } = this.#move({ type: 'stop' });
    if (state.name === 'stopped') {
      done();
      return;
    }
    this.#stopped.push(done);
    this.#drainMs = drainMs;
    if (held !== null) {
      held.connection.closeLocally(reason); // its end finds the machine in `closing` and closes the link
    } else if (attempt !== null) {
      this.#attempt = null;
      this.#closeThenRetry((ms, closed) => attempt.abandon(ms, closed), this.#connectionId, 0);
    } else {
      this.#close?.(drainMs, () => {}); // it drains already: the shorter wait counts
    }
  }

  #scheduleAttempt(delayMs: number): void {
    const { clock, rate } = this.#context;
    const queue = (): void => {
      this.#waitUntil = -Infinity;
      this.#wait = rate.request(() => this.#beginAttempt());
    };
    if (delayMs <= 0) {
      queue();
      return;
    }
    this.#waitUntil = clock.monotonic() + delayMs;
    this.#wait = clock.after(delayMs, queue);
  }

  #beginAttempt(): void {
    this.#wait = null;
    const connectionId = this.#context.newConnectionId();
    if (!this.#move({ type: 'attemptDue', connectionId }).changed) return;
    this.#connectionId = connectionId;
    const startedAt = this.#context.clock.now();
    const attempt = new ConnectAttempt(this.#settings, this.#context, {
      resolved: () => this.#move({ type: 'resolved', connectionId }),
      tcpConnected: () => this.#move({ type: 'tcpConnected', connectionId }),
      established: (link, facts) => this.#established(link, facts, { connectionId, startedAt }),
      failed: (failure, facts, close) => this.#failed(failure, { facts, close, connectionId, startedAt }),
    });
    this.#attempt = attempt;
    attempt.start();
  }

  #established(
    link: Link,
    facts: AttemptFacts,
    begun: { readonly connectionId: string; readonly startedAt: number },
  ): void {
    this.#attempt = null;
    this.#move({ type: 'ready', connectionId: begun.connectionId });
    const { clock, emit } = this.#context;
    const downtimeMs = this.#downSince === null ? null : clock.monotonic() - this.#downSince;
    const failuresBefore = this.#failuresInARow;
    this.#downSince = null;
    this.#failuresInARow = 0;
    emit({
      type: 'connected',
      at: clock.now(),
      peer: this.peer,
      ...begun,
      ...facts,
      remote: link.remote,
      local: link.local,
      failuresBefore,
      ...(downtimeMs === null ? {} : { downtimeMs }),
    });
    const connection = new HeldConnection({
      peer: this.peer,
      connectionId: begun.connectionId,
      link,
      settings: this.#settings,
      context: this.#context,
      ended: (event) => this.#ended(event),
    });
    this.#held = { connection, link };
    connection.start();
  }

  #failed(
    { failure, errno, detail }: AttemptFailure,
    attempt: {
      readonly facts: AttemptFacts;
      readonly close: CloseLink | null;
      readonly connectionId: string;
      readonly startedAt: number;
    },
  ): void {
    const { facts, close, connectionId, startedAt } = attempt;
    this.#attempt = null;
    this.#failuresInARow++;
    this.#backoff = nextDelay(this.#backoff, this.#settings.reconnect, this.#context.random());
    const { clock, emit } = this.#context;
    const retryInMs = this.#backoff.lastDelayMs;
    emit({
      type: 'connectFailed',
      at: clock.now(),
      peer: this.peer,
      connectionId,
      startedAt,
      ...facts,
      ...failure,
      ...(errno === undefined ? {} : { errno }),
      ...(detail === undefined ? {} : { detail }),
      failuresInARow: this.#failuresInARow,
      retryInMs,
    });
    if (close === null) {
      this.#move({ type: 'attemptFailed', connectionId });
      this.#scheduleAttempt(retryInMs);
    } else this.#closeThenRetry(close, connectionId, retryInMs);
  }

  #ended(event: Disconnected | LocalClosed): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    const { clock, emit, random } = this.#context;
    const isLocal = event.type === 'localClosed';
    this.#backoff = afterConnection(this.#backoff, event.durationMs);
    if (!isLocal) {
      this.#downSince = clock.monotonic();
      this.#backoff = nextDelay(this.#backoff, this.#settings.reconnect, random());
    }
    // We chose to end it, so the next one may begin at once; the process-wide rate still holds.
    const delayMs = isLocal ? 0 : this.#backoff.lastDelayMs;
    emit(event.type === 'disconnected' ? { ...event, retryInMs: delayMs } : event);
    this.#closeThenRetry((drainMs, done) => held.link.close(drainMs, done), event.connectionId, delayMs);
  }

  /** Closes what is open in order; the next attempt waits for it, and for `delayMs` from now. */
  #closeThenRetry(close: CloseLink, connectionId: string, delayMs: number): void {
    this.#retryAt = this.#context.clock.monotonic() + delayMs;
    this.#move({ type: 'closing', connectionId });
    this.#close = close;
    close(this.#drainMs, () => this.#drained(connectionId));
  }

  #drained(connectionId: string): void {
    const { state, changed } = this.#move({ type: 'drained', connectionId });
    if (!changed) return;
    this.#close = null;
    const leftMs = this.#retryAt - this.#context.clock.monotonic();
    if (state.name !== 'stopped') this.#scheduleAttempt(Math.min(leftMs, this.#settings.reconnect.maxMs));
    else for (const done of this.#stopped.splice(0)) done();
  }

  #restartAttempt(): void {
    const attempt = this.#attempt;
    const connectionId = this.#connectionId;
    this.#attempt = null;
    this.#closeThenRetry((drainMs, done) => attempt?.abandon(drainMs, done), connectionId, 0);
  }

  /** Feeds the machine and tells when the state changed. */
  #move(input: ConnectionInput): { readonly state: ConnectionState; readonly changed: boolean } {
    const before = this.#state;
    this.#state = nextState(before, input);
    const changed = this.#state !== before;
    if (changed && this.#state.name !== before.name) {
      const { clock, emit } = this.#context;
      emit({ type: 'stateEntered', at: clock.now(), peer: this.peer, from: before.name, state: this.#state.name });
    }
    return { state: this.#state, changed };
  }
}

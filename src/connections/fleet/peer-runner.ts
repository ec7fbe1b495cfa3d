import type { Timer } from '../../clock/clock.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { LocalCloseReason } from '../../domain/disconnect.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { ConnectionEffect, Step } from '../../domain/steps/connection-effect.ts';
import type { ConnectionInput } from '../../domain/steps/connection-input.ts';
import { firstStep, nextStep } from '../../domain/steps/next-step.ts';
import type { Heartbeat } from '../../settings/heartbeat.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TargetLabels } from '../../settings/target-labels.ts';
import type { AttemptFailure } from '../dial/attempt-listener.ts';
import type { AttemptFacts } from '../dial/attempt-record.ts';
import { ConnectAttempt } from '../dial/connect-attempt.ts';
import type { OpenedSession } from '../dial/first-answer.ts';
import { HeldConnection } from '../hold/held-connection.ts';
import type { Link } from '../link/link.ts';
import type { RunnerContext } from './runner-context.ts';

type Close = (drainMs: number, done: () => void) => void;

/** The objects of the current connection, from its attempt until it is closed. */
type Live = {
  readonly connectionId: string;
  /** Closes what is open of it; null: nothing is. */
  readonly close: Close | null;
  readonly link: Link | null;
  /** The heartbeat that the attempt began with, and the conversation that it opened. */
  readonly opened: Opened | null;
  connection: HeldConnection | null;
};

/** A connection that is over, until its descriptor is released. */
type Draining = { readonly connectionId: string; readonly close: Close };

type Opened = { readonly heartbeat: Heartbeat | null; readonly session: OpenedSession };

type Begun = { readonly connectionId: string; readonly startedAt: number };

type Established = Begun & { readonly heartbeat: Heartbeat | null; readonly session: OpenedSession | null };

/** Most peers have none, so they share this one. */
const NONE_DRAINING: readonly Draining[] = [];

/**
 * Holds one peer: attempts, connections and the waits between them. It keeps the live objects and runs the effects of the
 * state machine (`domain/steps`), which decides everything.
 */
export class PeerRunner {
  #peer: PeerRef;
  readonly #context: RunnerContext;
  #settings: PeerSettings;
  /** Null: not begun. A peer may be removed before its predecessor has drained. */
  #state: ConnectionState | null = null;
  #wait: Timer | null = null;
  #live: Live | null = null;
  #draining = NONE_DRAINING;
  readonly #onStopped: (() => void)[] = [];

  constructor(peer: PeerRef, settings: PeerSettings, context: RunnerContext) {
    this.#peer = peer;
    this.#settings = settings;
    this.#context = context;
  }

  get peer(): PeerRef {
    return this.#peer;
  }

  /** What happens from now on is reported under these target labels, that of the held connection included. */
  relabel(labels: TargetLabels): void {
    this.#peer = { ...this.#peer, labels };
  }

  /** Enters the first state and takes its place in the connect rate. */
  start(): void {
    this.#take(firstStep());
  }

  /** Takes new settings; `reconnect` closes the connection (`reconfigured`), since its socket cannot take them. */
  reconfigure(settings: PeerSettings, how: 'inPlace' | 'reconnect'): void {
    this.#settings = settings;
    this.#feed({ type: 'reconfigured', how, ...this.#circumstances() });
  }

  /** Lets the delays of a peer that is not established start over at `reconnect.initial`. */
  restartDelay(): void {
    this.#feed({ type: 'delayRestarted', random: this.#context.random(), ...this.#circumstances() });
  }

  /**
   * Ends everything of this peer and calls `done` when its last descriptor is released, at most `drainMs` later. Asked
   * again it shortens the drain, and calls each `done`.
   */
  stop(reason: LocalCloseReason, drainMs: number, done: () => void): void {
    this.#onStopped.push(done);
    if (this.#state === null) this.#reportStopped();
    else this.#feed({ type: 'stop', reason, drainMs });
  }

  #feed(input: ConnectionInput): void {
    if (this.#state !== null) this.#take(nextStep(this.#state, input));
  }

  /** An effect may lead to the next input before it returns: the state is there first, and such an effect is the last. */
  #take({ state, effects }: Step): void {
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: ConnectionEffect): void {
    const { clock, emit, rate } = this.#context;
    switch (effect.type) {
      case 'reportState':
        emit({ type: 'stateEntered', at: clock.now(), peer: this.#peer, from: effect.from, state: effect.state });
        return;
      case 'emit':
        emit(effect.event);
        return;
      case 'wait':
        // An end may be served a little after it was noted: the wait counts from then.
        this.#waitFor(
          clock.after(Math.max(0, effect.until - clock.monotonic()), () => this.#feed({ type: 'waitOver' })),
        );
        return;
      case 'queueForConnectRate':
        this.#waitFor(rate.request(() => this.#attemptDue()));
        return;
      case 'cancelWait':
        this.#waitFor(null);
        return;
      case 'dial':
        this.#dial(effect.connectionId);
        return;
      case 'hold':
        this.#hold(effect.connectionId);
        return;
      case 'reconfigure':
        this.#current(effect.connectionId)?.connection?.reconfigure(this.#settings);
        return;
      case 'endConnection':
        this.#current(effect.connectionId)?.connection?.closeLocally(effect.reason);
        return;
      case 'close':
        this.#close(effect.connectionId, effect.drainMs);
        return;
      case 'reset':
        this.#reset(effect.connectionId);
        return;
      case 'reportStopped':
        this.#reportStopped();
    }
  }

  #waitFor(wait: Timer | null): void {
    this.#wait?.cancel();
    this.#wait = wait;
  }

  #attemptDue(): void {
    this.#wait = null;
    this.#feed({ type: 'attemptDue', connectionId: this.#context.newConnectionId() });
  }

  #dial(connectionId: string): void {
    const begun: Begun = { connectionId, startedAt: this.#context.clock.now() };
    const { heartbeat } = this.#settings;
    const attempt = new ConnectAttempt(this.#settings, this.#context, {
      resolved: () => this.#feed({ type: 'resolved', connectionId }),
      tcpConnected: () => this.#feed({ type: 'tcpConnected', connectionId }),
      established: (link, facts, session) => this.#established({ ...begun, heartbeat, session }, link, facts),
      failed: (failure, facts, close) => {
        this.#live = { connectionId, close, link: null, opened: null, connection: null };
        this.#attemptFailed(begun, failure, facts);
      },
    });
    const close: Close = (drainMs, done) => attempt.abandon(drainMs, done);
    this.#live = { connectionId, close, link: null, opened: null, connection: null };
    attempt.start();
  }

  /** Not within `#dial`: what is kept here must not keep the attempt. */
  #established({ heartbeat, session, ...begun }: Established, link: Link, attempt: AttemptFacts): void {
    const { clock } = this.#context;
    const { connectionId } = begun;
    const close: Close = (drainMs, done) => link.close(drainMs, done);
    const opened = session === null ? null : { heartbeat, session };
    this.#live = { connectionId, close, link, opened, connection: null };
    const { remote, local } = link;
    const facts = {
      type: 'connected',
      at: clock.now(),
      peer: this.#peer,
      ...begun,
      ...attempt,
      remote,
      local,
    } as const;
    this.#feed({ type: 'established', connectionId, facts, now: clock.monotonic() });
  }

  #attemptFailed(begun: Begun, { failure, errno, detail }: AttemptFailure, attempt: AttemptFacts): void {
    const { connectionId } = begun;
    const facts = {
      type: 'connectFailed',
      at: this.#context.clock.now(),
      peer: this.#peer,
      ...begun,
      ...attempt,
      ...failure,
      ...(errno === undefined ? {} : { errno }),
      ...(detail === undefined ? {} : { detail }),
    } as const;
    const random = this.#context.random();
    const isOpen = this.#live?.close !== null;
    this.#feed({ type: 'attemptFailed', connectionId, facts, isOpen, random, ...this.#circumstances() });
  }

  #hold(connectionId: string): void {
    const live = this.#current(connectionId);
    if (live === null || live.link === null) throw new TypeError('a link is established before it is held');
    const { opened } = live;
    // A reload may have changed the heartbeat since the attempt began: then the new one starts from the beginning.
    const goesOn = opened !== null && isSameSetting(opened.heartbeat, this.#settings.heartbeat);
    live.connection = new HeldConnection({
      peer: () => this.#peer,
      connectionId,
      link: live.link,
      opened: goesOn ? opened.session : null,
      firstRttMs: opened?.session.rttMs ?? null,
      settings: this.#settings,
      context: this.#context,
      ended: (event, now) => {
        const random = this.#context.random();
        this.#feed({ type: 'ended', connectionId, event, random, ...this.#circumstances(), now });
      },
    });
    live.connection.start();
  }

  #close(connectionId: string, drainMs: number): void {
    const draining = this.#draining.find((one) => one.connectionId === connectionId);
    // The first close answers, after its own clean-up; a further one only shortens the drain.
    if (draining !== undefined) draining.close(drainMs, () => {});
    const live = this.#current(connectionId);
    if (live === null || live.close === null) return;
    live.close(drainMs, this.#drain({ connectionId, close: live.close }));
  }

  #reset(connectionId: string): void {
    const live = this.#current(connectionId);
    if (live === null || live.link === null || live.close === null) return;
    live.link.reset(this.#drain({ connectionId, close: live.close }));
  }

  /** The current connection is over; to be called when its descriptor is released. */
  #drain(draining: Draining): () => void {
    const { connectionId } = draining;
    this.#live = null;
    this.#draining = [...this.#draining, draining];
    // An attempt of any peer is worth more than the rest of a drain.
    const withdraw = this.#context.budget.offer(() => draining.close(0, () => {}));
    return () => {
      withdraw();
      this.#draining = without(this.#draining, connectionId);
      this.#feed({ type: 'drained', connectionId });
    };
  }

  /** The objects of this connection; null: it is not the current one any more. */
  #current(connectionId: string): Live | null {
    return this.#live?.connectionId === connectionId ? this.#live : null;
  }

  #reportStopped(): void {
    for (const done of this.#onStopped.splice(0)) done();
  }

  /** What decisions depend on beside the state: the time, and the settings in force. */
  #circumstances() {
    const { clock, drainMs } = this.#context;
    return { now: clock.monotonic(), reconnect: this.#settings.reconnect, drainMs };
  }
}

function without(draining: readonly Draining[], connectionId: string): readonly Draining[] {
  const left = draining.filter((one) => one.connectionId !== connectionId);
  return left.length === 0 ? NONE_DRAINING : left;
}

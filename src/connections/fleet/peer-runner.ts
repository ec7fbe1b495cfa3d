import type { Timer } from '../../clock/clock.ts';
import type { ConnectionState } from '../../domain/connection-state.ts';
import type { LocalCloseReason } from '../../domain/disconnect.ts';
import type { Disconnected, LocalClosed } from '../../domain/events/connection-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { ConnectionEffect, Step } from '../../domain/steps/connection-effect.ts';
import type { ConnectionInput } from '../../domain/steps/connection-input.ts';
import { firstStep, nextStep } from '../../domain/steps/next-step.ts';
import type { Announcement } from '../../settings/announcement.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { AttemptFailure } from '../dial/attempt-listener.ts';
import type { AttemptFacts } from '../dial/attempt-record.ts';
import { ConnectAttempt } from '../dial/connect-attempt.ts';
import type { OpenedSession } from '../dial/session-opening.ts';
import { HeldConnection } from '../hold/held-connection.ts';
import type { ConnectionHolder } from '../hold/held-connection-options.ts';
import type { Link } from '../link/link.ts';
import { eventOf } from './event-of.ts';
import { LoginAttempt } from './login-attempt.ts';
import { type Opened, PeerSockets } from './peer-sockets.ts';
import type { RunnerContext } from './runner-context.ts';

type Begun = { readonly connectionId: string; readonly startedAt: number };

type Established = Begun & Omit<Opened, 'session'> & { readonly session: OpenedSession | null };

/**
 * Holds one peer: attempts, connections and the waits between them. It keeps the live objects and runs the effects of the
 * state machine (`domain/steps`), which decides everything.
 */
export class PeerRunner implements ConnectionHolder {
  #peer: PeerRef;
  readonly #context: RunnerContext;
  #settings: PeerSettings;
  /** Null: not begun. A peer may be removed before its predecessor has drained. */
  #state: ConnectionState | null = null;
  #wait: Timer | null = null;
  /** From the request of its turn until it has an outcome; null: none, or it needs no password. */
  #login: LoginAttempt | null = null;
  readonly #sockets: PeerSockets;
  readonly #onStopped: (() => void)[] = [];

  constructor(peer: PeerRef, settings: PeerSettings, context: RunnerContext) {
    this.#peer = peer;
    this.#settings = settings;
    this.#context = context;
    this.#sockets = new PeerSockets(context.budget);
  }

  get peer(): PeerRef {
    return this.#peer;
  }

  /** Whether it was started. */
  get hasBegun(): boolean {
    return this.#state !== null;
  }

  get isEstablished(): boolean {
    return this.#state?.name === 'established';
  }

  /** What happens from now on is reported under this address and these target labels, that of the held connection included. */
  rename(names: Pick<PeerRef, 'host' | 'port' | 'isLiteral' | 'labels'>): void {
    this.#peer = { ...this.#peer, ...names };
  }

  /** Enters the first state and takes its place in the connect rate; not where its end is announced already. */
  start(announced: Announcement | null): void {
    this.#take(firstStep());
    if (announced !== null) this.plan(announced);
  }

  /**
   * Takes new settings; `reconnect` closes the connection (`reconfigured`), since its socket cannot take them. `hasMoved`:
   * the address is another one, which the next attempt goes to.
   */
  reconfigure(
    settings: PeerSettings,
    change: { readonly how: 'inPlace' | 'reconnect'; readonly hasMoved: boolean },
  ): void {
    this.#settings = settings;
    this.#feed({ type: 'reconfigured', ...change, ...this.#circumstances() });
  }

  /** Its target is there, be it still or again, and this announcement of its end stands; null: none does. */
  plan(announced: Announcement | null): void {
    this.#feed({ type: 'planned', announced, ...this.#circumstances() });
  }

  /** Its target has gone: a connection may outlive it by `lingerMs`. Calls `forget` of the context when the peer is over. */
  vanish(reason: 'removed' | 'resharded', lingerMs: number): void {
    this.#feed({ type: 'vanished', reason, lingerMs, ...this.#circumstances() });
  }

  /** Another process holds it, and this announcement of its end came. */
  announceElsewhere(announced: Announcement): void {
    this.#feed({ type: 'announcedElsewhere', announced, ...this.#circumstances() });
  }

  /** Lets the delays of a peer that is not established start over at `reconnect.initial`. */
  restartDelay(): void {
    this.#context.turns.reopen(this.#peer.group);
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
    const { clock, emit } = this.#context;
    switch (effect.type) {
      case 'reportState':
      case 'emit':
      case 'reportAnnouncement':
      case 'reportHandedOver':
      case 'explain':
        if (effect.type === 'emit') this.#takeLogin()?.over(effect.event, this.#settings.reconnect, this);
        emit(eventOf(effect, this.#peer, clock.now()));
        return;
      case 'wait':
        this.#waitUntil(effect.until);
        return;
      case 'queueForConnectRate':
        this.#waitFor(this.#requestTurn());
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
        this.#sockets.current(effect.connectionId)?.connection?.reconfigure(this.#settings);
        return;
      case 'endConnection':
        this.#sockets.current(effect.connectionId)?.connection?.closeLocally(effect.reason);
        return;
      case 'close':
        this.#close(effect.connectionId, effect.drainMs);
        return;
      case 'reset':
        this.#sockets.reset(effect.connectionId, this.#drained(effect.connectionId));
        return;
      case 'forget':
        this.#context.turns.withdraw(this.#peer.group, this);
        this.#context.forget(this.#peer);
        return;
      case 'reportStopped':
        this.#context.turns.withdraw(this.#peer.group, this);
        this.#reportStopped();
    }
  }

  /**
   * An end may be served a little after it was noted: the wait counts from then. After a backoff the connect rate paces what
   * follows; thousands of targets that vanished together are served in slices when their wait is over.
   */
  #waitUntil(until: number): void {
    const { clock, ends } = this.#context;
    const wait = clock.after(Math.max(0, until - clock.monotonic()), () => {
      if (this.#state?.name === 'backoff') this.#feed({ type: 'waitOver' });
      else ends.run(() => this.#wait === wait && this.#feed({ type: 'waitOver' }));
    });
    this.#waitFor(wait);
  }

  #waitFor(wait: Timer | null): void {
    this.#wait?.cancel();
    this.#wait = wait;
  }

  /** Logins with a password have their turn in the group, too. */
  #requestTurn(): Timer {
    const due = (): void => this.#attemptDue();
    const file = this.#settings.protocol?.settings.passwordFile ?? null;
    this.#login = file === null ? null : new LoginAttempt(this.#context, { group: this.#peer.group, file }, due);
    return this.#login ?? this.#context.rate.request(due);
  }

  #takeLogin(): LoginAttempt | null {
    const login = this.#login;
    this.#login = null;
    return login;
  }

  #attemptDue(): void {
    this.#wait = null;
    this.#feed({ type: 'attemptDue', connectionId: this.#context.newConnectionId() });
  }

  #dial(connectionId: string): void {
    const begun: Begun = { connectionId, startedAt: this.#context.clock.now() };
    const { heartbeat, protocol } = this.#settings;
    const isLogin = protocol !== null;
    const attempt = new ConnectAttempt(this.#settings, this.#context, {
      resolved: () => this.#feed({ type: 'resolved', connectionId }),
      tcpConnected: () => this.#feed({ type: 'tcpConnected', connectionId }),
      established: (link, facts, session) => this.#established({ ...begun, isLogin, heartbeat, session }, link, facts),
      failed: (failure, facts, close) => {
        const closable = close === null ? null : { close };
        this.#sockets.become({ connectionId, closable, link: null, opened: null, connection: null });
        this.#attemptFailed(begun, failure, facts);
      },
    });
    this.#sockets.become({ connectionId, closable: attempt, link: null, opened: null, connection: null });
    attempt.start();
  }

  /** Not within `#dial`: what is kept here must not keep the attempt. */
  #established({ isLogin, heartbeat, session, ...begun }: Established, link: Link, attempt: AttemptFacts): void {
    const { clock } = this.#context;
    const { connectionId } = begun;
    const opened = session === null ? null : { isLogin, heartbeat, session };
    this.#sockets.become({ connectionId, closable: link, link, opened, connection: null });
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

  #attemptFailed(begun: Begun, { failure, ...said }: AttemptFailure, attempt: AttemptFacts): void {
    const { connectionId } = begun;
    const facts = {
      type: 'connectFailed',
      at: this.#context.clock.now(),
      peer: this.#peer,
      ...begun,
      ...attempt,
      ...failure,
      ...said,
    } as const;
    const random = this.#context.random();
    const isOpen = this.#sockets.current(connectionId)?.closable !== null;
    this.#feed({ type: 'attemptFailed', connectionId, facts, isOpen, random, ...this.#circumstances() });
  }

  #hold(connectionId: string): void {
    const live = this.#sockets.current(connectionId);
    if (live === null || live.link === null) throw new TypeError('a link is established before it is held');
    const { opened } = live;
    // A reload may have changed the heartbeat since the attempt began: then the new one starts from the beginning, but not a
    // login.
    const goesOn = opened !== null && (opened.isLogin || isSameSetting(opened.heartbeat, this.#settings.heartbeat));
    const options = {
      holder: this,
      connectionId,
      link: live.link,
      firstRttMs: opened?.session.rttMs ?? null,
      settings: this.#settings,
      context: this.#context,
    };
    const connection = new HeldConnection(options, goesOn ? opened.session : null);
    this.#sockets.become({ ...live, closable: connection, opened: null, connection });
    connection.start();
  }

  /** For the held connection alone. */
  connectionEnded(connectionId: string, event: Disconnected | LocalClosed, endedAt: number): void {
    const random = this.#context.random();
    this.#feed({ type: 'ended', connectionId, event, random, ...this.#circumstances(), now: endedAt });
  }

  #close(connectionId: string, drainMs: number): void {
    // Only that of an attempt which we gave up is still there.
    if (this.#sockets.current(connectionId) !== null) this.#takeLogin()?.cancel();
    this.#sockets.close(connectionId, drainMs, this.#drained(connectionId));
  }

  #drained(connectionId: string): () => void {
    return () => this.#feed({ type: 'drained', connectionId });
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

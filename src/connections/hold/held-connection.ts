import type { Timer } from '../../clock/clock.ts';
import { classifyDisconnect } from '../../domain/classify-disconnect.ts';
import { type DisconnectReason, initiatorOf, type LocalCloseReason } from '../../domain/disconnect.ts';
import type { Decision, Signal } from '../../domain/evidence.ts';
import type { Disconnected, Ending, LocalClosed } from '../../domain/events/connection-events.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import { quietMs } from '../../domain/quiet.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import { NO_LOGIN } from '../../protocols/no-login.ts';
import { createProtocol } from '../../protocols/registry.ts';
import type { OpenedSession } from '../dial/session-opening.ts';
import type { Session, Step } from '../../protocols/session.ts';
import type { Link } from '../link/link.ts';
import { ConnectionDeadlines, type DeadlineHolder } from './connection-deadlines.ts';
import { ConnectionSamples } from './connection-samples.ts';
import { ConnectionTraffic } from './connection-traffic.ts';
import { HeartbeatDriver, type HeartbeatHolder, type HeartbeatNews } from './heartbeat-driver.ts';
import type { HeldConnectionOptions } from './held-connection-options.ts';
import { PeerGoodbye } from './peer-goodbye.ts';
import { beatWithin, deadlinesWithin, limitsOf, type SessionLimits } from './session-limits.ts';
import { takeLeave } from './take-leave.ts';

/** What was known at the moment of the end. */
type EndFacts = {
  readonly signal: Signal;
  /** Read while the descriptor was open. */
  readonly tcp: TcpSample | null;
  /** Wall clock. */
  readonly at: number;
  /** Monotonic. */
  readonly endedAt: number;
  /** How long our own event loop was held up until just before; 0: it was not. */
  readonly stalledMs: number;
};

/**
 * One established connection, from established to its single end: counts what passes, heeds the deadlines, names the end.
 *
 * The first terminal fact is noted when it comes, with the time and what the kernel knows. What follows from it, the verdict,
 * its event and all that sinks make of it, costs ten times as much and is served in slices: thousands of connections may end
 * in one turn of the event loop. In between the connection does nothing more.
 */
export class HeldConnection implements HeartbeatHolder, DeadlineHolder {
  readonly #options: HeldConnectionOptions;
  /** What the attempt opened, until it is carried on. */
  #opened: OpenedSession | null;
  /** The session that it opened. */
  readonly #session: Session | null;
  readonly #limits: SessionLimits;
  #settings: PeerSettings;
  readonly #establishedAt: number;
  readonly #establishedMono: number;
  readonly #traffic: ConnectionTraffic;
  readonly #samples: ConnectionSamples;
  #reportDue = false;
  /** Noted, and to be served; null: it has not ended. */
  #end: EndFacts | null = null;
  #isServed = false;
  #heartbeat: HeartbeatDriver | null = null;
  #goodbye: PeerGoodbye | null = null;
  /** Null: no goodbye, or the peer went on after it. */
  #payloadBeforeGoodbyeAt: number | null = null;
  #detail: string | null = null;
  #leave: Link['close'] | null = null;
  #certificate: Timer | null = null;
  readonly #deadlines: ConnectionDeadlines;

  /** @param opened the conversation that the first answer opened, to be carried on; null: the heartbeat begins here */
  constructor(options: HeldConnectionOptions, opened: OpenedSession | null) {
    this.#options = options;
    this.#settings = options.settings;
    this.#opened = opened;
    this.#session = opened?.session ?? null;
    this.#limits = limitsOf(opened);
    const { context } = options;
    const { clock } = context;
    this.#establishedAt = clock.now();
    this.#establishedMono = clock.monotonic();
    this.#traffic = new ConnectionTraffic(this.#establishedMono);
    this.#samples = new ConnectionSamples({ ...options, traffic: this.#traffic });
    const deadlines = deadlinesWithin(options.settings, this.#limits);
    this.#deadlines = new ConnectionDeadlines({ settings: deadlines, holder: this, sampled: this.#samples, context });
  }

  /** Begins to listen and to count time. Apart from the constructor, since a link that is dead already ends at once. */
  start(): void {
    const { firstRttMs } = this.#options;
    const opened = this.#opened;
    this.#opened = null;
    if (firstRttMs !== null) this.#answered(firstRttMs);
    this.#deadlines.start();
    this.#watchCertificate();
    // What came behind the login may end it at once, and so may an end that happened before: both stop what was begun above.
    this.#startHeartbeat(opened);
    this.#options.link.listen({
      received: (bytes) => this.#received(bytes),
      ended: (signal, tcp) => this.#note(signal, tcp),
    });
  }

  /**
   * Takes settings that need no new socket. What did not change is not touched: a reload puts no deadline off and sends no
   * heartbeat. A changed idle wait and age are counted from when their clock started, not from now.
   */
  reconfigure(settings: PeerSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#deadlines.reconfigure(deadlinesWithin(settings, this.#limits));
    if (isSameSetting(before.heartbeat, settings.heartbeat)) return;
    // A login is said once for each connection: its session goes on with other times.
    if (settings.protocol === null) this.#startHeartbeat(null);
    else this.#heartbeat?.reconfigure(beatWithin(settings.heartbeat, this.#limits));
  }

  /**
   * Ends the connection by our choice; the caller closes the link. Where it has ended already that end counts. Either way it
   * is served when this returns.
   */
  closeLocally(reason: LocalCloseReason): void {
    this.#decide({ kind: 'localClose', reason });
    this.#serveEnd();
  }

  /** Closes the link of the ended connection in order, with the farewell of its protocol where we chose the end. */
  close(drainMs: number, done: () => void): void {
    const { link, context } = this.#options;
    const isOurChoice = this.#end?.signal.kind === 'decided';
    if (this.#session !== null && isOurChoice)
      this.#leave ??= takeLeave({ link, session: this.#session, clock: context.clock });
    if (this.#leave === null) link.close(drainMs, done);
    else this.#leave(drainMs, done);
  }

  reportTraffic(): void {
    this.#reportDue = false;
    const { receivedBytes, sentBytes } = this.#traffic.takeCount();
    if (receivedBytes === 0 && sentBytes === 0) return;
    const { clock, emit } = this.#options.context;
    const at = clock.now();
    const last = receivedBytes > 0 ? { lastReceivedAt: at - (clock.monotonic() - this.#traffic.lastReceivedAt) } : {};
    emit({ type: 'traffic', at, peer: this.#options.holder.peer, receivedBytes, sentBytes, ...last });
  }

  #received(bytes: Uint8Array): void {
    if (this.#end !== null) return;
    const isAskedFor = this.#heartbeat?.isAwaiting ?? false;
    const now = this.#options.context.clock.monotonic();
    const lastPayloadInAt = this.#settings.protocol === null ? null : this.#traffic.lastPayloadInAt(now);
    this.#traffic.received(bytes.length, now, isAskedFor);
    this.#trafficMoved();
    const hadGoodbye = this.#goodbye !== null;
    this.#heartbeat?.received(bytes);
    // The words of a goodbye are no payload.
    if (this.#goodbye !== null && !hadGoodbye) this.#payloadBeforeGoodbyeAt = lastPayloadInAt;
  }

  /** For the session alone. */
  writeWords(bytes: Uint8Array, how: 'write' | 'reply'): boolean {
    if (this.#end !== null) return false;
    const { link, context } = this.#options;
    const now = context.clock.monotonic();
    this.#traffic.writing(link, now);
    if (!link[how](bytes)) return false;
    this.#traffic.sent(bytes.length, now);
    this.#trafficMoved();
    this.#deadlines.written();
    return true;
  }

  #trafficMoved(): void {
    if (this.#reportDue) return;
    this.#reportDue = true;
    this.#options.context.traffic.add(this);
  }

  #answered(rttMs: number): void {
    const { holder, context } = this.#options;
    context.emit({ type: 'heartbeatAnswered', at: context.clock.now(), peer: holder.peer, rttMs });
  }

  #startHeartbeat(opened: OpenedSession | null): void {
    const { heartbeat } = this.#settings;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    const session = opened?.session ?? (heartbeat && createProtocol(heartbeat.protocol).open(NO_LOGIN));
    if (session === null || this.#end !== null) return;
    const { link, context } = this.#options;
    this.#heartbeat = new HeartbeatDriver({
      session,
      beat: beatWithin(heartbeat, this.#limits),
      context,
      link,
      holder: this,
    });
    if (opened === null) this.#heartbeat.start();
    else this.#heartbeat.carryOn(opened.sentAt, opened.rest);
  }

  /** For the session alone. */
  take(news: HeartbeatNews): void {
    switch (news.kind) {
      case 'answered':
        this.#answered(news.rttMs);
        break;
      case 'missed':
        this.#decide({ kind: 'gaveUp', reason: news.reason });
        break;
      case 'goodbye':
        this.#saidGoodbye(news);
        break;
      case 'broken':
        this.#detail ??= news.expected;
        this.#decide({ kind: 'gaveUp', reason: 'protocol' });
    }
  }

  #saidGoodbye(step: Step & { readonly kind: 'goodbye' }): void {
    if (this.#goodbye !== null || this.#end !== null) return;
    this.#goodbye = new PeerGoodbye(step, {
      clock: this.#options.context.clock,
      receivedBytes: () => this.#traffic.receivedBytes,
      leave: () => this.#decide({ kind: 'tookLeave' }),
    });
  }

  #watchCertificate(): void {
    const { holder, link, context } = this.#options;
    const { remote, certificate: reading } = link;
    const { protocol } = this.#settings;
    // It is read over a connection of its own, whose TLS would begin with the first byte.
    const isInBand = protocol !== null && createProtocol(protocol).tls === 'inBand';
    if (reading === null || isInBand) return;
    this.#certificate = context.watchCertificate({
      peer: () => holder.peer,
      remote,
      reading,
      settings: () => this.#settings,
    });
  }

  get lastReceivedAt(): number {
    return this.#traffic.lastReceivedAt;
  }

  get receivedBytes(): number {
    return this.#traffic.receivedBytes;
  }

  get queuedBytes(): number {
    return this.#options.link.queuedBytes();
  }

  /** For the deadlines alone, as the next two. */
  idleTooLong(): void {
    this.#decide({ kind: 'gaveUp', reason: this.#heartbeat?.verdictIfOverdue() ?? 'no_data' });
  }

  writeStalled(): void {
    this.#decide({ kind: 'gaveUp', reason: 'write_stalled' });
  }

  tooOld(): void {
    this.#decide({ kind: 'localClose', reason: 'max_age' });
  }

  #decide(decision: Decision): void {
    if (this.#end === null) this.#note({ kind: 'decided', decision }, this.#options.link.sample());
  }

  /** The first terminal fact; whatever comes later only follows from it. */
  #note(signal: Signal, tcp: TcpSample | null): void {
    if (this.#end !== null) return;
    const { clock, ends, stalls } = this.#options.context;
    this.#end = { signal, tcp, at: clock.now(), endedAt: clock.monotonic(), stalledMs: stalls.recentMs };
    this.#samples.stop();
    ends.run(() => this.#serveEnd());
  }

  #serveEnd(): void {
    const end = this.#end;
    if (end === null || this.#isServed) return;
    this.#isServed = true;
    this.reportTraffic();
    this.#samples.take(end.tcp, end.at, end.endedAt);
    const { holder, connectionId } = this.#options;
    holder.connectionEnded(connectionId, this.#eventOf(end), end.endedAt);
    // None of them can fire in between; an end is reported the sooner.
    this.#stopTimers();
  }

  #eventOf(end: EndFacts): Disconnected | LocalClosed {
    const { signal, tcp } = end;
    const verdict = classifyDisconnect({
      signal,
      kernel: tcp,
      keepalive: this.#options.link.keepaliveIdleMs !== null,
      expectCloseNotify: this.#settings.tls?.expectCloseNotify ?? false,
    });
    if (verdict.kind === 'localClose') {
      const { reason } = verdict;
      return { type: 'localClosed', ...this.#ending(reason, end), reason };
    }
    const { disconnect, errno, stalledBy } = verdict;
    const initiator = initiatorOf(disconnect.reason);
    return {
      type: 'disconnected',
      ...this.#ending(disconnect.reason, end),
      ...disconnect,
      ...(initiator === undefined ? {} : { initiator }),
      ...(errno === undefined ? {} : { errno }),
      ...(stalledBy === undefined ? {} : { stalledBy }),
      ...(end.stalledMs === 0 ? {} : { stalledMs: end.stalledMs }),
      ...(this.#detail === null ? {} : { detail: this.#detail }),
      ...this.#goodbye?.said,
    };
  }

  #ending(reason: DisconnectReason | LocalCloseReason, { signal, tcp, at, endedAt }: EndFacts): Ending {
    const { holder, connectionId, link } = this.#options;
    const traffic = this.#traffic;
    const { lastReceivedAt } = traffic;
    const { last } = this.#samples;
    // We ended it: what the peer sent right before are no last words.
    const lastPayloadInAt =
      this.#payloadBeforeGoodbyeAt ?? (signal.kind === 'decided' ? lastReceivedAt : traffic.lastPayloadInAt(endedAt));
    return {
      at,
      peer: holder.peer,
      connectionId,
      remote: link.remote,
      local: link.local,
      establishedAt: this.#establishedAt,
      durationMs: endedAt - this.#establishedMono,
      idleMs: endedAt - lastPayloadInAt,
      quietMs: quietMs({
        reason,
        establishedAt: this.#establishedMono,
        endedAt,
        lastReceivedAt,
        lastPayloadInAt,
        lastSentAt: traffic.lastSentAt,
        oldestWrite: traffic.oldestWrite,
        keepaliveIdleMs: link.keepaliveIdleMs,
        tcp,
      }),
      payloadQuietMs: Math.max(0, endedAt - Math.max(lastPayloadInAt, traffic.lastSentAt)),
      ...(link.keepaliveIdleMs === null ? {} : { keepaliveIdleMs: link.keepaliveIdleMs }),
      receivedBytes: traffic.receivedBytes,
      sentBytes: traffic.sentBytes,
      ...(last === null ? {} : { tcp: last }),
    };
  }

  #stopTimers(): void {
    this.#deadlines.stop();
    this.#certificate?.cancel();
    this.#goodbye?.cancel();
    this.#heartbeat?.stop();
    this.#heartbeat = null;
  }
}

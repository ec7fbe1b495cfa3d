import type { Timer } from '../../clock/clock.ts';
import { classifyDisconnect } from '../../domain/classify-disconnect.ts';
import { type DisconnectReason, initiatorOf, type LocalCloseReason } from '../../domain/disconnect.ts';
import type { Decision, Signal } from '../../domain/evidence.ts';
import type { Disconnected, Ending } from '../../domain/events/connection-events.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import { quietMs } from '../../domain/quiet.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import { createProtocol } from '../../protocols/registry.ts';
import type { OpenedSession } from '../dial/first-answer.ts';
import { ConnectionDeadlines } from './connection-deadlines.ts';
import { ConnectionTraffic } from './connection-traffic.ts';
import { HeartbeatDriver } from './heartbeat-driver.ts';
import type { HeldConnectionOptions } from './held-connection-options.ts';

/** What was known at the moment of the end. */
type EndFacts = {
  readonly signal: Signal;
  /** Read while the descriptor was open. */
  readonly tcp: TcpSample | null;
  /** Wall clock. */
  readonly at: number;
  /** Monotonic. */
  readonly endedAt: number;
};

/**
 * One established connection, from established to its single end: counts what passes, heeds the deadlines, names the end.
 *
 * The first terminal fact is noted when it comes, with the time and what the kernel knows. What follows from it, the verdict,
 * its event and all that sinks make of it, costs ten times as much and is served in slices: thousands of connections may end
 * in one turn of the event loop. In between the connection does nothing more.
 */
export class HeldConnection {
  readonly #options: HeldConnectionOptions;
  #settings: PeerSettings;
  readonly #establishedAt: number;
  readonly #establishedMono: number;
  readonly #traffic: ConnectionTraffic;
  #reportDue = false;
  #lastSample: TcpSample | null = null;
  /** Noted, and to be served; null: it has not ended. */
  #end: EndFacts | null = null;
  #isServed = false;
  #heartbeat: HeartbeatDriver | null = null;
  #certificate: Timer | null = null;
  readonly #deadlines: ConnectionDeadlines;

  constructor(options: HeldConnectionOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { clock } = options.context;
    this.#establishedAt = clock.now();
    this.#establishedMono = clock.monotonic();
    this.#traffic = new ConnectionTraffic(this.#establishedMono);
    this.#deadlines = this.#createDeadlines();
  }

  /** Begins to listen and to count time. Apart from the constructor, since a link that is dead already ends at once. */
  start(): void {
    const { opened, firstRttMs } = this.#options;
    if (firstRttMs !== null) this.#answered(firstRttMs);
    this.#deadlines.start();
    this.#startHeartbeat(opened);
    this.#watchCertificate();
    // Last: an end that happened before is reported during the call, and stops what was begun above.
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
    this.#deadlines.reconfigure(settings);
    if (!isSameSetting(before.heartbeat, settings.heartbeat)) this.#startHeartbeat(null);
  }

  /**
   * Ends the connection by our choice; the caller closes the link. Where it has ended already that end counts. Either way it
   * is served when this returns.
   */
  closeLocally(reason: LocalCloseReason): void {
    this.#decide({ kind: 'localClose', reason });
    this.#serveEnd();
  }

  reportTraffic(): void {
    this.#reportDue = false;
    const { receivedBytes, sentBytes } = this.#traffic.takeCount();
    if (receivedBytes === 0 && sentBytes === 0) return;
    const { clock, emit } = this.#options.context;
    const at = clock.now();
    const last = receivedBytes > 0 ? { lastReceivedAt: at - (clock.monotonic() - this.#traffic.lastReceivedAt) } : {};
    emit({ type: 'traffic', at, peer: this.#options.peer(), receivedBytes, sentBytes, ...last });
  }

  #received(bytes: Uint8Array): void {
    if (this.#end !== null) return;
    const isAskedFor = this.#heartbeat?.isAwaiting ?? false;
    this.#traffic.received(bytes.length, this.#options.context.clock.monotonic(), isAskedFor);
    this.#trafficMoved();
    this.#heartbeat?.received(bytes);
  }

  #send(bytes: Uint8Array): boolean {
    const { link, context } = this.#options;
    const now = context.clock.monotonic();
    this.#traffic.writing(link, now);
    if (!link.write(bytes)) return false;
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
    const { peer, context } = this.#options;
    context.emit({ type: 'heartbeatAnswered', at: context.clock.now(), peer: peer(), rttMs });
  }

  #startHeartbeat(opened: OpenedSession | null): void {
    const { heartbeat } = this.#settings;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    if (heartbeat === null || this.#end !== null) return;
    const { link, context } = this.#options;
    const { clock, random, stalls } = context;
    this.#heartbeat = new HeartbeatDriver({
      session: opened?.session ?? createProtocol(heartbeat.protocol).open(),
      intervalMs: heartbeat.intervalMs,
      timeoutMs: heartbeat.timeoutMs,
      clock,
      random,
      canSend: () => this.#end === null && link.queuedBytes() === 0,
      send: (bytes) => this.#send(bytes),
      outstandingBytes: () => link.outstandingBytes(),
      answered: (rttMs) => this.#answered(rttMs),
      missed: (reason) => this.#decide({ kind: 'gaveUp', reason }),
      justStalled: () => stalls.justStalled,
    });
    if (opened === null) this.#heartbeat.start();
    else this.#heartbeat.carryOn(opened.sentAt);
  }

  #watchCertificate(): void {
    const { peer, link, context } = this.#options;
    const { remote, certificate: reading } = link;
    if (reading === null) return;
    this.#certificate = context.watchCertificate({ peer, remote, reading, settings: () => this.#settings });
  }

  #createDeadlines(): ConnectionDeadlines {
    const { settings, link, context } = this.#options;
    return new ConnectionDeadlines({
      settings,
      clock: context.clock,
      random: context.random,
      lastReceivedAt: () => this.#traffic.lastReceivedAt,
      receivedBytes: () => this.#traffic.receivedBytes,
      queuedBytes: () => link.queuedBytes(),
      idle: () => this.#decide({ kind: 'gaveUp', reason: this.#heartbeat?.verdictIfOverdue() ?? 'no_data' }),
      writeStalled: () => this.#decide({ kind: 'gaveUp', reason: 'write_stalled' }),
      tooOld: () => this.#decide({ kind: 'localClose', reason: 'max_age' }),
      sampleDue: () => this.#sampleDue(),
      samples: context.samples,
    });
  }

  #sampleDue(): void {
    const { link, context } = this.#options;
    if (this.#end === null) this.#sampled(link.sample(), context.clock.now());
  }

  #sampled(tcp: TcpSample | null, at: number): void {
    if (tcp === null) return;
    const { emit } = this.#options.context;
    const newRetransmits = tcp.totalRetransmits - (this.#lastSample?.totalRetransmits ?? 0);
    this.#lastSample = tcp;
    emit({ type: 'sampled', at, peer: this.#options.peer(), tcp, newRetransmits });
  }

  #decide(decision: Decision): void {
    if (this.#end === null) this.#note({ kind: 'decided', decision }, this.#options.link.sample());
  }

  /** The first terminal fact; whatever comes later only follows from it. */
  #note(signal: Signal, tcp: TcpSample | null): void {
    if (this.#end !== null) return;
    const { clock, ends } = this.#options.context;
    this.#end = { signal, tcp, at: clock.now(), endedAt: clock.monotonic() };
    ends.run(() => this.#serveEnd());
  }

  #serveEnd(): void {
    const end = this.#end;
    if (end === null || this.#isServed) return;
    this.#isServed = true;
    const { signal, tcp } = end;
    this.#stopTimers();
    this.reportTraffic();
    this.#sampled(tcp, end.at);
    const verdict = classifyDisconnect({
      signal,
      kernel: tcp,
      keepalive: this.#options.link.keepaliveIdleMs !== null,
      expectCloseNotify: this.#settings.tls?.expectCloseNotify ?? false,
    });
    if (verdict.kind === 'localClose') {
      const { reason } = verdict;
      this.#options.ended({ type: 'localClosed', ...this.#ending(reason, end), reason }, end.endedAt);
      return;
    }
    const { disconnect, errno, stalledBy } = verdict;
    const initiator = initiatorOf(disconnect.reason);
    const event: Disconnected = {
      type: 'disconnected',
      ...this.#ending(disconnect.reason, end),
      ...disconnect,
      ...(initiator === undefined ? {} : { initiator }),
      ...(errno === undefined ? {} : { errno }),
      ...(stalledBy === undefined ? {} : { stalledBy }),
    };
    this.#options.ended(event, end.endedAt);
  }

  #ending(reason: DisconnectReason | LocalCloseReason, { signal, tcp, at, endedAt }: EndFacts): Ending {
    const { peer, connectionId, link } = this.#options;
    const traffic = this.#traffic;
    const { lastReceivedAt } = traffic;
    // We ended it: what the peer sent right before are no last words.
    const lastPayloadInAt = signal.kind === 'decided' ? lastReceivedAt : traffic.lastPayloadInAt(endedAt);
    return {
      at,
      peer: peer(),
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
      receivedBytes: traffic.receivedBytes,
      sentBytes: traffic.sentBytes,
      ...(this.#lastSample === null ? {} : { tcp: this.#lastSample }),
    };
  }

  #stopTimers(): void {
    this.#deadlines.stop();
    this.#certificate?.cancel();
    this.#heartbeat?.stop();
    this.#heartbeat = null;
  }
}

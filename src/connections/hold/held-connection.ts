import type { Timer } from '../../clock/clock.ts';
import { classifyDisconnect } from '../../domain/classify-disconnect.ts';
import { initiatorOf, type LocalCloseReason } from '../../domain/disconnect.ts';
import type { Decision, Signal } from '../../domain/evidence.ts';
import type { Disconnected, Ending, LocalClosed } from '../../domain/events/connection-events.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import { HeartbeatLoop } from '../../protocols/send-expect/heartbeat-loop.ts';
import type { Link } from '../link/link.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';

export type HeldConnectionOptions = {
  readonly peer: PeerRef;
  readonly connectionId: string;
  readonly link: Link;
  readonly settings: PeerSettings;
  readonly context: RunnerContext;
  /** Told once, whatever order end, error, timer and our own decision come in. */
  readonly ended: (event: Disconnected | LocalClosed) => void;
};

/** Ages differ by up to this share either way, so that connections begun together do not all reconnect together. */
const AGE_JITTER = 0.1;

/** One established connection, from established to its single end: counts what passes, keeps the deadlines, gathers evidence. */
export class HeldConnection {
  readonly #options: HeldConnectionOptions;
  #settings: PeerSettings;
  readonly #establishedAt: number;
  readonly #establishedMono: number;
  #lastReceived: number;
  #lastSent: number;
  #receivedBytes = 0;
  #sentBytes = 0;
  #reported = { receivedBytes: 0, sentBytes: 0, lastReceived: 0 };
  #reportDue = false;
  #lastSample: TcpSample | null = null;
  #over = false;
  #heartbeat: HeartbeatLoop | null = null;
  readonly #timers: { idle?: Timer; look?: Timer; write?: Timer; age?: Timer; sample?: Timer } = {};

  constructor(options: HeldConnectionOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { clock } = options.context;
    this.#establishedAt = clock.now();
    this.#establishedMono = clock.monotonic();
    this.#lastReceived = this.#establishedMono;
    this.#lastSent = this.#establishedMono;
    this.#reported.lastReceived = this.#establishedMono;
  }

  /** Begins to listen and to count time. Apart from the constructor, since a link that is dead already ends at once. */
  start(): void {
    this.#armAge();
    this.#armSample(this.#options.context.random() * this.#settings.sampleIntervalMs);
    this.#armIdle(this.#settings.idleTimeoutMs);
    this.#startHeartbeat();
    this.#options.link.listen({
      received: (bytes) => this.#received(bytes),
      ended: (signal, tcp) => this.#end(signal, tcp),
    });
  }

  /**
   * Takes settings that need no new socket. What did not change is not touched: a reload puts no deadline off and sends no
   * heartbeat. A changed idle wait and age are counted from when their clock started, not from now.
   */
  reconfigure(settings: PeerSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    const { clock } = this.#options.context;
    if (before.maxConnectionAgeMs !== settings.maxConnectionAgeMs) this.#armAge();
    if (before.sampleIntervalMs !== settings.sampleIntervalMs) this.#armSample(settings.sampleIntervalMs);
    if (before.idleTimeoutMs !== settings.idleTimeoutMs)
      this.#armIdle(settings.idleTimeoutMs - (clock.monotonic() - this.#lastReceived));
    if (before.writeTimeoutMs !== settings.writeTimeoutMs) this.#armWriteStall();
    if (!isSameSetting(before.heartbeat, settings.heartbeat)) this.#startHeartbeat();
  }

  /** Ends the connection by our choice; the caller closes the link. Nothing happens when it has ended already. */
  closeLocally(reason: LocalCloseReason): void {
    this.#decide({ kind: 'localClose', reason });
  }

  reportTraffic(): void {
    this.#reportDue = false;
    const receivedBytes = this.#receivedBytes - this.#reported.receivedBytes;
    const sentBytes = this.#sentBytes - this.#reported.sentBytes;
    if (receivedBytes === 0 && sentBytes === 0) return;
    const { clock, emit } = this.#options.context;
    const at = clock.now();
    const heard = receivedBytes > 0 ? { lastReceivedAt: at - (clock.monotonic() - this.#lastReceived) } : {};
    this.#reported.receivedBytes = this.#receivedBytes;
    this.#reported.sentBytes = this.#sentBytes;
    emit({ type: 'traffic', at, peer: this.#options.peer, receivedBytes, sentBytes, ...heard });
  }

  #received(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#lastReceived = this.#options.context.clock.monotonic();
    this.#receivedBytes += bytes.length;
    this.#traffic();
    this.#heartbeat?.received(bytes);
  }

  #send(bytes: Uint8Array): boolean {
    if (!this.#options.link.write(bytes)) return false;
    this.#lastSent = this.#options.context.clock.monotonic();
    this.#sentBytes += bytes.length;
    this.#traffic();
    this.#armWriteStall();
    return true;
  }

  #traffic(): void {
    if (this.#reportDue) return;
    this.#reportDue = true;
    this.#options.context.traffic.add(this);
  }

  #startHeartbeat(): void {
    const { heartbeat } = this.#settings;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    if (heartbeat === null || this.#over) return;
    const { clock, emit, stalls } = this.#options.context;
    this.#heartbeat = new HeartbeatLoop({
      heartbeat,
      clock,
      send: (bytes) => this.#send(bytes),
      answered: (rttMs) => emit({ type: 'heartbeatAnswered', at: clock.now(), peer: this.#options.peer, rttMs }),
      missed: (reason) => this.#decide({ kind: 'gaveUp', reason }),
      justStalled: () => stalls.justStalled,
    });
  }

  #armIdle(waitMs: number): void {
    const { clock } = this.#options.context;
    this.#timers.idle?.cancel();
    this.#timers.look?.cancel();
    if (this.#settings.idleTimeoutMs === 0) return;
    this.#timers.idle = clock.after(Math.max(0, waitMs), () => {
      // Bytes may lie in the kernel while our loop was held up: read first, then judge.
      this.#timers.look = clock.afterPoll(() => {
        const left = this.#lastReceived + this.#settings.idleTimeoutMs - clock.monotonic();
        if (left > 0) this.#armIdle(left);
        else this.#decide({ kind: 'gaveUp', reason: this.#heartbeat?.verdictIfOverdue() ?? 'no_data' });
      });
    });
  }

  /** Watches the bytes that the kernel would not take. Any progress, however small, starts the wait over. */
  #armWriteStall(): void {
    const { clock } = this.#options.context;
    this.#timers.write?.cancel();
    const queued = this.#options.link.queuedBytes();
    if (this.#settings.writeTimeoutMs === 0 || queued === 0) return;
    this.#timers.write = clock.after(this.#settings.writeTimeoutMs, () => {
      this.#timers.write = clock.afterPoll(() => {
        const left = this.#options.link.queuedBytes();
        if (left === 0) return;
        if (left < queued) this.#armWriteStall();
        else this.#decide({ kind: 'gaveUp', reason: 'write_stalled' });
      });
    });
  }

  #armAge(): void {
    const { clock, random } = this.#options.context;
    this.#timers.age?.cancel();
    if (this.#settings.maxConnectionAgeMs === 0) return;
    const age = this.#settings.maxConnectionAgeMs * (1 + AGE_JITTER * (2 * random() - 1));
    const left = Math.max(0, this.#establishedMono + age - clock.monotonic());
    this.#timers.age = clock.after(left, () => {
      this.#timers.age = clock.afterPoll(() => this.#decide({ kind: 'localClose', reason: 'max_age' }));
    });
  }

  #armSample(waitMs: number): void {
    const { clock } = this.#options.context;
    this.#timers.sample?.cancel();
    if (this.#settings.sampleIntervalMs === 0) return;
    this.#timers.sample = clock.after(waitMs, () => {
      this.#armSample(this.#settings.sampleIntervalMs);
      this.#sampled(this.#options.link.sample());
    });
  }

  #sampled(tcp: TcpSample | null): void {
    if (tcp === null) return;
    const { clock, emit } = this.#options.context;
    const newRetransmits = tcp.totalRetransmits - (this.#lastSample?.totalRetransmits ?? 0);
    this.#lastSample = tcp;
    emit({ type: 'sampled', at: clock.now(), peer: this.#options.peer, tcp, newRetransmits });
  }

  #decide(decision: Decision): void {
    this.#end({ kind: 'decided', decision }, this.#options.link.sample());
  }

  #end(signal: Signal, tcp: TcpSample | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimers();
    this.reportTraffic();
    this.#sampled(tcp);
    const expectCloseNotify = this.#settings.tls?.expectCloseNotify ?? false;
    const verdict = classifyDisconnect({ signal, kernel: tcp, expectCloseNotify });
    if (verdict.kind === 'localClose') {
      this.#options.ended({ type: 'localClosed', ...this.#ending(), reason: verdict.reason });
      return;
    }
    const { disconnect, errno } = verdict;
    const initiator = initiatorOf(disconnect.reason);
    this.#options.ended({
      type: 'disconnected',
      ...this.#ending(),
      ...disconnect,
      ...(initiator === undefined ? {} : { initiator }),
      ...(errno === undefined ? {} : { errno }),
    });
  }

  #ending(): Ending {
    const { peer, connectionId, link, context } = this.#options;
    const now = context.clock.monotonic();
    return {
      at: context.clock.now(),
      peer,
      connectionId,
      remote: link.remote,
      local: link.local,
      establishedAt: this.#establishedAt,
      durationMs: now - this.#establishedMono,
      idleMs: now - this.#lastReceived,
      quietMs: now - Math.max(this.#lastReceived, this.#lastSent),
      receivedBytes: this.#receivedBytes,
      sentBytes: this.#sentBytes,
      ...(this.#lastSample === null ? {} : { tcp: this.#lastSample }),
    };
  }

  #stopTimers(): void {
    for (const timer of Object.values(this.#timers)) timer.cancel();
    this.#heartbeat?.stop();
    this.#heartbeat = null;
  }
}

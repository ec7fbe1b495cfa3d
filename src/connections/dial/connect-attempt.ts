import { isIPv6 } from 'node:net';
import type { Timer } from '../../clock/clock.ts';
import {
  classifyDnsFailure,
  classifyTcpFailure,
  classifyTlsFailure,
  type TlsFault,
} from '../../domain/classify-connect-failure.ts';
import type { Signal } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { AttemptFailure, AttemptListener } from './attempt-listener.ts';
import { AttemptRecord, type TlsFacts } from './attempt-record.ts';
import { closeInOrder } from '../link/close-in-order.ts';
import type { Link, LinkListener } from '../link/link.ts';
import type { LookupAnswer } from './name-lookup.ts';
import { ObservedSocket } from '../link/observed-socket.ts';
import { createPlainLink } from '../link/plain-link.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import { TlsLink } from '../link/tls-link.ts';

/** The socket of the address being tried. */
type Dial = {
  readonly socket: ObservedSocket;
  readonly remote: Endpoint;
  readonly startedAt: number;
  connected: boolean;
  tls: TlsLink | null;
  listener: LinkListener | null;
  timer: Timer | null;
};

/**
 * One attempt to establish a connection: dns, tcp, tls, under one deadline. It ends in exactly one call of `established` or
 * `failed`, or in silence after `abandon`.
 *
 * Addresses are tried one after the other, each with an equal share of the time left; the last one's failure is the
 * attempt's. Time that our own event loop stalled is given back once the deadline passes: no peer is blamed for it.
 */
export class ConnectAttempt {
  readonly #settings: PeerSettings;
  readonly #context: RunnerContext;
  readonly #listener: AttemptListener;
  readonly #record: AttemptRecord;
  #phase: 'dns' | 'tcp' | 'tls' | 'over' = 'dns';
  #deadlineAt: number;
  #deadline: Timer;
  #look: Timer | null = null;
  #stalledBefore: number;
  #waiting: string[] = [];
  #dial: Dial | null = null;

  constructor(settings: PeerSettings, context: RunnerContext, listener: AttemptListener) {
    this.#settings = settings;
    this.#context = context;
    this.#listener = listener;
    this.#record = new AttemptRecord(context.clock);
    this.#stalledBefore = context.stalls.stalledMs;
    this.#deadlineAt = context.clock.monotonic() + settings.connectTimeoutMs;
    this.#deadline = context.clock.after(settings.connectTimeoutMs, () => this.#deadlinePassed());
  }

  start(): void {
    const { host, ipFamily, sourceAddress } = this.#settings;
    // An address of the other family could never be reached from the source address.
    const family = sourceAddress === null ? ipFamily : isIPv6(sourceAddress) ? 'ipv6' : 'ipv4';
    this.#context.lookup(host, family, (answer) => this.#lookedUp(answer));
  }

  /** Gives the attempt up in silence; a socket that is connected already is closed in order. */
  abandon(drainMs: number, done: () => void): void {
    const close = this.#over();
    if (close === null) done();
    else close(drainMs, done);
  }

  #lookedUp(answer: LookupAnswer): void {
    if (this.#phase !== 'dns') return;
    this.#phaseDone('dns', 'tcp');
    if (answer.kind === 'failed') {
      this.#fail({ failure: classifyDnsFailure(answer.code), errno: answer.code });
      return;
    }
    this.#listener.resolved();
    this.#waiting = [...new Set(answer.addresses)]; // a hosts file may name one twice
    this.#dialNext({ failure: { phase: 'dns', reason: 'not_found' } });
  }

  /**
   * Goes on once the descriptor of the address before is released: an attempt never takes more than one.
   *
   * @param lastFailure what the attempt failed with if no address is left
   */
  #dialNext(lastFailure: AttemptFailure): void {
    const before = this.#dial;
    this.#dial = null;
    const address = this.#waiting.shift();
    if (address === undefined) this.#fail(lastFailure);
    else if (before === null || before.socket.closed) this.#dialAddress(address);
    else before.socket.once('close', () => this.#phase === 'tcp' && this.#dialAddress(address));
  }

  #dialAddress(address: string): void {
    if (!this.#context.budget.take()) {
      const detail = `all ${this.#context.budget.limit} descriptors for peers are in use; raise the limit of open files or global.max_connections`;
      this.#fail({ failure: { phase: 'tcp', reason: 'fd_limit' }, detail });
      return;
    }
    const dial = this.#openSocket(address);
    this.#dial = dial;
    if (this.#waiting.length > 0) {
      const share = (this.#deadlineAt - this.#context.clock.monotonic()) / (this.#waiting.length + 1);
      dial.timer = this.#context.clock.after(share, () => this.#shareSpent(dial));
    }
    dial.socket.open({ address, port: this.#settings.port, sourceAddress: this.#settings.sourceAddress });
  }

  #openSocket(address: string): Dial {
    const socket = new ObservedSocket(this.#context.kernel, this.#context.readBuffer, {
      connected: () => this.#connected(dial),
      received: (bytes) => (dial.tls === null ? dial.listener?.received(bytes) : dial.tls.feed(bytes)),
      ended: (signal, tcp) => this.#socketEnded(dial, signal, tcp),
      closed: () => this.#context.budget.giveBack(),
    });
    const dial: Dial = {
      socket,
      remote: { address, port: this.#settings.port },
      startedAt: this.#context.clock.monotonic(),
      connected: false,
      tls: null,
      listener: null,
      timer: null,
    };
    return dial;
  }

  #connected(dial: Dial): void {
    if (dial !== this.#dial || this.#phase !== 'tcp') return;
    dial.timer?.cancel();
    if (dial.socket.isConnectedToItself(dial.remote)) {
      dial.socket.resetAndDestroy(); // a FIN would leave the port in TIME_WAIT
      this.#recordTried(dial, 'ECONNREFUSED');
      const detail = 'nobody listens: the socket had connected to itself';
      this.#dialNext({ failure: { phase: 'tcp', reason: 'refused' }, errno: 'ECONNREFUSED', detail });
      return;
    }
    dial.connected = true;
    dial.socket.configure(this.#settings.keepalive, this.#settings.userTimeoutMs);
    this.#recordTried(dial);
    this.#phaseDone('tcp', 'tls');
    this.#listener.tcpConnected();
    if (this.#settings.tls === null) this.#establishPlain(dial);
    else this.#beginTls(dial, this.#settings.tls);
  }

  #establishPlain(dial: Dial): void {
    const { clock } = this.#context;
    const link = createPlainLink(dial.socket, {
      clock,
      remote: dial.remote,
      listen: (listener) => (dial.listener = listener),
    });
    this.#established(link, {});
  }

  #beginTls(dial: Dial, settings: NonNullable<PeerSettings['tls']>): void {
    const options = {
      socket: dial.socket,
      host: this.#settings.host,
      settings,
      secureContexts: this.#context.secureContexts,
      clock: this.#context.clock,
      remote: dial.remote,
    };
    this.#record.tlsStarted();
    dial.tls = new TlsLink(options);
    dial.tls.begin(options, {
      secured: (link, facts) => {
        this.#record.phaseDone('tls');
        this.#established(link, facts);
      },
      failed: (fault, facts) => this.#tlsFailed(fault, facts),
    });
  }

  #tlsFailed(fault: TlsFault, facts: TlsFacts): void {
    const errno = fault.kind === 'tls' ? fault.code : errnoOf(fault.signal);
    const detail = fault.kind === 'tls' ? fault.detail : undefined;
    const failure = classifyTlsFailure(fault);
    this.#fail({ failure, ...(errno === null ? {} : { errno }), ...(detail === undefined ? {} : { detail }) }, facts);
  }

  #socketEnded(dial: Dial, signal: Signal, tcp: TcpSample | null): void {
    if (dial.connected) {
      if (dial.tls === null) dial.listener?.ended(signal, tcp);
      else dial.tls.socketEnded(signal, tcp);
      return;
    }
    if (dial !== this.#dial || this.#phase !== 'tcp') return;
    const errno = errnoOf(signal) ?? 'UNKNOWN';
    dial.timer?.cancel();
    // A RST before the handshake completed is ECONNREFUSED: these two prove that the connection was established.
    if (errno === 'ECONNRESET' || errno === 'EPIPE') {
      this.#diedWhileConnecting(dial, signal, tcp);
      return;
    }
    this.#recordTried(dial, errno);
    this.#dialNext({ failure: classifyTcpFailure(errno), errno });
  }

  #diedWhileConnecting(dial: Dial, signal: Signal, tcp: TcpSample | null): void {
    this.#recordTried(dial);
    this.#phaseDone('tcp', 'tls');
    this.#listener.tcpConnected();
    if (this.#settings.tls !== null) {
      this.#record.tlsStarted();
      this.#tlsFailed({ kind: 'socket', signal }, {});
      return;
    }
    this.#establishPlain(dial);
    dial.listener?.ended(signal, tcp);
  }

  /** The share of one address is spent; its answer may lie in the kernel, so the sockets are read before it is given up. */
  #shareSpent(dial: Dial): void {
    this.#look = this.#context.clock.afterPoll(() => {
      if (dial !== this.#dial || this.#phase !== 'tcp' || dial.connected) return;
      dial.socket.destroy();
      this.#recordTried(dial, 'ETIMEDOUT');
      this.#dialNext({ failure: { phase: 'tcp', reason: 'timeout' } });
    });
  }

  #deadlinePassed(): void {
    this.#look = this.#context.clock.afterPoll(() => {
      if (this.#phase === 'over') return;
      const { clock, stalls } = this.#context;
      this.#deadlineAt += stalls.stalledMs - this.#stalledBefore;
      this.#stalledBefore = stalls.stalledMs;
      const leftMs = this.#deadlineAt - clock.monotonic();
      if (leftMs > 0) {
        this.#deadline = clock.after(leftMs, () => this.#deadlinePassed());
        return;
      }
      if (this.#dial !== null && !this.#dial.connected) this.#recordTried(this.#dial, 'ETIMEDOUT');
      this.#fail({ failure: { phase: this.#phase, reason: 'timeout' } });
    });
  }

  #established(link: Link, facts: TlsFacts): void {
    const all = this.#record.facts(facts);
    this.#stopTimers();
    this.#phase = 'over';
    this.#listener.established(link, all);
  }

  #fail(failure: AttemptFailure, facts: TlsFacts = {}): void {
    if (this.#phase === 'over') return;
    const all = this.#record.facts(facts);
    const close = this.#over();
    this.#listener.failed(failure, all, close);
  }

  /** Ends the attempt; returns how to close the socket where one is connected. */
  #over(): ((drainMs: number, done: () => void) => void) | null {
    this.#stopTimers();
    this.#phase = 'over';
    const dial = this.#dial;
    if (dial === null) return null;
    if (!dial.connected) {
      dial.socket.destroy();
      return null;
    }
    if (dial.tls !== null) return (drainMs, done) => dial.tls?.close(drainMs, done);
    const { clock } = this.#context;
    return (drainMs, done) => closeInOrder(dial.socket, { clock, drainMs, end: () => dial.socket.end() }, done);
  }

  #stopTimers(): void {
    this.#deadline.cancel();
    this.#look?.cancel();
    this.#dial?.timer?.cancel();
  }

  #recordTried(dial: Dial, errno?: string): void {
    this.#record.addressTried(dial.remote.address, dial.startedAt, errno);
  }

  #phaseDone(phase: 'dns' | 'tcp', next: 'tcp' | 'tls'): void {
    this.#record.phaseDone(phase);
    this.#phase = next;
  }
}

function errnoOf(signal: Signal): string | null {
  if (signal.kind === 'errno') return signal.errno;
  return signal.kind === 'end' ? (signal.pendingError ?? null) : null;
}

import type { Timer } from '../../clock/clock.ts';
import { classifyTcpFailure } from '../../domain/classify-connect-failure.ts';
import type { SocketEnd } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import { ObservedSocket } from '../link/observed-socket.ts';
import type { EarlyEnd } from '../link/plain-link.ts';
import type { AttemptFailure } from './attempt-listener.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { errnoOf } from './errno-of.ts';

export type DialOutcome =
  /** The socket is the caller's from here on. `earlyEnd`: it was established and is dead already. */
  | {
      readonly kind: 'connected';
      readonly socket: ObservedSocket;
      readonly remote: Endpoint;
      readonly earlyEnd: EarlyEnd | null;
    }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure };

export type AddressDialerOptions = {
  /** In the order to try them; each once. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly sourceAddress: string | null;
  readonly context: Pick<RunnerContext, 'clock' | 'kernel' | 'readBuffer' | 'readTurns' | 'ends' | 'budget' | 'rate'>;
  readonly record: AttemptRecord;
  /** What is left of the attempt's deadline. */
  readonly leftMs: () => number;
  /** Called once, unless the dialer is stopped first. */
  readonly done: (outcome: DialOutcome) => void;
};

/** An address that was begun and has no outcome yet. */
type Dial = {
  readonly socket: ObservedSocket;
  readonly remote: Endpoint;
  readonly startedAt: number;
};

/** The kernel sends a lost SYN again after 1 s: an address that is silent for so long is worth another one beside it. */
const LONGEST_SHARE_MS = 1000;

/**
 * Tries addresses staggered (RFC 8305, without its 250 ms): the next one begins when the one before failed, or after its
 * share of the time left, at most 1 s. Those begun go on beside it; the first that connects is the outcome, and the others
 * are closed. All failed: the failure of the one that failed last. Each address after the first takes a turn of the connect
 * rate, before new attempts, and a descriptor: one that gets none is skipped.
 */
export class AddressDialer {
  readonly #options: AddressDialerOptions;
  readonly #waiting: string[];
  readonly #pending = new Set<Dial>();
  /** The address begun last: its failure, or the end of its share, brings the next one. */
  #newest: Dial | null = null;
  /** The share of the newest address, or the turn of the next one. */
  #timer: Timer | null = null;
  #lastFailure: AttemptFailure = { failure: { phase: 'dns', reason: 'not_found' } };
  #over = false;

  constructor(options: AddressDialerOptions) {
    this.#options = options;
    this.#waiting = [...options.addresses];
  }

  start(): void {
    const { budget } = this.#options.context;
    const first = this.#waiting.shift();
    if (first === undefined) this.#finish({ kind: 'failed', failure: this.#lastFailure });
    else if (budget.take()) this.#open(first);
    else {
      const detail = `all ${budget.limit} descriptors for peers are in use; raise the limit of open files or global.max_connections`;
      this.#finish({ kind: 'failed', failure: { failure: { phase: 'tcp', reason: 'fd_limit' }, detail } });
    }
  }

  /**
   * The attempt's deadline passed; no further address is tried. Returns the failure: a timeout where an address was pending,
   * else that of the last one, the others had no turn in time.
   */
  timeOut(): AttemptFailure {
    const failure: AttemptFailure =
      this.#pending.size > 0 ? { failure: { phase: 'tcp', reason: 'timeout' } } : this.#lastFailure;
    for (const dial of this.#pending) this.#record(dial, 'ETIMEDOUT');
    this.stop();
    return failure;
  }

  stop(): void {
    this.#over = true;
    this.#wait(null);
    for (const { socket } of this.#pending) socket.destroy();
    this.#pending.clear();
  }

  #wait(timer: Timer | null): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }

  /** Brings the next address, where one is left; else the attempt fails with the last address that is pending. */
  #next(): void {
    this.#newest = null;
    const address = this.#waiting.shift();
    if (address !== undefined) {
      this.#wait(this.#options.context.rate.requestFirst(() => this.#openOrSkip(address)));
    } else if (this.#pending.size === 0) this.#finish({ kind: 'failed', failure: this.#lastFailure });
  }

  #openOrSkip(address: string): void {
    this.#timer = null;
    if (this.#options.context.budget.takeSpare()) this.#open(address);
    else this.#next();
  }

  /** A descriptor was taken for it. */
  #open(address: string): void {
    const { context, port, sourceAddress, leftMs } = this.#options;
    const socket = new ObservedSocket(context, {
      received: () => {}, // nothing arrives before the connect
      ended: (signal, tcp) => this.#ended(dial, signal, tcp),
    });
    giveBackWhenClosed(socket, context.budget);
    const dial: Dial = { socket, remote: { address, port }, startedAt: context.clock.monotonic() };
    this.#pending.add(dial);
    this.#newest = dial;
    if (this.#waiting.length > 0) {
      const share = Math.max(0, Math.min(LONGEST_SHARE_MS, leftMs() / (this.#waiting.length + 1)));
      this.#wait(context.clock.after(share, () => this.#shareSpent(dial)));
    }
    socket.open({ address, port, sourceAddress }, () => this.#connected(dial));
  }

  #connected(dial: Dial): void {
    if (!this.#pending.has(dial)) return;
    if (!dial.socket.isConnectedToItself(dial.remote)) {
      this.#handOver(dial, null);
      return;
    }
    dial.socket.resetAndDestroy(); // a FIN would leave the port in TIME_WAIT
    const detail = 'nothing listens there: the socket had connected to itself';
    this.#failed(dial, { failure: { phase: 'tcp', reason: 'refused' }, errno: 'ECONNREFUSED', detail });
  }

  #ended(dial: Dial, signal: SocketEnd, tcp: TcpSample | null): void {
    if (!this.#pending.has(dial)) return;
    const errno = errnoOf(signal) ?? 'UNKNOWN';
    // A RST before the handshake completed is ECONNREFUSED: these two prove that the connection was established.
    if (errno === 'ECONNRESET' || errno === 'EPIPE') this.#handOver(dial, { signal, tcp });
    else this.#failed(dial, { failure: classifyTcpFailure(errno), errno });
  }

  /** Goes on once the descriptor is released: the next address may need it. */
  #failed(dial: Dial, failure: AttemptFailure & { readonly errno: string }): void {
    this.#record(dial, failure.errno);
    this.#pending.delete(dial);
    this.#lastFailure = failure;
    if (dial === this.#newest) this.#wait(null);
    if (dial.socket.closed) this.#released(dial);
    else dial.socket.once('close', () => this.#released(dial));
  }

  #released(dial: Dial): void {
    if (this.#over) return;
    if (dial === this.#newest || (this.#pending.size === 0 && this.#timer === null)) this.#next();
  }

  /** The share of the newest address is spent; its answer may lie in the kernel, so the sockets are read before another begins. */
  #shareSpent(dial: Dial): void {
    this.#timer = this.#options.context.clock.afterPoll(() => {
      this.#timer = null;
      if (dial === this.#newest) this.#next();
    });
  }

  /** The address that decides is recorded last. */
  #handOver(dial: Dial, earlyEnd: EarlyEnd | null): void {
    const { socket, remote, startedAt } = dial;
    this.#pending.delete(dial);
    for (const loser of this.#pending) this.#options.record.abandoned(loser.remote.address, loser.startedAt);
    this.#options.record.addressTried(remote.address, startedAt);
    this.#finish({ kind: 'connected', socket, remote, earlyEnd });
  }

  #finish(outcome: DialOutcome): void {
    this.stop();
    this.#options.done(outcome);
  }

  #record({ remote, startedAt }: Dial, errno: string): void {
    this.#options.record.addressTried(remote.address, startedAt, errno);
  }
}

/** Apart from the dialer, so that a socket that lives on does not keep the attempt that opened it. */
function giveBackWhenClosed(socket: ObservedSocket, budget: RunnerContext['budget']): void {
  socket.once('close', () => budget.giveBack());
}

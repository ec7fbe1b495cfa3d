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
  readonly context: Pick<RunnerContext, 'clock' | 'kernel' | 'readBuffer' | 'budget'>;
  readonly record: AttemptRecord;
  /** What is left of the attempt's deadline. */
  readonly leftMs: () => number;
  /** Called once, unless the dialer is stopped first. */
  readonly done: (outcome: DialOutcome) => void;
};

/** The socket of the address being tried. */
type Dial = {
  readonly socket: ObservedSocket;
  readonly remote: Endpoint;
  readonly startedAt: number;
  timer: Timer | null;
};

/**
 * Tries addresses one after the other, each with an equal share of the time left, and never holds more than one descriptor.
 * The first that connects is the outcome, else the failure of the last one.
 */
export class AddressDialer {
  readonly #options: AddressDialerOptions;
  readonly #waiting: string[];
  #dial: Dial | null = null;
  #over = false;

  constructor(options: AddressDialerOptions) {
    this.#options = options;
    this.#waiting = [...options.addresses];
  }

  start(): void {
    this.#next({ failure: { phase: 'dns', reason: 'not_found' } });
  }

  /** The attempt's deadline passed: the address under way is recorded as timed out, and no other is tried. */
  timeOut(): void {
    if (this.#dial !== null) this.#record(this.#dial, 'ETIMEDOUT');
    this.stop();
  }

  stop(): void {
    this.#over = true;
    this.#dial?.timer?.cancel();
    this.#dial?.socket.destroy();
    this.#dial = null;
  }

  /**
   * Goes on once the descriptor of the address before is released.
   *
   * @param lastFailure the outcome if no address is left
   */
  #next(lastFailure: AttemptFailure): void {
    const before = this.#dial;
    this.#dial = null;
    const address = this.#waiting.shift();
    if (address === undefined) this.#finish({ kind: 'failed', failure: lastFailure });
    else if (before === null || before.socket.closed) this.#open(address);
    else before.socket.once('close', () => this.#over || this.#open(address));
  }

  #open(address: string): void {
    const { context, port, sourceAddress, leftMs } = this.#options;
    if (!context.budget.take()) {
      const detail = `all ${context.budget.limit} descriptors for peers are in use; raise the limit of open files or global.max_connections`;
      this.#finish({ kind: 'failed', failure: { failure: { phase: 'tcp', reason: 'fd_limit' }, detail } });
      return;
    }
    const socket = new ObservedSocket(context.kernel, context.readBuffer, {
      received: () => {}, // nothing arrives before the connect
      ended: (signal, tcp) => this.#ended(dial, signal, tcp),
    });
    giveBackWhenClosed(socket, context.budget);
    const dial: Dial = {
      socket,
      remote: { address, port },
      startedAt: context.clock.monotonic(),
      timer: null,
    };
    this.#dial = dial;
    if (this.#waiting.length > 0) {
      const share = leftMs() / (this.#waiting.length + 1);
      dial.timer = context.clock.after(share, () => this.#shareSpent(dial));
    }
    socket.open({ address, port, sourceAddress }, () => this.#connected(dial));
  }

  #connected(dial: Dial): void {
    if (dial !== this.#dial) return;
    dial.timer?.cancel();
    if (dial.socket.isConnectedToItself(dial.remote)) {
      dial.socket.resetAndDestroy(); // a FIN would leave the port in TIME_WAIT
      this.#record(dial, 'ECONNREFUSED');
      const detail = 'nothing listens there: the socket had connected to itself';
      this.#next({ failure: { phase: 'tcp', reason: 'refused' }, errno: 'ECONNREFUSED', detail });
      return;
    }
    this.#handOver(dial, null);
  }

  #ended(dial: Dial, signal: SocketEnd, tcp: TcpSample | null): void {
    if (dial !== this.#dial) return;
    const errno = errnoOf(signal) ?? 'UNKNOWN';
    dial.timer?.cancel();
    // A RST before the handshake completed is ECONNREFUSED: these two prove that the connection was established.
    if (errno === 'ECONNRESET' || errno === 'EPIPE') {
      this.#handOver(dial, { signal, tcp });
      return;
    }
    this.#record(dial, errno);
    this.#next({ failure: classifyTcpFailure(errno), errno });
  }

  /** The share of one address is spent; its answer may lie in the kernel, so the sockets are read before it is given up. */
  #shareSpent(dial: Dial): void {
    dial.timer = this.#options.context.clock.afterPoll(() => {
      if (dial !== this.#dial) return;
      dial.socket.destroy();
      this.#record(dial, 'ETIMEDOUT');
      this.#next({ failure: { phase: 'tcp', reason: 'timeout' } });
    });
  }

  #handOver({ socket, remote, startedAt }: Dial, earlyEnd: EarlyEnd | null): void {
    this.#options.record.addressTried(remote.address, startedAt);
    this.#dial = null;
    this.#finish({ kind: 'connected', socket, remote, earlyEnd });
  }

  #finish(outcome: DialOutcome): void {
    this.#over = true;
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

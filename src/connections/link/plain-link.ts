import type { Clock } from '../../clock/clock.ts';
import type { SocketEnd } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import { closeInOrder } from './close-in-order.ts';
import { type Link, type LinkListener, MOST_REPLY_BYTES, type SilenceReader } from './link.ts';
import type { ObservedSocket } from './observed-socket.ts';

/** How a socket ended that was dead before anyone could listen. */
export type EarlyEnd = { readonly signal: SocketEnd; readonly tcp: TcpSample | null };

/** A connected socket as a link. */
export class PlainLink implements Link {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly certificate = null;
  readonly #socket: ObservedSocket;
  readonly #clock: Clock;
  readonly #earlyEnd: EarlyEnd | null;

  constructor(
    socket: ObservedSocket,
    options: { readonly clock: Clock; readonly remote: Endpoint; readonly earlyEnd: EarlyEnd | null },
  ) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#earlyEnd = options.earlyEnd;
    this.remote = options.remote;
    this.local = socket.local;
  }

  get keepaliveIdleMs(): number | null {
    return this.#socket.keepaliveIdleMs;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#socket.destroyed || this.#socket.queuedBytes > 0) return false;
    this.#socket.write(bytes);
    return true;
  }

  reply(bytes: Uint8Array): boolean {
    if (this.#socket.destroyed || this.queuedBytes() + bytes.length > MOST_REPLY_BYTES) return false;
    this.#socket.write(bytes);
    return true;
  }

  queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  outstandingBytes(): number | null {
    const taken = this.#socket.outstandingBytes;
    return taken === null ? null : taken + this.queuedBytes();
  }

  sample(): TcpSample | null {
    return this.#socket.sample();
  }

  get silence(): SilenceReader {
    return this.#socket.silence;
  }

  probe(): boolean {
    return this.#socket.probe();
  }

  listen(listener: LinkListener): void {
    this.#socket.listenWith(listener);
    if (this.#earlyEnd !== null) listener.ended(this.#earlyEnd.signal, this.#earlyEnd.tcp);
  }

  close(drainMs: number, done: () => void): void {
    closeInOrder(this.#socket, { clock: this.#clock, drainMs, end: () => this.#socket.end() }, done);
  }

  reset(done: () => void): void {
    this.#socket.reset(done);
  }
}

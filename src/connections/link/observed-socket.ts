import { Socket, type TcpSocketConnectOpts } from 'node:net';
import type { SocketEnd } from '../../domain/evidence.ts';
import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { PacedWork } from '../../clock/paced-work.ts';
import type { Kernel } from '../../os/sockets/kernel.ts';
import type { Keepalive } from '../../settings/peer-settings.ts';
import { type OnRead, readWithoutStacks, restoreStacks } from './read-without-stacks.ts';
import type { ReadTurns, TurnTaker } from './read-turns.ts';
import type { SilenceReader } from './link.ts';
import { readSilence, readTcpSample } from './read-tcp-sample.ts';

/** Who is called about a socket: one at a time, first whoever connects it, later whoever uses it. */
export type SocketListener = {
  /** Bytes that arrived. They lie in a buffer shared by all sockets: look at them now or copy them. */
  received(bytes: Uint8Array): void;
  /**
   * The first terminal fact, reported at most once, while the descriptor is still open. A failed connect is an errno. Not
   * called when we destroy the socket first.
   */
  ended(signal: SocketEnd, tcp: TcpSample | null): void;
};

export type Destination = { readonly address: string; readonly port: number; readonly sourceAddress: string | null };

/** What all sockets of a process share. */
export type SharedBySockets = {
  readonly kernel: Kernel;
  /**
   * The buffer that all sockets read into. One of them is read once in a turn of the event loop at most where it fills the
   * buffer: so its size is the share of a turn.
   */
  readonly readBuffer: Uint8Array;
  readonly readTurns: ReadTurns;
  /** Where ends that the sockets of one turn of the event loop reported are served, a slice at a time. */
  readonly ends: PacedWork;
};

/** Fields of libuv's handle; undocumented but stable since Node.js 0.x, and used by many packages. */
type NativeHandle = {
  readonly fd?: number;
  readonly writeQueueSize?: number;
  readonly bytesWritten?: number;
  readStop?(): number;
  onread?: OnRead;
};

const NOTHING = Buffer.alloc(0);
/** The least that Linux takes. */
const PROBE_NOW: Keepalive = { idleSeconds: 1, intervalSeconds: 1, count: 3 };
/** The event that stands in for 'end'. */
const FIN = 'fin';

/**
 * A TCP socket that reports how it ended, with what the kernel knew at that moment.
 *
 * The runtime closes the descriptor before it emits 'error', so the evidence is taken in `_destroy`, the documented place
 * where a stream learns why it is destroyed. Reads go into one shared buffer and the stream always flows: a socket with
 * unread data never sees its own end (measured on Node.js 18 to 26).
 */
export class ObservedSocket extends Socket implements TurnTaker {
  readonly #kernel: Kernel;
  readonly #ends: PacedWork;
  #listener: SocketListener;
  #hasEnded = false;
  #hasPeerFinished = false;
  #keepaliveIdleMs: number | null = null;
  /** Asked of the handle once: it is asked for with each sample. */
  #fd = -1;
  #silence: SocketSilence | null = null;

  constructor({ kernel, readBuffer, readTurns, ends }: SharedBySockets, listener: SocketListener) {
    super({
      allowHalfOpen: true, // else the runtime answers a FIN on its own and hides a reset behind it
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          restoreStacks();
          this.#listener.received(readBuffer.subarray(0, length));
          if (length < readBuffer.length) return true;
          readTurns.wait(this);
          return false; // the runtime stops to read until it is resumed
        },
      },
    });
    this.#kernel = kernel;
    this.#ends = ends;
    this.#listener = listener;
    // Else a heartbeat could wait for the acknowledgement of the one before, and its round trip would be too long. It is an
    // option of the constructor and of net.connect(), not of connect().
    this.setNoDelay(true);
    this.on('error', ignore); // the evidence was taken in _destroy
  }

  /** Its next turn has come. A socket that waits for it must not be forgotten: it would never see its own end. */
  readOn(): void {
    if (!this.destroyed) this.resume();
  }

  /** From now on this listener is called, and the one before is not held any more. */
  listenWith(listener: SocketListener): void {
    this.#listener = listener;
  }

  /** The descriptor, -1 when there is none. */
  get fd(): number {
    const handle = this.#handle;
    if (!handle) return -1;
    if (this.#fd < 0) this.#fd = handle.fd ?? -1;
    return this.#fd;
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#handle?.writeQueueSize ?? 0;
  }

  /** Bytes that the kernel has taken so far. */
  get takenBytes(): number {
    return (this.#handle?.bytesWritten ?? 0) - this.queuedBytes;
  }

  /** Bytes that the kernel has taken and the peer's has not acknowledged; null where it cannot be asked. */
  get outstandingBytes(): number | null {
    const { fd } = this;
    return fd < 0 ? null : this.#kernel.outstandingBytes(fd);
  }

  get #handle(): NativeHandle | null | undefined {
    return (this as unknown as { readonly _handle?: NativeHandle | null })._handle;
  }

  /** Connects; `connected` is called once when that worked, else the listener is called with the end. */
  open({ address, port, sourceAddress }: Destination, connected: () => void): void {
    const options: TcpSocketConnectOpts = { host: address, port };
    if (sourceAddress !== null) options.localAddress = sourceAddress;
    this.connect(options, connected);
    readWithoutStacks(this.#handle);
  }

  /** The keepalive idle time that was set on the socket; null: it sends no probes. */
  get keepaliveIdleMs(): number | null {
    return this.#keepaliveIdleMs;
  }

  /** Sets the kernel's timers of a connected socket; where it cannot be asked, what the runtime offers. */
  configure(keepalive: Keepalive | null, userTimeoutMs: number): void {
    this.#keepaliveIdleMs = keepalive === null ? null : keepalive.idleSeconds * 1000;
    if (this.#kernel.configure(this.fd, { keepalive, userTimeoutMs })) return;
    // Node.js sets interval 1 s and count 10 (libuv's own); that is all it offered before 24.21.
    if (keepalive === null) this.setKeepAlive(false);
    else this.setKeepAlive(true, keepalive.idleSeconds * 1000);
  }

  /** See `Link.probe`. An idle time below the silence so far makes the kernel's timer fire at once (Linux, tcp_sock_set_keepidle_locked). */
  probe(): boolean {
    return this.#kernel.configure(this.fd, { keepalive: PROBE_NOW, userTimeoutMs: 0 });
  }

  sample(): TcpSample | null {
    return readTcpSample(this.#kernel, this.fd);
  }

  get silence(): SilenceReader {
    return (this.#silence ??= new SocketSilence(this.#kernel, this.fd));
  }

  get local(): Endpoint {
    return { address: this.localAddress ?? '', port: this.localPort ?? 0 };
  }

  /**
   * Whether this is a TCP simultaneous open with itself (RFC 9293 3.5): a connect to a port of this machine in the ephemeral
   * range, where nothing listens, is given that very port as its own once in some 28,000 attempts, and succeeds.
   */
  isConnectedToItself(remote: Endpoint): boolean {
    return this.localPort === remote.port && this.localAddress === remote.address;
  }

  /** Sends a RST and drops what is queued; `done` is called when the descriptor is released. */
  reset(done: () => void): void {
    if (this.closed) {
      done();
      return;
    }
    this.once('close', done);
    if (!this.destroyed) this.resetAndDestroy();
  }

  /** Whether the peer's FIN was read. */
  get hasPeerFinished(): boolean {
    return this.#hasPeerFinished;
  }

  /** Calls back once, when the peer's FIN is read. */
  oncePeerFinished(callback: () => void): void {
    this.once(FIN, callback);
  }

  /**
   * A null is how the runtime says that the FIN was read; bytes never come this way, since they go to `onread`. It is taken
   * at that moment and goes no further: 'end' would come three ticks later, and cost more than all that is noted here.
   */
  override push(chunk: unknown): boolean {
    restoreStacks();
    if (chunk !== null || this.#hasPeerFinished) return false;
    this.#hasPeerFinished = true;
    this.#streamEnded();
    this.emit(FIN);
    return false;
  }

  /**
   * Closing a descriptor takes the kernel longer than all that is done about an end: where many end, the ends come first.
   */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    restoreStacks();
    if (error !== null) this.#report({ kind: 'errno', errno: (error as NodeJS.ErrnoException).code ?? error.name });
    this.#hasEnded = true; // whatever comes after our own destroy only follows from it
    this.#silence?.close();
    this.#ends.runLater(() => super._destroy(error, callback));
    // It waits for its turn, and the runtime throws where bytes reach a stream that is destroyed.
    this.#handle?.readStop?.();
  }

  #streamEnded(): void {
    const pendingError = this.#kernel.pendingError(this.fd);
    if (pendingError !== undefined) {
      this.#report({ kind: 'end', pendingError });
      return;
    }
    // The kernel cannot be asked: a zero-length write fails where a reset stands behind the end, and puts nothing on the wire.
    // A failure arrives through _destroy, before this callback.
    this.write(NOTHING, (error) => {
      if (!error) this.#report({ kind: 'end', pendingError: null });
    });
  }

  #report(signal: SocketEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#listener.ended(signal, this.sample());
  }
}

/**
 * Asks the kernel by the descriptor alone. A socket is an object so large that nothing of it is in the processor's caches when a
 * sample is due, and thousands are due a second.
 */
class SocketSilence implements SilenceReader {
  readonly #kernel: Kernel;
  #fd: number;

  constructor(kernel: Kernel, fd: number) {
    this.#kernel = kernel;
    this.#fd = fd;
  }

  since(before: TcpSample): number | null {
    return readSilence(this.#kernel, this.#fd, before);
  }

  /** The descriptor is another one's soon. */
  close(): void {
    this.#fd = -1;
  }
}

function ignore(): void {
  // Reported already.
}

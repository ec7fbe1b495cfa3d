import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import { sourceOf } from './source-address.ts';

/** A connection whose next request is not complete. */
type Waiting = {
  readonly socket: Socket;
  readonly source: string;
  /** What it sent before it was accepted has been read. */
  wasRead: boolean;
};

export type WebConnectionsOptions = {
  /** Over all servers together. */
  readonly most: number;
  readonly clock: Pick<Clock, 'afterPoll'>;
};

/**
 * The connections of our web servers: at most so many at once, and one request at a time on each.
 *
 * When all places are taken, a new connection takes the place of one without a complete request: of the source address
 * that has most of those, the one that has waited longest. So clients that open connections and send nothing, or half a
 * request, cut each other and never a probe. Where every connection has an answer under way the new one is refused.
 */
export class WebConnections {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'afterPoll'>;
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #answering = new Map<string, Socket>();

  constructor({ most, clock }: WebConnectionsOptions) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Counts the connections of this server, and gives `listener` each request that may be answered. */
  serve(server: Server, listener: RequestListener): void {
    server.on('connection', (socket: Socket) => this.#accept(socket));
    server.on('request', (request, response) => {
      if (!this.#begin(request, response)) return;
      // Once the whole read is parsed: a client that pipelines is then known as one, and costs no answer.
      queueMicrotask(() => {
        if (!request.socket.destroyed) listener(request, response);
      });
    });
  }

  #accept(socket: Socket): void {
    if (this.#waiting.size + this.#answering.size >= this.#most && !this.#cutOne()) {
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    const waiting: Waiting = { socket, source: sourceOf(socket.remoteAddress), wasRead: false };
    this.#waiting.set(key, waiting);
    // It is polled for the first time in the next turn; until then it had no chance to show its request.
    this.#clock.afterPoll(() => this.#clock.afterPoll(() => (waiting.wasRead = true)));
    socket.once('close', () => {
      if (this.#waiting.get(key)?.socket === socket) this.#waiting.delete(key);
      if (this.#answering.get(key) === socket) this.#answering.delete(key);
    });
  }

  /** False: no connection could be cut. */
  #cutOne(): boolean {
    const source = this.#crowdedSource();
    for (const [key, waiting] of this.#waiting) {
      if (waiting.source !== source || !waiting.wasRead) continue;
      this.#waiting.delete(key);
      waiting.socket.destroy();
      return true;
    }
    return false;
  }

  /** The source with the most waiting connections; of several, the one that has waited longest. */
  #crowdedSource(): string | undefined {
    const counts = new Map<string, number>();
    for (const { source, wasRead } of this.#waiting.values()) {
      if (wasRead) counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    let crowded: string | undefined;
    for (const [source, count] of counts) {
      if (crowded === undefined || count > (counts.get(crowded) ?? 0)) crowded = source;
    }
    return crowded;
  }

  /**
   * False: the request is not to be answered. A second one before the answer to the first is finished (pipelining)
   * closes its connection: answers that are not read would pile up in memory, and one read can bring thousands.
   */
  #begin({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const key = keyOf(socket);
    if (this.#answering.has(key)) {
      stopParsing(socket);
      socket.destroy();
      return false;
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || socket.destroyed) return false; // it was cut or is closed
    this.#waiting.delete(key);
    this.#answering.set(key, waiting.socket);
    response.once('finish', () => {
      if (this.#answering.delete(key)) this.#waiting.set(key, waiting);
    });
    return true;
  }
}

/** The same for the socket that was accepted and for the TLS layer over it; unique among the open connections. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

/**
 * The runtime parses a whole read, 64 KiB, whatever becomes of its connection: 2,300 requests of the shortest kind cost 45
 * ms of CPU, 2 ms with this. It is undocumented: 2 is the runtime's answer for "no more HTTP behind this request", as for
 * an upgrade. Where a later release has no such hook, only the cost comes back.
 */
function stopParsing(socket: Socket): void {
  const { parser } = socket as { readonly parser?: { onIncoming?: unknown } };
  if (parser) parser.onIncoming = () => 2;
}

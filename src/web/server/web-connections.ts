import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import { sourceOf } from './source-address.ts';

type Connection = {
  /** As it was accepted, below TLS. */
  readonly socket: Socket;
  /** The same for the socket that was accepted and for the TLS layer over it; unique among the open connections. */
  readonly key: string;
  readonly source: string;
  /** Where it stands among those that wait for a complete request: the lowest waits longest. Null: an answer is under way. */
  waitingSince: number | null;
  /** What it had sent before it was accepted has been read. */
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
  readonly #clock: Pick<Clock, 'afterPoll'>;
  /**
   * A list of fixed length, searched from end to end: 128 are few. A Map that many come to and go from leaves tables
   * behind whose entries live until the next full collection of garbage: 4 kB for each connection.
   */
  readonly #places: (Connection | null)[];
  #began = 0;

  constructor({ most, clock }: WebConnectionsOptions) {
    this.#clock = clock;
    this.#places = Array.from({ length: most }, () => null);
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
    const place = this.#freePlace();
    if (place === null) {
      socket.destroy();
      return;
    }
    const connection: Connection = {
      socket,
      key: keyOf(socket),
      source: sourceOf(socket.remoteAddress),
      waitingSince: this.#began++,
      wasRead: false,
    };
    this.#places[place] = connection;
    // It is polled for the first time in the next turn; until then it had no chance to show its request.
    this.#clock.afterPoll(() => this.#clock.afterPoll(() => (connection.wasRead = true)));
    socket.once('close', () => {
      if (this.#places[place] === connection) this.#places[place] = null;
    });
  }

  /** Null: all are taken, and no connection could be cut. */
  #freePlace(): number | null {
    const free = this.#places.indexOf(null);
    if (free >= 0) return free;
    const cut = this.#placeToCut();
    if (cut !== null) this.#places[cut]?.socket.destroy();
    return cut;
  }

  /** For each new connection while a flood runs: it makes as little garbage as it can. */
  #placeToCut(): number | null {
    const counts = new Map<string, number>();
    let most = 0;
    for (const place of this.#places) {
      if (place === null || !canBeCut(place)) continue;
      const count = (counts.get(place.source) ?? 0) + 1;
      counts.set(place.source, count);
      most = Math.max(most, count);
    }
    let oldest: number | null = null;
    let since = Infinity;
    for (let i = 0; i < this.#places.length; i++) {
      const place = this.#places[i] ?? null;
      if (place === null || !canBeCut(place) || counts.get(place.source) !== most) continue;
      if (place.waitingSince >= since) continue;
      oldest = i;
      since = place.waitingSince;
    }
    return oldest;
  }

  /**
   * False: the request is not to be answered. A second one before the answer to the first is finished (pipelining)
   * closes its connection: answers that are not read would pile up in memory, and one read can bring thousands.
   */
  #begin({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const key = keyOf(socket);
    const connection = this.#places.find((place) => place?.key === key);
    if (!connection || socket.destroyed) return false; // it was cut or is closed
    if (connection.waitingSince === null) {
      stopParsing(socket);
      socket.destroy();
      return false;
    }
    connection.waitingSince = null;
    response.once('finish', () => (connection.waitingSince = this.#began++));
    return true;
  }
}

type Waiting = Connection & { readonly waitingSince: number };

function canBeCut(connection: Connection): connection is Waiting {
  return connection.waitingSince !== null && connection.wasRead;
}

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

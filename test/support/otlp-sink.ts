import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

import { decodeTraceRequest, encodeTraceResponse, type ReceivedSpan } from './otlp-decode.ts';

/** What a collector can do with a request. */
export type SinkBehaviour =
  | { readonly kind: 'accept' }
  /** Answers this much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Takes the spans and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the spans, promises an answer and drips it, a byte every 100 ms, without end. */
  | { readonly kind: 'drip' }
  /** Takes nothing and answers with this status. */
  | { readonly kind: 'status'; readonly status: number }
  /** Takes the spans, sends half an answer and closes. */
  | { readonly kind: 'closeMidBody' }
  /** Closes when the request line has arrived. */
  | { readonly kind: 'closeEarly' }
  /** Takes the request and refuses so many spans of it. */
  | { readonly kind: 'refuseSome'; readonly rejected: number };

export type OtlpSink = {
  readonly url: string;
  readonly port: number;
  /** Everything taken, once per span id: an exporter may send a request again. */
  readonly spans: ReadonlyMap<string, ReceivedSpan>;
  readonly requests: readonly {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly bytes: number;
  }[];
  behave(behaviour: SinkBehaviour): void;
  /** Resolves when a span for which this holds has arrived. */
  span(holds: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
  close(): Promise<void>;
};

/** An OTLP/HTTP receiver on a port of its own that decodes what it gets and misbehaves on demand; with `tls` over HTTPS. */
export async function startOtlpSink(
  behaviour: SinkBehaviour = { kind: 'accept' },
  tls?: ServerOptions,
): Promise<OtlpSink> {
  const spans = new Map<string, ReceivedSpan>();
  const requests: { path: string; headers: IncomingHttpHeaders; bytes: number }[] = [];
  const waiters = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  let current = behaviour;

  const take = (body: Buffer, gzipped: boolean, skip: number) => {
    const decoded = decodeTraceRequest(gzipped ? gunzipSync(body) : body);
    for (const span of decoded.slice(skip)) spans.set(span.spanId, span);
    waiters.forEach((check) => check());
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const now = current;
    if (now.kind === 'closeEarly') return void request.socket.destroy();
    const body = await readBody(request);
    if (body === null) return;
    requests.push({ path: request.url ?? '', headers: request.headers, bytes: body.length });
    if (now.kind === 'status') return void response.writeHead(now.status).end('no');
    take(body, request.headers['content-encoding'] === 'gzip', now.kind === 'refuseSome' ? now.rejected : 0);
    answer(response, now, timers);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    port,
    spans,
    requests,
    behave(next) {
      current = next;
    },
    span(holds) {
      const { promise, resolve } = Promise.withResolvers<ReceivedSpan>();
      const check = () => {
        const found = [...spans.values()].find(holds);
        if (!found) return;
        waiters.delete(check);
        resolve(found);
      };
      waiters.add(check);
      check();
      return promise;
    },
    async close() {
      timers.forEach(clearInterval);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port on which nothing listens: it was free a moment ago. */
export async function refusingUrl(): Promise<string> {
  const sink = await startOtlpSink();
  await sink.close();
  return sink.url;
}

function answer(response: ServerResponse, behaviour: SinkBehaviour, timers: Set<NodeJS.Timeout>): void {
  const head = { 'content-type': 'application/x-protobuf' };
  switch (behaviour.kind) {
    case 'accept':
      return void response.writeHead(200, head).end(encodeTraceResponse(0));
    case 'slow':
      return void timers.add(setTimeout(() => response.writeHead(200, head).end(encodeTraceResponse(0)), behaviour.ms));
    case 'refuseSome':
      return void response.writeHead(200, head).end(encodeTraceResponse(behaviour.rejected));
    case 'closeMidBody':
      response.writeHead(200, { ...head, 'content-length': 100 }).write('half');
      return void setImmediate(() => response.socket?.destroy());
    case 'drip':
      response.writeHead(200, { ...head, 'content-length': 100_000 });
      return void timers.add(setInterval(() => response.write('x'), 100));
    case 'hang':
    case 'status':
    case 'closeEarly':
      return;
  }
}

/** Null: the exporter gave up before its request was complete. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return null;
    throw error;
  }
  return Buffer.concat(chunks);
}

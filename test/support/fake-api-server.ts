import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object as the API server keeps it. */
export type ApiObject = {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
};

type Change = {
  readonly version: number;
  readonly resource: string;
  readonly type: string;
  readonly object: ApiObject;
};
type Watch = { readonly resource: string; readonly namespace: string | null; readonly response: ServerResponse };

export type ApiRequestSeen = {
  readonly resource: string;
  readonly namespace: string | null;
  readonly verb: 'list' | 'watch';
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
};

/** Answers a request in place of the server; false: the server answers itself. */
type Fault = (request: ApiRequestSeen, response: ServerResponse) => boolean;

/**
 * The part of a Kubernetes API server that a watch needs, over plain HTTP on loopback: lists with pages, watches with
 * initial events and bookmarks, versions that grow too old. Faults are put in front of it.
 */
export class FakeApiServer {
  readonly requests: ApiRequestSeen[] = [];
  /** Asked for each request, the first that answers wins. */
  faults: Fault[] = [];
  /** `refused`: 422, as an older server; `ignored`: objects without a bookmark after them. */
  initialEvents: 'sent' | 'refused' | 'ignored' = 'sent';
  /** Versions below this are gone, as after a compaction of etcd. */
  oldestVersion = 0;
  /** How a version that is gone is answered. */
  goneAs: 'status' | 'event' = 'status';
  readonly #server: Server;
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #changes: Change[] = [];
  readonly #watches = new Set<Watch>();
  #version = 1;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer();
    await new Promise<void>((resolve) => void fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }

  /** Adds or changes an object, and sends it to those who watch. */
  set(resource: string, object: ApiObject): void {
    this.#version += 1;
    const all = this.#of(resource);
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const type = all.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    all.set(key, stored);
    this.#publish({ version: this.#version, resource, type, object: stored });
  }

  delete(resource: string, namespace: string, name: string): void {
    const all = this.#of(resource);
    const object = all.get(`${namespace}/${name}`);
    if (object === undefined) throw new TypeError(`there is no ${resource} ${namespace}/${name}`);
    all.delete(`${namespace}/${name}`);
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#publish({ version: this.#version, resource, type: 'DELETED', object: last });
  }

  /** The names of the objects, as NAMESPACE/NAME. */
  names(resource: string): readonly string[] {
    return [...this.#of(resource).keys()].toSorted();
  }

  bookmark(): void {
    for (const watch of this.#watches) this.#sendBookmark(watch);
  }

  /** Sends this to all who watch, as it stands. */
  sendRaw(text: string): void {
    for (const { response } of this.#watches) response.write(text);
  }

  /** Ends all watches in order. */
  endWatches(): void {
    for (const { response } of this.#takeWatches()) response.end();
  }

  /** Resets the connections of all watches. */
  resetWatches(): void {
    for (const { response } of this.#takeWatches()) response.socket?.resetAndDestroy();
  }

  /** Ends the connections of all watches within a line. */
  cutWatches(): void {
    for (const { response } of this.#takeWatches()) {
      response.write('{"type":"MODIFIED","object":{"metadata":{"na', () => response.socket?.destroySoon());
    }
  }

  /** Forgets all watches without closing anything, as a host that has lost its power. */
  silenceWatches(): void {
    this.#takeWatches();
  }

  #takeWatches(): readonly Watch[] {
    const all = [...this.#watches];
    this.#watches.clear();
    return all;
  }

  #of(resource: string): Map<string, ApiObject> {
    const all = this.#objects.get(resource) ?? new Map<string, ApiObject>();
    this.#objects.set(resource, all);
    return all;
  }

  #publish(change: Change): void {
    this.#changes.push(change);
    for (const watch of this.#watches) this.#sendChange(watch, change);
  }

  #sendChange({ resource, namespace, response }: Watch, change: Change): void {
    if (change.resource !== resource) return;
    if (namespace !== null && change.object.metadata.namespace !== namespace) return;
    response.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
  }

  #sendBookmark({ response }: Watch, annotations?: Record<string, string>): void {
    const metadata = { resourceVersion: String(this.#version), ...(annotations !== undefined && { annotations }) };
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    const url = new URL(request.url ?? '', 'http://server');
    const [, namespace = null, resource = ''] = /(?:\/namespaces\/([^/]+))?\/([a-z]+)$/.exec(url.pathname) ?? [];
    const query = url.searchParams;
    const seen: ApiRequestSeen = {
      resource,
      namespace,
      verb: query.has('watch') ? 'watch' : 'list',
      query,
      authorization: request.headers.authorization,
      userAgent: request.headers['user-agent'],
    };
    this.requests.push(seen);
    if (this.faults.some((fault) => fault(seen, response))) return;
    if (seen.verb === 'list') this.#list(seen, response);
    else this.#watch(seen, response);
  }

  #list({ resource, namespace, query }: ApiRequestSeen, response: ServerResponse): void {
    const [version = String(this.#version), start = '0'] = query.get('continue')?.split(':') ?? [];
    if (Number(version) < this.oldestVersion) return this.#gone(response);
    const from = Number(start);
    const all = [...this.#of(resource).values()].filter(
      (each) => namespace === null || each.metadata.namespace === namespace,
    );
    const to = from + Number(query.get('limit') ?? all.length);
    const metadata = { resourceVersion: version, ...(to < all.length && { continue: `${version}:${to}` }) };
    response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata, items: all.slice(from, to) }));
  }

  #watch({ resource, namespace, query }: ApiRequestSeen, response: ServerResponse): void {
    const watch = { resource, namespace, response };
    if (query.has('sendInitialEvents')) {
      if (this.initialEvents === 'refused') {
        response.writeHead(422).end('{"kind":"Status","code":422}');
        return;
      }
      response.flushHeaders();
      for (const object of this.#of(resource).values())
        this.#sendChange(watch, { version: 0, resource, type: 'ADDED', object });
      if (this.initialEvents === 'sent') this.#sendBookmark(watch, { 'k8s.io/initial-events-end': 'true' });
    } else {
      const from = Number(query.get('resourceVersion'));
      if (from < this.oldestVersion) return this.#gone(response);
      response.flushHeaders();
      for (const change of this.#changes) if (change.version > from) this.#sendChange(watch, change);
    }
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }

  #gone(response: ServerResponse): void {
    const status = { kind: 'Status', code: 410, reason: 'Expired' };
    if (this.goneAs === 'event') response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    else response.writeHead(410).end(JSON.stringify(status));
  }
}

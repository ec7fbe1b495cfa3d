import type { Clock, Timer } from '../../clock/clock.ts';
import { PacedWork } from '../../clock/paced-work.ts';
import type { ApiOutcome, ApiRequested, ObjectChanged } from '../../domain/events/discovery-events.ts';
import type { ApiClient } from './api-client.ts';
import { type Attempt, failed, outcomeOf } from './attempt.ts';
import { listObjects } from './list-objects.ts';
import { ObjectStore, type StoredObject, type StoreChange } from './object-store.ts';
import { RetryDelay } from './retry-delay.ts';
import type { IdentifiedObject } from './watch-event.ts';
import { watchObjects } from './watch-objects.ts';
import { describeScope, type KeptOf, projectionOf, type WatchedResource, type WatchScope } from './watched-resource.ts';

/** What a loop tells whoever uses its objects. */
export type LoopListener = {
  /** What is kept of this object is another one, or it came or went. */
  readonly changed: (key: string, event: ObjectChanged['event']) => void;
  /** All objects are known and are followed from now on; also after a failure. `tookMs`: since the request began. */
  readonly inSync: (tookMs: number) => void;
  /** A request failed; what is known stays. */
  readonly failed: (why: string, tookMs: number) => void;
  readonly requested: (verb: ApiRequested['verb'], outcome: ApiOutcome) => void;
  /** The API server sent an object, whether or not anything of it is kept. */
  readonly objectChanged: (event: ObjectChanged['event']) => void;
};

/** What a loop has of one API server, shared by all its loops. */
export type ApiServer = {
  readonly client: Pick<ApiClient, 'get'>;
  /** Whether it can begin a watch with the objects that are there; false once it could not. */
  sendsInitialEvents: boolean;
};

export type LoopContext = {
  readonly server: ApiServer;
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
};

/**
 * A right is given by a person, who looks for the effect; and an API server that has just started refuses everybody for
 * some seconds, until it has read its roles.
 */
const LONGEST_FORBIDDEN_MS = 30_000;
/** An orderly end after less than this is no ordinary one: to ask again at once could become a storm. */
const ORDINARY_WATCH_MS = 1000;
/** Above what a cluster has (Kubernetes: at most 150,000 pods): a server that sends more could take all memory. */
const MOST_OBJECTS = 200_000;

/**
 * Follows the objects of one scope: reads them all, then every change, for as long as it runs and through every failure of
 * the API server and of the network. What is known stays until it is known better: objects that are read anew take the
 * place of the old ones when all of them are there.
 */
export class WatchLoop<Resource extends WatchedResource> {
  readonly #scope: WatchScope<Resource>;
  readonly #context: LoopContext;
  readonly #listeners = new Set<LoopListener>();
  readonly #store = new ObjectStore<KeptOf[Resource]>();
  readonly #retry: RetryDelay;
  readonly #stopping = new AbortController();
  /** Changes that listeners hear of, in slices: a list that was read anew may be thousands at once. */
  readonly #work: PacedWork;
  /** Where the next watch begins; null: the objects have to be read first. */
  #version: string | null = null;
  #isComplete = false;
  #isFailing = false;
  /** The kind of the attempt before, where it failed: the first 401 and the first 410 in a row are tried again at once. */
  #before: string = '';
  #attemptAt = 0;
  #wait: { readonly timer: Timer; readonly resolve: () => void } | null = null;

  constructor(scope: WatchScope<Resource>, context: LoopContext) {
    this.#scope = scope;
    this.#context = context;
    this.#retry = new RetryDelay(context.clock, context.random);
    this.#work = new PacedWork(context.clock);
  }

  /** Whether all objects were known once. They are known from then on, if perhaps not as they are now. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get objects(): Pick<ObjectStore<KeptOf[Resource]>, 'get' | 'keys'> {
    return this.#store;
  }

  /** The first listener starts the loop, and after the last one it has ended for good. */
  add(listener: LoopListener): void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#run();
  }

  /** Whether nobody listens any more. */
  remove(listener: LoopListener): boolean {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return false;
    this.#stopping.abort();
    this.#wait?.timer.cancel();
    this.#wait?.resolve();
    return true;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#attemptAt = this.#context.clock.monotonic();
      const attempt = await this.#attempt();
      if (this.#isStopped) return;
      const waitMs = this.#settle(attempt);
      this.#before = attempt.kind === 'failed' ? attempt.outcome : attempt.kind;
      if (waitMs > 0) await this.#sleep(waitMs);
    }
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wait = { timer: this.#context.clock.after(ms, resolve), resolve };
    return promise;
  }

  async #attempt(): Promise<Attempt> {
    if (this.#version === null && !this.#context.server.sendsInitialEvents) return this.#list();
    const attempt = await this.#watch();
    this.#count('watch', attempt);
    return attempt;
  }

  async #list(): Promise<Attempt> {
    const { server, clock } = this.#context;
    const fresh: Fresh<KeptOf[Resource]> = new Map();
    let isTooMany = false;
    const listed = await listObjects({
      client: server.client,
      clock,
      scope: this.#scope,
      signal: this.#stopping.signal,
      onObject: (object) => {
        this.#project(fresh, object);
        isTooMany = fresh.size > MOST_OBJECTS;
        return !isTooMany;
      },
      onRequested: (attempt) => this.#count('list', attempt),
    });
    if (isTooMany) return this.#tooMany();
    if (listed.kind !== 'listed') return listed;
    this.#replace(fresh, listed.version);
    return { kind: 'ended', lastedMs: ORDINARY_WATCH_MS };
  }

  /** One watch. Where no version is known it begins with the objects that are there. */
  async #watch(): Promise<Attempt> {
    const { server, clock, random } = this.#context;
    let fresh: Fresh<KeptOf[Resource]> | null = this.#version === null ? new Map() : null;
    let isTooMany = false;
    const attempt = await watchObjects({
      client: server.client,
      clock,
      random,
      scope: this.#scope,
      version: this.#version,
      signal: this.#stopping.signal,
      onAccepted: () => {
        if (fresh === null) this.#recovered();
      },
      onEvent: (event) => {
        switch (event.kind) {
          case 'set':
            if (fresh === null) this.#set(event.object);
            else this.#project(fresh, event.object);
            isTooMany = (fresh?.size ?? this.#store.size) > MOST_OBJECTS;
            return !isTooMany;
          case 'deleted':
            if (fresh === null) this.#delete(event.object);
            else fresh.delete(event.object.key);
            return true;
          case 'bookmark':
            // Without a version the next watch would begin anywhere, and what was deleted before would stay for ever.
            if (fresh === null) this.#version = event.version === '' ? this.#version : event.version;
            else if (event.endsInitial) {
              this.#replace(fresh, event.version);
              fresh = null;
            }
            return true;
        }
      },
    });
    return isTooMany ? this.#tooMany() : attempt;
  }

  #tooMany(): Attempt {
    const why = `there are more than ${MOST_OBJECTS} ${describeScope(this.#scope)}; choose fewer with selectors`;
    return failed('server_error', why);
  }

  #project(into: Fresh<KeptOf[Resource]>, { key, version, raw }: IdentifiedObject): void {
    const { resource, lastApplied } = this.#scope;
    into.set(key, { version, kept: projectionOf(resource)(raw, { lastApplied }) });
  }

  #set({ key, version, raw }: IdentifiedObject): void {
    const { resource, lastApplied } = this.#scope;
    if (version !== '') this.#version = version;
    const change = this.#store.set(key, { version, kept: projectionOf(resource)(raw, { lastApplied }) });
    this.#work.run(() => this.#changed(change));
  }

  #delete({ key, version }: IdentifiedObject): void {
    if (version !== '') this.#version = version;
    const change = this.#store.delete(key);
    if (change !== null) this.#work.run(() => this.#changed(change));
  }

  #replace(fresh: Fresh<KeptOf[Resource]>, version: string): void {
    this.#version = version === '' ? null : version;
    for (const change of this.#store.replace(fresh)) this.#work.run(() => this.#changed(change));
    this.#isComplete = true;
    this.#work.run(() => {
      this.#isFailing = true;
      this.#recovered();
    });
  }

  #changed({ key, event, isNew }: StoreChange): void {
    // Those who share a loop count an object once.
    this.#reporter?.objectChanged(event);
    if (isNew) for (const listener of this.#listeners) listener.changed(key, event);
  }

  #count(verb: ApiRequested['verb'], attempt: Attempt): void {
    // What we give up ourselves says nothing of the API server.
    if (!this.#isStopped) this.#reporter?.requested(verb, outcomeOf(attempt));
  }

  get #reporter(): LoopListener | undefined {
    return this.#listeners.values().next().value;
  }

  #recovered(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    const tookMs = this.#context.clock.monotonic() - this.#attemptAt;
    for (const listener of this.#listeners) listener.inSync(tookMs);
  }

  /** What follows from an attempt: how long to wait before the next one. */
  #settle(attempt: Attempt): number {
    switch (attempt.kind) {
      case 'ended':
        return attempt.lastedMs >= ORDINARY_WATCH_MS ? 0 : this.#retry.next();
      case 'cut':
        return this.#retry.next();
      case 'expired':
        this.#version = null;
        return this.#before === 'expired' ? this.#retry.next() : 0;
      case 'noInitialEvents':
        this.#context.server.sendsInitialEvents = false;
        return 0;
      case 'failed':
        this.#isFailing = true;
        for (const listener of this.#listeners)
          listener.failed(attempt.why, this.#context.clock.monotonic() - this.#attemptAt);
        if (attempt.outcome === 'unauthorized' && this.#before !== 'unauthorized') return 0;
        if (attempt.outcome === 'forbidden') return Math.min(this.#retry.next(), LONGEST_FORBIDDEN_MS);
        return Math.max(this.#retry.next(), attempt.retryAfterMs);
    }
  }
}

type Fresh<Kept> = Map<string, StoredObject<Kept>>;

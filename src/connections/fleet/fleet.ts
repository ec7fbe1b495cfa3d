import type { ReadFile } from '../../files/file-content.ts';
import type { Clock } from '../../clock/clock.ts';
import { createWarn } from '../../domain/events/create-warn.ts';
import type { FinrstEvent } from '../../domain/events/finrst-event.ts';
import type { PeerFacts } from '../../domain/events/peer-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { expectsAnswer } from '../../settings/heartbeat.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { PeerGroup } from '../../settings/peer-group.ts';
import { type PeerSettings, peerKey } from '../../settings/peer-settings.ts';
import { TargetLabelSets } from '../../settings/target-labels.ts';
import { PacedWork } from '../../clock/paced-work.ts';
import { runInSlices } from '../../clock/run-in-slices.ts';
import { peerChange } from '../../domain/peer-change.ts';
import { NewestJob } from './newest-job.ts';
import type { Kernel } from '../../os/sockets/kernel.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { ConnectRate } from './connect-rate.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { createNameLookup, lookupPlaces, type NameLookup } from '../dial/name-lookup.ts';
import { ReadTurns } from '../link/read-turns.ts';
import { PeerRunner } from './peer-runner.ts';
import type { RunnerContext } from './runner-context.ts';
import { createSecureContexts } from '../dial/secure-contexts.ts';
import { StallMonitor } from './stall-monitor.ts';
import { literalFamily } from '../../text/host-port.ts';
import { SampleWheel } from '../hold/sample-wheel.ts';
import { TrafficReports } from '../hold/traffic-reports.ts';

export type FleetOptions = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly kernel: Kernel;
  /** Called from within the callbacks of sockets and timers, in the order things happened. It must not call the fleet back. */
  readonly emit: (event: FinrstEvent) => void;
  readonly limits: FleetLimits;
  /** Descriptors this process may have open; null: unknown or unlimited. */
  readonly openFileLimit: number | null;
  /** For the files of `tls`. */
  readonly readFile: ReadFile;
  /** Look-ups of names that may run at a time; what the runtime's own size of its thread pool lets run unless given. */
  readonly lookupPlaces?: number;
  /** Tests hand in a resolver of their own. */
  readonly lookup?: NameLookup;
  /** How long a connection that we close may drain until the peer's FIN; 2 s unless given. */
  readonly drainMs?: number;
};

export type FleetLimits = { readonly maxConnectsPerSecond: number; readonly maxConnections: number };

export type ApplyOptions = {
  /** The delays of all peers that are not established start over: somebody asked for it. */
  readonly restartDelays?: boolean;
};

export type AppliedDiff = {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
};

/** Long enough for a FIN to cross the earth several times, short enough for a shutdown. */
const DRAIN_MS = 2000;
/** What one socket may read in one turn of the event loop; TLS decrypts it in half a millisecond. */
const READ_BUFFER_BYTES = 64 * 1024;

type Entry = { readonly runner: PeerRunner; settings: PeerSettings };

/** All peers of a process, and what they share. */
export class Fleet {
  readonly #context: RunnerContext;
  readonly #runners = new Map<string, Entry>();
  readonly #applying = new NewestJob((groups: readonly PeerGroup[]) => this.#apply(groups));
  /** Asked for by one of those whom the next set answers. */
  #restartDelays = false;
  /** Removed peers whose sockets still drain: one that comes back waits for its predecessor. */
  readonly #leaving = new Map<string, { readonly runner: PeerRunner; readonly proceed: (() => void)[] }>();
  readonly #groups = new Map<string, Pick<PeerGroup, 'tls' | 'expectsAnswer'>>();
  /** Peers that are applied together share the objects of equal labels. */
  #targetLabels = new TargetLabelSets();
  #nextId = 0;
  #phase: 'preparing' | 'running' | 'stopping' = 'preparing';

  constructor(options: FleetOptions) {
    const { clock, random, kernel, emit, limits, openFileLimit, drainMs = DRAIN_MS } = options;
    const stalls = new StallMonitor(clock, (durationMs) => emit({ type: 'loopStalled', at: clock.now(), durationMs }));
    const budget = new DescriptorBudget(openFileLimit, limits.maxConnections, (limit) =>
      createWarn(emit, clock)(
        'error',
        'no more connections can be held: raise the limit of open files, or global.max_connections where it is set',
        { limit },
      ),
    );
    const ends = new PacedWork(clock);
    const shared = {
      clock,
      random,
      kernel,
      emit,
      budget,
      stalls,
      lookup: options.lookup ?? createNameLookup({ clock, places: options.lookupPlaces ?? lookupPlaces(undefined) }),
      secureContexts: createSecureContexts(clock, options.readFile),
      ends,
      rate: new ConnectRate({ clock, ends }, limits.maxConnectsPerSecond),
      traffic: new TrafficReports(clock),
      samples: new SampleWheel(clock),
      readBuffer: new Uint8Array(READ_BUFFER_BYTES),
      readTurns: new ReadTurns(clock),
      newConnectionId: connectionIds(random),
      drainMs,
    };
    const certificates = new CertificateWatch(shared);
    this.#context = { ...shared, watchCertificate: (holder) => certificates.watch(holder) };
  }

  /**
   * Makes this the set of peers to hold: what goes, then what changes, then what comes. Peers whose settings are the same
   * are not touched. The work is done in slices; resolves after the last one with what was done. While one set is applied
   * the newest further one waits, and answers all that were asked for meanwhile. A stop in between wins: nothing more is
   * done then.
   */
  apply(groups: readonly PeerGroup[], { restartDelays = false }: ApplyOptions = {}): Promise<AppliedDiff> {
    this.#restartDelays ||= restartDelays;
    return this.#applying.run(groups);
  }

  /** Holds for attempts from now on; to be called before the peers that it is meant for are applied. */
  setLimits({ maxConnectsPerSecond, maxConnections }: FleetLimits): void {
    this.#context.rate.setRate(maxConnectsPerSecond);
    this.#context.budget.setMaxConnections(maxConnections);
  }

  /** Begins to connect, in slices too. Every peer is known, and at 0, by then. */
  start(): void {
    this.#phase = 'running';
    this.#context.stalls.start();
    void runInSlices(this.#context.clock, this.#startSteps(), () => this.#phase === 'stopping');
  }

  /** A peer that is applied meanwhile starts by itself, and one that is removed does not start. */
  *#startSteps(): Generator<void, void> {
    const known = Array.from(this.#runners);
    for (const [key, { runner }] of known) {
      if (this.#runners.get(key)?.runner === runner) runner.start();
      yield;
    }
  }

  get size(): number {
    return this.#runners.size;
  }

  /** Closes every connection in order. Resolves when the last descriptor is released, at most `drainMs` later. */
  async stop(drainMs: number): Promise<void> {
    this.#phase = 'stopping';
    const wait = Math.min(this.#context.drainMs, drainMs);
    const stopping = [...this.#leaving.values(), ...this.#runners.values()].map(
      ({ runner }) => new Promise<void>((resolve) => runner.stop('shutdown', wait, resolve)),
    );
    await Promise.all(stopping);
    this.#context.traffic.stop();
    this.#context.stalls.stop();
  }

  async #apply(groups: readonly PeerGroup[]): Promise<AppliedDiff> {
    const done = { added: 0, changed: 0, removed: 0, unchanged: 0 };
    const restartDelays = this.#restartDelays;
    this.#restartDelays = false;
    const isStopping = (): boolean => this.#phase === 'stopping';
    await runInSlices(this.#context.clock, this.#applySteps(groups, done), isStopping);
    if (restartDelays) await runInSlices(this.#context.clock, this.#restartSteps(), isStopping);
    return done;
  }

  *#restartSteps(): Generator<void, void> {
    const known = Array.from(this.#runners.values());
    for (const { runner } of known) {
      runner.restartDelay();
      yield;
    }
  }

  *#applySteps(groups: readonly PeerGroup[], done: Record<keyof AppliedDiff, number>): Generator<void, void> {
    this.#targetLabels = new TargetLabelSets();
    const wanted = new Set<string>();
    for (const key of keysOf(groups)) yield void wanted.add(key);
    for (const [key, { settings }] of this.#runners) {
      if (wanted.has(key)) continue;
      this.#remove(settings);
      done.removed++;
      yield;
    }
    this.#applyGroups(groups);
    const coming: PeerSettings[] = [];
    for (const settings of groups.flatMap(({ peers }) => peers)) {
      const entry = this.#runners.get(peerKey(settings));
      if (entry === undefined) coming.push(settings);
      else done[this.#change(entry, settings)]++;
      yield;
    }
    for (const settings of coming) {
      this.#add(settings);
      done.added++;
      yield;
    }
  }

  #applyGroups(groups: readonly PeerGroup[]): void {
    const { clock, emit } = this.#context;
    const names = new Set(groups.map(({ name }) => name));
    for (const group of this.#groups.keys()) {
      if (names.has(group)) continue;
      this.#groups.delete(group);
      emit({ type: 'groupRemoved', at: clock.now(), group });
    }
    for (const { name, tls, expectsAnswer: answer } of groups) {
      const known = this.#groups.get(name);
      if (known?.tls === tls && known.expectsAnswer === answer) continue;
      this.#groups.set(name, { tls, expectsAnswer: answer });
      emit({ type: 'groupAdded', at: clock.now(), group: name, tls, expectsAnswer: answer });
    }
  }

  #add(settings: PeerSettings): void {
    const { clock, emit } = this.#context;
    const { group, host, port } = settings;
    const isLiteral = literalFamily(host) !== null;
    const labels = this.#targetLabels.choose(settings.targetLabels, settings.labels);
    const peer: PeerRef = { id: this.#nextId++, group, peer: settings.peer, host, port, isLiteral, labels };
    const runner = new PeerRunner(peer, settings, this.#context);
    const key = peerKey(settings);
    this.#runners.set(key, { runner, settings });
    emit({ type: 'peerAdded', at: clock.now(), peer, facts: factsOf(settings) });
    if (this.#phase !== 'running') return;
    const leaving = this.#leaving.get(key);
    if (leaving === undefined) runner.start();
    else leaving.proceed.push(() => this.#runners.get(key)?.runner === runner && runner.start());
  }

  /** A peer that has the same settings keeps the new object all the same: the next comparison is by reference. */
  #change(entry: Entry, settings: PeerSettings): 'changed' | 'unchanged' {
    const change = peerChange(entry.settings, settings);
    entry.settings = settings;
    if (change === 'none') return 'unchanged';
    const { clock, emit } = this.#context;
    const { runner } = entry;
    const labels = this.#targetLabels.choose(settings.targetLabels, settings.labels);
    if (!isSameSetting(labels, runner.peer.labels)) runner.relabel(labels);
    emit({ type: 'peerChanged', at: clock.now(), peer: runner.peer, facts: factsOf(settings) });
    runner.reconfigure(settings, change);
    return 'changed';
  }

  #remove(settings: PeerSettings): void {
    const key = peerKey(settings);
    const entry = this.#runners.get(key);
    if (entry === undefined) return;
    this.#runners.delete(key);
    // Where a predecessor still drains, this one has not begun.
    if (!this.#leaving.has(key)) this.#leave(key, entry.runner);
    const { clock, emit } = this.#context;
    emit({ type: 'peerRemoved', at: clock.now(), peer: entry.runner.peer });
  }

  #leave(key: string, runner: PeerRunner): void {
    const leaving = { runner, proceed: [] as (() => void)[] };
    this.#leaving.set(key, leaving);
    runner.stop('removed', this.#context.drainMs, () => {
      this.#leaving.delete(key);
      if (this.#phase === 'running') for (const proceed of leaving.proceed) proceed();
    });
  }
}

function* keysOf(groups: readonly PeerGroup[]): Generator<string> {
  for (const { peers } of groups) for (const settings of peers) yield peerKey(settings);
}

function factsOf({ labels, tls, heartbeat, host, port }: PeerSettings): PeerFacts {
  return { labels, tls: tls !== null, expectsAnswer: expectsAnswer(heartbeat), host, port };
}

/** Unique within a process by the count, across restarts by the random part. */
function connectionIds(random: () => number): () => string {
  const run = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  let count = 0;
  return () => `${run}-${(++count).toString(36)}`;
}

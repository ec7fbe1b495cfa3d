import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerGroup, PeersChange } from '../../settings/peer-group.ts';
import { runInSlices } from '../../clock/run-in-slices.ts';
import { GroupLadders } from '../silence/group-ladders.ts';
import { JoinedJobs } from './joined-jobs.ts';
import { type AppliedDiff, type Done, KnownPeers } from './known-peers.ts';
import { CertificateWatch } from './certificate-watch.ts';
import type { RunnerContext } from './runner-context.ts';
import { type FleetLimits, type FleetOptions, sharedByPeers } from './shared-by-peers.ts';

export type ApplyOptions = {
  /** The delays of all peers that are not established start over: somebody asked for it. */
  readonly restartDelays?: boolean;
};

export type { AppliedDiff } from './known-peers.ts';
export type { FleetLimits, FleetOptions } from './shared-by-peers.ts';

/** All groups with their peers, or what changed of some of them, in order. */
type Diff =
  | { readonly kind: 'all'; readonly groups: readonly PeerGroup[] }
  | { readonly kind: 'changes'; readonly changes: readonly PeersChange[] };

/** All peers of a process, and what they share. */
export class Fleet {
  readonly #context: RunnerContext;
  readonly #peers: KnownPeers;
  readonly #ladders: GroupLadders;
  readonly #jobs = new JoinedJobs((diff: Diff) => this.#run(diff), joinDiffs);
  /** Asked for by one of those whom the next set answers. */
  #restartDelays = false;
  #phase: 'preparing' | 'running' | 'stopping' = 'preparing';

  constructor(options: FleetOptions) {
    const shared = { ...sharedByPeers(options), forget: (peer: PeerRef) => this.#peers.forget(peer) };
    const certificates = new CertificateWatch(shared);
    this.#context = { ...shared, watchCertificate: (holder) => certificates.watch(holder) };
    this.#peers = new KnownPeers(this.#context, () => this.#phase === 'running');
    this.#ladders = new GroupLadders({
      context: this.#context,
      edgesMs: options.silenceEdgesMs ?? [],
      nextPeer: (group, after) => this.#peers.nextConnected(group, after),
      isCurrent: (of) => this.#peers.isCurrent(of),
    });
  }

  /**
   * Makes this the set of peers to hold: what goes, then what changes, then what comes. Peers whose settings are the same
   * are not touched. What is missing goes at once, but for peers that vanished from
   * discovery before and linger. The work is done in slices; resolves after the last one with what was
   * done. While one set is applied the newest further one waits, and answers all that were asked for meanwhile. A stop in
   * between wins: nothing more is done then.
   */
  apply(groups: readonly PeerGroup[], { restartDelays = false }: ApplyOptions = {}): Promise<AppliedDiff> {
    this.#restartDelays ||= restartDelays;
    return this.#jobs.run({ kind: 'all', groups });
  }

  /**
   * What discovery changed: these peers come, are other ones now, or are gone; all others stay as they are and cost nothing.
   * A group that the fleet does not know is left out. The connection of a peer that vanished outlives its target by its
   * `lingerMs`, and its series stay for their last words. Runs behind what waits; updates that wait behind one another are
   * joined.
   */
  update(changes: readonly PeersChange[]): Promise<AppliedDiff> {
    return this.#jobs.run({ kind: 'changes', changes });
  }

  /** Holds for attempts from now on; to be called before the peers that it is meant for are applied. */
  setLimits({ maxConnectsPerSecond, maxConnections }: FleetLimits): void {
    this.#context.rate.setRate(maxConnectsPerSecond);
    this.#context.closes.setRate(maxConnectsPerSecond);
    this.#context.budget.setMaxConnections(maxConnections);
  }

  /** Whether no attempt begins for now; what is held is held on. Attempts that wait keep their place. */
  pauseConnects(isPaused: boolean): void {
    this.#context.rate.pause(isPaused);
  }

  /** Begins to connect, in slices too. Every peer is known, and at 0, by then. */
  start(): void {
    this.#phase = 'running';
    this.#context.stalls.start();
    this.#ladders.follow(this.#peers.measuredGroups);
    void runInSlices(this.#context.clock, this.#peers.startSteps(), () => this.#phase === 'stopping');
  }

  /** How many peers are held. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * Closes every connection in order, in slices: scrapes and health checks go on meanwhile. Resolves when the last
   * descriptor is released, at most `drainMs` after the call. `resharded`: other processes hold the peers from now on.
   */
  async stop(drainMs: number, reason: 'shutdown' | 'resharded' = 'shutdown'): Promise<void> {
    this.#phase = 'stopping';
    const { clock, traffic, stalls } = this.#context;
    const endsAt = clock.monotonic() + Math.min(this.#context.drainMs, drainMs);
    const stopping = [this.#ladders.stop(Math.min(this.#context.drainMs, drainMs))];
    await runInSlices(clock, this.#stopSteps({ endsAt, reason }, stopping));
    await Promise.all(stopping);
    traffic.stop();
    stalls.stop();
  }

  #followLadders(): void {
    if (this.#phase === 'running') this.#ladders.follow(this.#peers.measuredGroups);
  }

  *#stopSteps(
    { endsAt, reason }: { readonly endsAt: number; readonly reason: 'shutdown' | 'resharded' },
    stopping: Promise<void>[],
  ): Generator<void, void> {
    for (const runner of this.#peers.runners) {
      const wait = Math.max(0, endsAt - this.#context.clock.monotonic());
      stopping.push(new Promise((resolve) => runner.stop(reason, wait, resolve)));
      yield;
    }
  }

  async #run(diff: Diff): Promise<AppliedDiff> {
    const done: Done = { added: 0, changed: 0, removed: 0, unchanged: 0 };
    const isStopping = (): boolean => this.#phase === 'stopping';
    if (diff.kind === 'changes') {
      await runInSlices(this.#context.clock, this.#peers.updateSteps(diff.changes, done), isStopping);
      this.#followLadders();
      return done;
    }
    const restartDelays = this.#restartDelays;
    this.#restartDelays = false;
    await runInSlices(this.#context.clock, this.#peers.applySteps(diff.groups, done), isStopping);
    this.#followLadders();
    if (restartDelays) await runInSlices(this.#context.clock, this.#peers.restartSteps(), isStopping);
    return done;
  }
}

/** Of whole sets the newest counts, changes follow one another; null: one has to run after the other. */
function joinDiffs(waiting: Diff, next: Diff): Diff | null {
  if (next.kind === 'all') return waiting.kind === 'all' ? next : null;
  return waiting.kind === 'changes' ? { kind: 'changes', changes: [...waiting.changes, ...next.changes] } : null;
}

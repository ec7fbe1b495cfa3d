import { runInSlices } from '../clock/run-in-slices.ts';
import type { SourceEntry } from '../domain/events/discovery-events.ts';
import type { PeerName, PeerTarget } from '../domain/peer-target.ts';
import type { TargetQuery, TargetStatus } from '../domain/target-state.ts';
import type { GroupSettings, PeerGroup, PeersChange } from '../settings/peer-group.ts';
import { DiscoveredGroup } from './discovered-group.ts';
import { findPeer } from './find-peer.ts';
import { FirstAnswers } from './first-answers.ts';
import { matchEntries } from './match-entries.ts';
import type { Owns } from './peer-plan.ts';
import { RunningSources } from './running-sources.ts';
import type { SharedSourceContext } from './shared-source.ts';
import { listTargets } from './list-targets.ts';
import { UpdatePace } from './update-pace.ts';

/** Whoever holds the peers. */
export type PeerHolder<Options, Done> = {
  /** These are all groups with all their peers, as the configuration and its sources have them. What is missing goes at once. */
  apply(groups: readonly PeerGroup[], options: Options): Promise<Done>;
  /** What sources changed since. */
  update(changes: readonly PeersChange[]): Promise<unknown>;
};

export type PipelineOptions<Options, Done> = SharedSourceContext & {
  readonly holder: PeerHolder<Options, Done>;
  /** Which peers are for this process, until `reshard`; all of them unless given. */
  readonly owns?: Owns;
};

/**
 * The way from the sources of all groups to the peers that are held. Sources live on over reloads; only sets of targets that
 * changed are looked at again. All work is done in slices, one job after the other. What a source changed reaches the holder
 * with what else changed at that time, at most once a second; an announcement at once.
 */
export class PeerPipeline<Options, Done> {
  readonly #options: PipelineOptions<Options, Done>;
  #owns: Owns;
  readonly #sources: RunningSources;
  readonly #pace: UpdatePace;
  readonly #firstAnswers: FirstAnswers;
  #groups: ReadonlyMap<string, DiscoveredGroup> = new Map();
  #last: Promise<unknown> = Promise.resolve();
  #jobs = 0;
  /** A job that takes what sources published waits for its turn. */
  #isTaking = false;
  #isStopped = false;

  constructor(options: PipelineOptions<Options, Done>) {
    this.#options = options;
    this.#owns = options.owns ?? (() => true);
    this.#sources = new RunningSources(options);
    this.#pace = new UpdatePace(options.clock, () => void this.#enqueue(() => this.#applyChanges()));
    this.#firstAnswers = new FirstAnswers(options.clock);
  }

  /**
   * Makes these the groups whose targets are found and held. Resolves with what the holder did; null: it was stopped first. A source whose settings are
   * the same runs on; an entry with other settings keeps its targets until its source was read.
   */
  configure(groups: readonly GroupSettings[], options: Options): Promise<Done | null> {
    return this.#enqueue(async () => {
      await this.#inSlices(this.#configureSteps(groups));
      // To the holder, peers that were not planned yet would be gone.
      if (this.#isStopped) return null;
      const done = await this.#options.holder.apply(this.#peerGroups(), options);
      this.#pace.applied();
      this.#report(this.#groups.values());
      return done;
    });
  }

  /** Makes these the peers that are for this process, and looks at every peer anew. Jobs that run still go by those of before. */
  reshard(owns: Owns): Promise<void> {
    return this.#enqueue(() => {
      this.#owns = owns;
      for (const { targets } of this.#groups.values()) targets.claims.markAll();
      return this.#applyChanges();
    });
  }

  /** Why it is not ready, in one sentence; null: each source has answered or failed once, or had 30 s to do so. */
  notReady(): string | null {
    return this.#firstAnswers.notReady(this.#sources.unanswered, this.isApplying);
  }

  /** Something that sources published is not applied yet. */
  get isApplying(): boolean {
    return this.#jobs > 0 || this.#pace.isWaiting;
  }

  /** Entries whose source has neither answered nor failed yet. */
  get unanswered(): readonly SourceEntry[] {
    const entries = Array.from(this.#groups.values()).flatMap(({ targets }) => targets.entries);
    return entries.filter(({ source }) => !source.hasAnswered).map(({ group, entry }) => ({ group, entry }));
  }

  /** The targets that are asked for, found while they are read. Of dropped ones at most so many of each group. */
  targets(query: TargetQuery = {}, mostDropped?: number): Iterable<TargetStatus> {
    return listTargets(Array.from(this.#groups.values()), query, mostDropped);
  }

  /** The target of one peer; null: no target makes it. */
  targetOf({ group, peer }: PeerName): PeerTarget | null {
    const found = this.#groups.get(group);
    return found === undefined ? null : findPeer(found, peer);
  }

  /** How many targets of each group the rules dropped. */
  droppedTargets(): Readonly<Record<string, number>> {
    return Object.fromEntries(Array.from(this.#groups, ([name, { targets }]) => [name, targets.dropped]));
  }

  /** Nothing is published and nobody is told of anything afterwards. */
  stop(): void {
    this.#isStopped = true;
    this.#pace.stop();
    this.#sources.stop();
    for (const group of this.#groups.values()) group.stop();
  }

  *#configureSteps(wanted: readonly GroupSettings[]): Generator<void, void> {
    const before = this.#groups;
    const groups = new Map<string, DiscoveredGroup>();
    for (const settings of wanted) {
      groups.set(settings.name, before.get(settings.name) ?? this.#createGroup(settings));
    }
    this.#groups = groups;
    const entriesOf = new Map(wanted.map((settings) => [settings, this.#matchEntries(settings)]));
    for (const [name, group] of before) if (!groups.has(name)) this.#removeGroup(group);
    this.#sources.stopUnused();
    this.#sources.startNew();
    for (const [settings, entries] of entriesOf) {
      const group = groups.get(settings.name);
      if (group === undefined) continue;
      yield* group.targets.reconfigure(settings, entries);
      yield* group.targets.takePending();
      yield* group.replan(true);
    }
  }

  #createGroup(settings: GroupSettings): DiscoveredGroup {
    const { clock, publish } = this.#options;
    return new DiscoveredGroup(settings, {
      clock,
      publish,
      owns: (group, peer) => this.#owns(group, peer),
      onLingerOver: (group) => this.#report([group]),
    });
  }

  #matchEntries({ name, sources }: GroupSettings) {
    const { clock, publish } = this.#options;
    const before = this.#groups.get(name)?.targets.entries ?? [];
    const wanted = sources.map((source) => this.#sources.get(source));
    const onPending = (): void => this.#takeSoon();
    const entries = matchEntries(name, { before, sources: wanted, onPending });
    publish({
      type: 'sourcesConfigured',
      at: clock.now(),
      group: name,
      sources: entries.map(({ source }) => source.ref),
    });
    for (const entry of entries) if (!before.includes(entry)) entry.source.addUser(entry);
    for (const entry of before) if (!entries.includes(entry)) entry.source.removeUser(entry);
    return entries;
  }

  #removeGroup(group: DiscoveredGroup): void {
    const { clock, publish } = this.#options;
    for (const entry of group.targets.entries) entry.source.removeUser(entry);
    group.stop();
    publish({ type: 'sourcesRemoved', at: clock.now(), group: group.name });
  }

  /** A source published something: it is looked at as soon as nothing else runs. */
  #takeSoon(): void {
    if (this.#isTaking || this.#isStopped) return;
    this.#isTaking = true;
    void this.#enqueue(() => this.#take());
  }

  async #take(): Promise<void> {
    this.#isTaking = false;
    const isUrgent = await this.#inSlices(this.#takeSteps());
    if (isUrgent === null || this.#changedGroups().length === 0) return;
    if (isUrgent) await this.#applyChanges();
    else this.#pace.request();
  }

  *#takeSteps(): Generator<void, boolean> {
    let isUrgent = false;
    for (const group of this.#groups.values()) {
      yield* group.targets.takePending();
      isUrgent ||= yield* group.isUrgent();
    }
    return isUrgent;
  }

  async #applyChanges(): Promise<void> {
    const changes = await this.#inSlices(this.#replanSteps());
    if (changes === null) return;
    this.#pace.applied();
    const real = changes.filter(
      ({ peers, gone, announcedElsewhere = [] }) => peers.length + gone.length + announcedElsewhere.length > 0,
    );
    if (real.length > 0) await this.#options.holder.update(real);
    this.#report(this.#changedGroups());
  }

  #changedGroups(): readonly DiscoveredGroup[] {
    return Array.from(this.#groups.values()).filter(({ hasChanged }) => hasChanged);
  }

  *#replanSteps(): Generator<void, readonly PeersChange[]> {
    const changes: PeersChange[] = [];
    for (const group of this.#groups.values()) changes.push(yield* group.replan(false));
    return changes;
  }

  #report(groups: Iterable<DiscoveredGroup>): void {
    if (this.#isStopped) return;
    for (const group of groups) this.#options.publish(group.report());
  }

  #peerGroups(): readonly PeerGroup[] {
    return Array.from(this.#groups.values(), (group) => group.toPeerGroup());
  }

  #inSlices<Result>(steps: Generator<void, Result>): Promise<Result | null> {
    return runInSlices(this.#options.clock, steps, () => this.#isStopped);
  }

  #enqueue<Result>(job: () => Promise<Result>): Promise<Result> {
    this.#jobs++;
    const result = this.#last.then(job).finally(() => this.#jobs--);
    this.#last = result;
    return result;
  }
}

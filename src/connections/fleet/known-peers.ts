import { peerChange } from '../../domain/peer-change.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { isSameSetting } from '../../settings/is-same-setting.ts';
import type { GoneCause, PeerGroup, PeersChange, PlannedPeer } from '../../settings/peer-group.ts';
import { peerKey, type PeerSettings } from '../../settings/peer-settings.ts';
import { TargetLabelSets } from '../../settings/target-labels.ts';
import type { SilenceSettings } from '../../settings/silence-settings.ts';
import type { MeasurablePeer } from '../silence/group-ladders.ts';
import { addressOf, factsOf, groupAddedOf, type GroupFacts } from './peer-facts.ts';
import { PeerRunner } from './peer-runner.ts';
import type { RunnerContext } from './runner-context.ts';
import { UnheldPeer } from './unheld-peer.ts';

/** What was done. */
export type AppliedDiff = {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
};

export type Done = { -readonly [Key in keyof AppliedDiff]: number };

type KnownGroup = { facts: GroupFacts; readonly peers: Map<string, Entry> };

/** A peer, and its target as it last was. */
type Entry = {
  readonly runner: PeerRunner | UnheldPeer;
  planned: PlannedPeer;
  /** The last pass that found its target. */
  seenIn: number;
  /** Its target has gone from its source, or to another shard; the runner says when the peer is over. */
  isVanished: boolean;
  /** What it is from then on, where another shard holds it and it is observed here. Null: it goes. */
  next: PlannedPeer | null;
};

type Leaving = { readonly runner: Entry['runner']; readonly proceed: (() => void)[] };

/** The groups and peers that a fleet knows. Passes over them are generators: the caller gives the event loop back in between. */
export class KnownPeers {
  readonly #context: RunnerContext;
  readonly #isRunning: () => boolean;
  readonly #groups = new Map<string, KnownGroup>();
  /** Removed peers whose sockets still drain: one that comes back waits for its predecessor. */
  readonly #leaving = new Map<string, Leaving>();
  /** Peers that are applied together share the objects of equal labels. */
  #targetLabels = new TargetLabelSets();
  #nextId = 0;
  #pass = 0;

  /** @param isRunning peers that come start at once */
  constructor(context: RunnerContext, isRunning: () => boolean) {
    this.#context = context;
    this.#isRunning = isRunning;
  }

  /** How many of them are held. */
  get size(): number {
    let held = 0;
    for (const { peers, facts } of this.#groups.values()) {
      if (facts.isHeld === false) continue;
      for (const { runner } of peers.values()) if (runner instanceof PeerRunner) held++;
    }
    return held;
  }

  /** All peers, removed ones that still drain first. */
  get runners(): readonly Entry['runner'][] {
    const known = [...this.#groups.values()].flatMap(({ peers }) => Array.from(peers.values(), ({ runner }) => runner));
    return [...Array.from(this.#leaving.values(), ({ runner }) => runner), ...known];
  }

  /** The groups whose paths are to be measured. */
  get measuredGroups(): ReadonlyMap<string, SilenceSettings> {
    const measured = new Map<string, SilenceSettings>();
    for (const [name, { facts }] of this.#groups) if (facts.silence !== undefined) measured.set(name, facts.silence);
    return measured;
  }

  /** The next peer of the group behind this one that is connected, in a circle; null: none is. */
  nextConnected(group: string, after: string | null): MeasurablePeer | null {
    const entries = [...(this.#groups.get(group)?.peers.values() ?? [])];
    const from = entries.findIndex(({ runner }) => runner.peer.peer === after) + 1;
    const circle = [...entries.slice(from), ...entries.slice(0, from)];
    const found = circle.find(({ runner, isVanished }) => runner.isEstablished && !isVanished);
    return found === undefined ? null : { peer: found.runner.peer, settings: found.planned.settings };
  }

  /** Whether this peer is still there with these settings. */
  isCurrent({ peer, settings }: MeasurablePeer): boolean {
    const entry = this.#entryOf(peer);
    return entry?.runner.peer.id === peer.id && peerChange(settings, entry.planned.settings) === 'none';
  }

  /** Starts those that are known now and at their turn. */
  *startSteps(): Generator<void, void> {
    const known = [...this.#groups.values()].flatMap(({ peers }) => [...peers.values()]);
    for (const entry of known) {
      if (this.#entryOf(entry.runner.peer) === entry) entry.runner.start(entry.planned.announced);
      yield;
    }
  }

  *restartSteps(): Generator<void, void> {
    for (const runner of this.runners) {
      runner.restartDelay();
      yield;
    }
  }

  /**
   * All groups and peers that there are to be. What is missing goes at once, but for peers whose targets had vanished
   * before: they go in their own time, as long as their group is there, and is held or not as before.
   */
  *applySteps(groups: readonly PeerGroup[], done: Done): Generator<void, void> {
    yield* this.#see(groups);
    const held = new Map(groups.map(({ name, isHeld }) => [name, isHeld !== false]));
    for (const [name, { peers, facts }] of this.#groups) {
      const goesOn = held.get(name) === (facts.isHeld !== false);
      for (const entry of peers.values()) {
        if (entry.seenIn !== this.#pass) {
          entry.next = null;
          if (!entry.isVanished || !goesOn) this.#remove(entry, done);
        }
        yield;
      }
    }
    const changed = this.#applyGroups(groups, held);
    yield* this.#keep(groups, done, changed);
  }

  /** What changed of these groups; one that is not known is left out. */
  *updateSteps(changes: readonly PeersChange[], done: Done): Generator<void, void> {
    this.#targetLabels = new TargetLabelSets();
    for (const { group, peers, gone, announcedElsewhere = [] } of changes) {
      const known = this.#groups.get(group);
      if (known === undefined) continue;
      for (const { peer, cause } of gone) {
        const entry = known.peers.get(peer);
        if (entry !== undefined) this.#lose(entry, cause, done);
        yield;
      }
      for (const { peer, announced } of announcedElsewhere) {
        known.peers.get(peer)?.runner.announceElsewhere(announced);
        yield;
      }
      yield* this.#keep([{ name: group, peers }], done, new Set());
    }
  }

  /** The peer is over. */
  forget(peer: PeerRef): void {
    const { clock, emit } = this.#context;
    const entry = this.#entryOf(peer);
    if (entry === undefined || entry.runner.peer.id !== peer.id) return;
    if (entry.next !== null) return this.#goOnAs(entry.next, peer);
    this.#groups.get(peer.group)?.peers.delete(peer.peer);
    emit({ type: 'peerRemoved', at: clock.now(), peer });
  }

  #entryOf({ group, peer }: PeerRef): Entry | undefined {
    return this.#groups.get(group)?.peers.get(peer);
  }

  *#see(groups: readonly PeerGroup[]): Generator<void, void> {
    this.#targetLabels = new TargetLabelSets();
    this.#pass++;
    for (const { name, peers } of groups) {
      const known = this.#groups.get(name);
      for (const { settings } of peers) {
        const entry = known?.peers.get(settings.peer);
        if (entry !== undefined) entry.seenIn = this.#pass;
        yield;
      }
    }
  }

  *#keep(
    groups: readonly Pick<PeerGroup, 'name' | 'peers'>[],
    done: Done,
    changed: ReadonlySet<string>,
  ): Generator<void, void> {
    const coming: PlannedPeer[] = [];
    for (const { name, peers } of groups) {
      const known = this.#groups.get(name);
      for (const planned of peers) {
        const entry = known?.peers.get(planned.settings.peer);
        if (entry === undefined) coming.push(planned);
        else if (entry.isVanished && planned.isHeldElsewhere === true) entry.next = planned;
        else if (this.#isOtherwiseHeld(entry, planned)) this.#replace(entry, planned, done);
        else done[this.#change(entry, planned, changed.has(name))]++;
        yield;
      }
    }
    for (const planned of coming) {
      this.#add(planned);
      done.added++;
      yield;
    }
  }

  /** The groups whose ends can be announced, or whose peers are observed, now or no more. */
  #applyGroups(groups: readonly PeerGroup[], names: ReadonlyMap<string, unknown>): ReadonlySet<string> {
    const { clock, emit } = this.#context;
    for (const group of this.#groups.keys()) {
      if (names.has(group)) continue;
      this.#groups.delete(group);
      this.#context.turns.forget(group);
      emit({ type: 'groupRemoved', at: clock.now(), group });
    }
    const changed = new Set<string>();
    for (const { name, peers: _, ...facts } of groups) {
      const known = this.#groups.get(name);
      if (known !== undefined && isSameSetting(known.facts, facts)) continue;
      if (known === undefined) this.#groups.set(name, { facts, peers: new Map() });
      else {
        const { canAnnounce, isObserved } = known.facts;
        if (canAnnounce !== facts.canAnnounce || isObserved !== facts.isObserved) changed.add(name);
        known.facts = facts;
      }
      emit(groupAddedOf(name, facts, clock.now()));
    }
    return changed;
  }

  #isHeld({ settings, isHeldElsewhere }: PlannedPeer): boolean {
    return isHeldElsewhere !== true && this.#groups.get(settings.group)?.facts.isHeld !== false;
  }

  #isOtherwiseHeld({ runner }: Entry, planned: PlannedPeer): boolean {
    return this.#isHeld(planned) === runner instanceof UnheldPeer;
  }

  /** Held from now on, or held no more. */
  #replace({ runner }: Entry, planned: PlannedPeer, done: Done): void {
    this.#letGo(runner);
    this.#goOnAs(planned, runner.peer);
    done.changed++;
  }

  /** Another peer in all but what is observed of it. */
  #goOnAs(planned: PlannedPeer, before: PeerRef): void {
    const { clock, emit } = this.#context;
    const peer = this.#newRef(planned);
    emit({ type: 'peerRemoved', at: clock.now(), peer: before, replacedBy: peer });
    this.#add(planned, peer);
  }

  #newRef({ settings }: PlannedPeer): PeerRef {
    const { group, peer, labels } = settings;
    const chosen = this.#targetLabels.choose(settings.targetLabels, labels);
    return { id: this.#nextId++, group, peer, ...addressOf(settings), labels: chosen };
  }

  #add(planned: PlannedPeer, peer = this.#newRef(planned)): void {
    const { clock, emit } = this.#context;
    const { settings, announced } = planned;
    const known = this.#groups.get(settings.group);
    if (known === undefined) throw new TypeError('a group is known before its peers');
    const isHeld = this.#isHeld(planned);
    const runner = isHeld ? new PeerRunner(peer, settings, this.#context) : new UnheldPeer(peer, this.#context);
    const entry: Entry = { runner, planned, seenIn: this.#pass, isVanished: false, next: null };
    known.peers.set(settings.peer, entry);
    emit({ type: 'peerAdded', at: clock.now(), peer, facts: factsOf(planned, known.facts) });
    if (!this.#isRunning()) return;
    const leaving = this.#leaving.get(peerKey(settings));
    if (leaving === undefined) return runner.start(announced);
    leaving.proceed.push(() => {
      if (this.#entryOf(peer) === entry) runner.start(entry.planned.announced);
    });
  }

  /** A peer that has the same settings keeps the new objects all the same: the next comparison is by reference. */
  #change(entry: Entry, planned: PlannedPeer, isFactNew: boolean): 'changed' | 'unchanged' {
    const { runner, planned: before, isVanished } = entry;
    if (planned === before && !isVanished && !isFactNew) return 'unchanged';
    entry.planned = planned;
    entry.isVanished = false;
    const isChanged = this.#reconfigure(runner, { before: before.settings, planned, isFactNew });
    if (!isVanished && before.announced === planned.announced) return isChanged ? 'changed' : 'unchanged';
    runner.plan(planned.announced);
    return 'changed';
  }

  #reconfigure(
    runner: Entry['runner'],
    { before, planned, isFactNew }: { before: PeerSettings; planned: PlannedPeer; isFactNew: boolean },
  ): boolean {
    const { settings: after } = planned;
    const change = peerChange(before, after);
    if (change === 'none' && !isFactNew) return false;
    const { clock, emit } = this.#context;
    const labels = this.#targetLabels.choose(after.targetLabels, after.labels);
    const hasMoved = before.host !== after.host || before.port !== after.port;
    if (hasMoved || !isSameSetting(labels, runner.peer.labels)) runner.rename({ ...addressOf(after), labels });
    const known = this.#groups.get(after.group);
    if (known !== undefined)
      emit({ type: 'peerChanged', at: clock.now(), peer: runner.peer, facts: factsOf(planned, known.facts) });
    if (change !== 'none') runner.reconfigure(after, { how: change, hasMoved });
    return true;
  }

  #lose(entry: Entry, cause: GoneCause, done: Done): void {
    const { runner, planned, isVanished } = entry;
    if (cause === 'removed' || !runner.hasBegun) return this.#remove(entry, done);
    entry.next = null;
    if (isVanished) return;
    entry.isVanished = true;
    if (cause === 'resharded') runner.vanish('resharded', this.#context.closes.next());
    else runner.vanish('removed', planned.lingerMs);
    done.removed++;
  }

  #remove({ runner }: Entry, done: Done): void {
    const { peer } = runner;
    const { clock, emit } = this.#context;
    this.#groups.get(peer.group)?.peers.delete(peer.peer);
    this.#letGo(runner);
    emit({ type: 'peerRemoved', at: clock.now(), peer });
    done.removed++;
  }

  #letGo(runner: Entry['runner']): void {
    const key = peerKey(runner.peer);
    // Where a predecessor still drains, this one has not begun.
    if (this.#leaving.has(key)) return;
    const leaving: Leaving = { runner, proceed: [] };
    this.#leaving.set(key, leaving);
    runner.stop('removed', this.#context.drainMs, () => {
      this.#leaving.delete(key);
      if (this.#isRunning()) for (const proceed of leaving.proceed) proceed();
    });
  }
}

import type { Clock } from '../clock/clock.ts';
import type { DiscoveryEvent, TargetsApplied } from '../domain/events/discovery-events.ts';
import { expectsAnswer } from '../settings/heartbeat.ts';
import type { GoneCause, GroupSettings, PeerGroup, PeersChange } from '../settings/peer-group.ts';
import { canAnnounce } from './can-announce.ts';
import { GroupTargets } from './group-targets.ts';
import { LingeringPeers } from './lingering-peers.ts';
import { type LeftPeer, type Owns, PeerPlan } from './peer-plan.ts';
import { TargetReports } from './target-reports.ts';

export type GroupContext = {
  readonly clock: Clock;
  readonly publish: (event: DiscoveryEvent) => void;
  readonly owns: Owns;
  /** The time of a peer that lingered is over. */
  readonly onLingerOver: (group: DiscoveredGroup) => void;
};

/** One group: its targets, the peers that they make, and those that vanished a moment ago. */
export class DiscoveredGroup {
  readonly targets: GroupTargets;
  readonly plan = new PeerPlan();
  readonly lingering: LingeringPeers;
  readonly #context: GroupContext;
  #isLimitExceeded = false;
  /** Peers changed since the last report. */
  #hasNewPeers = false;

  constructor(settings: GroupSettings, context: GroupContext) {
    const { clock, publish } = context;
    this.#context = context;
    this.targets = new GroupTargets(settings, new TargetReports(settings.name, clock, publish));
    this.lingering = new LingeringPeers(clock, () => context.onLingerOver(this));
  }

  get name(): string {
    return this.targets.settings.name;
  }

  /** It has more targets than `target_limit`: the peers of before stay, and no others come. */
  get isLimitExceeded(): boolean {
    return this.#isLimitExceeded;
  }

  /** Whether anything changed since the last report. */
  get hasChanged(): boolean {
    return this.#hasNewPeers || this.targets.hasChangedSets;
  }

  /** Whether what changed has to reach the connections at once. */
  *isUrgent(): Generator<void, boolean> {
    const { claims } = this.targets;
    for (const key of claims.changed) {
      if (this.plan.isUrgent(key, claims)) return true;
      yield;
    }
    return false;
  }

  /**
   * Plans the peers anew whose targets changed. Where there are more than the limit allows, those of before stay as they
   * were. `isReload`: what is gone was taken out of the configuration.
   */
  *replan(isReload: boolean): Generator<void, PeersChange> {
    const { claims } = this.targets;
    this.#checkLimit();
    if (this.#isLimitExceeded) return { group: this.name, peers: [], gone: [] };
    const { isHeld, isObserved = false } = this.targets.settings;
    const { gone, peers, announcedElsewhere } = yield* this.plan.update(claims.takeChanged(), claims, {
      // What is only observed is observed wherever it is: there is nothing to share.
      owns: isHeld === false ? () => true : this.#context.owns,
      isObserved,
    });
    const goneAtOnce = this.targets.takeGoneAtOnce();
    for (const { settings } of peers) this.lingering.remove(settings.peer);
    const withCause = gone.map((left) => {
      const cause = this.#causeOf(left, isReload || goneAtOnce.has(left.key));
      if (cause === 'vanished' && left.peer.lingerMs > 0) this.lingering.add(left);
      return { peer: left.peer.settings.peer, cause };
    });
    this.#hasNewPeers ||= peers.length > 0 || gone.length > 0;
    return { group: this.name, peers, gone: withCause, announcedElsewhere };
  }

  #causeOf({ key }: LeftPeer, isConfigured: boolean): GoneCause {
    if (this.plan.isOtherShard(key)) return 'resharded';
    return isConfigured ? 'removed' : 'vanished';
  }

  #checkLimit(): void {
    const { claims, settings } = this.targets;
    const { targetLimit: limit } = settings;
    const isExceeded = limit > 0 && claims.size > limit;
    if (isExceeded && !this.#isLimitExceeded) {
      const { clock, publish } = this.#context;
      publish({ type: 'limitExceeded', at: clock.now(), group: this.name, targets: claims.size, limit });
    }
    this.#isLimitExceeded = isExceeded;
  }

  /** All of its peers, for whoever holds them. */
  toPeerGroup(): PeerGroup {
    const { settings } = this.targets;
    const { tls, protocol } = settings.template;
    return {
      name: this.name,
      tls: tls !== null,
      expectsAnswer: expectsAnswer(settings.template),
      canAnnounce: settings.isHeld !== false && canAnnounce(settings),
      protocol,
      ...(settings.isHeld === false && { isHeld: settings.isHeld }),
      ...(settings.isObserved && { isObserved: settings.isObserved }),
      ...(settings.silence !== undefined && { silence: settings.silence }),
      peers: this.plan.peers(),
    };
  }

  /** How many targets are what. */
  report(): TargetsApplied {
    const { claims, dropped, invalid } = this.targets;
    this.#hasNewPeers = false;
    return {
      type: 'targetsApplied',
      at: this.#context.clock.now(),
      group: this.name,
      counts: {
        active: this.plan.size,
        lingering: this.lingering.size,
        dropped,
        invalid,
        duplicate: claims.duplicates,
        other_shard: this.plan.otherShard,
      },
      changedSets: this.#isLimitExceeded ? 0 : this.targets.takeChangedSets(),
      isLimitExceeded: this.#isLimitExceeded,
    };
  }

  stop(): void {
    this.lingering.clear();
  }
}

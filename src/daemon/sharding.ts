import type { Clock, Timer } from '../clock/clock.ts';
import type { Owns } from '../discovery/peer-plan.ts';
import type { ReplicaSource, ReplicaUpdate } from '../discovery/replica-source.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import type { PeerName, ShardOfPeer } from '../domain/peer-target.ts';
import { ownerOf } from '../domain/shards/rendezvous.ts';
import { isPowerOfTwo } from '../domain/is-power-of-two.ts';
import {
  handOverMs,
  hasShare,
  isOwner,
  isScaledAway,
  nextShards,
  type SeenReplicas,
  SETTLE_MS,
  type ShardState,
} from '../domain/shards/shard-state.ts';
import type { Publish } from '../events/bus.ts';
import type { ShardSettings } from '../settings/shard-settings.ts';

export type ShardingOptions = {
  readonly clock: Clock;
  readonly publish: Publish;
  /** Null: the process holds all peers. */
  readonly settings: ShardSettings | null;
  /** Of a StatefulSet; null: the number of shards is fixed. */
  readonly source: ReplicaSource | null;
};

/** Who holds the peers of this process. */
export type ShareHolder = {
  /** Holds these peers from now on. Resolves when all that came is known to whoever holds it. */
  reshard(owns: Owns): Promise<void>;
  /** Whether attempts may begin. */
  pauseConnects(isPaused: boolean): void;
};

/** An API server that does not answer does not delay the end of the process by more. */
const ASK_MS = 1000;

/** Which peers are for this process, where several share them. Decisions are those of `domain/shards`. */
export class Sharding {
  readonly #options: ShardingOptions;
  #state: ShardState = { name: 'unknown' };
  #holder: ShareHolder | null = null;
  /** Runs while a number that is in question may settle by the passing of time. */
  #settling: Timer | null = null;
  /** Shares that are being applied. */
  #applying = 0;
  /** Failures in a row. */
  #failures = 0;
  #why: string | null = null;
  #isEnding = false;

  constructor(options: ShardingOptions) {
    this.#options = options;
    const { settings } = options;
    if (settings?.kind !== 'fixed') return;
    const { total, ordinal } = settings;
    this.#state = { name: 'known', ordinal, wanted: total, share: { ordinal, total }, growth: null };
  }

  /** Which peers are for this process, as it is known now. */
  get owns(): Owns {
    const state = this.#state;
    if (this.#options.settings === null) return () => true;
    return (group, peer) => isOwner(state, group, peer);
  }

  /** Which shard holds a peer, by the count that this one goes by; null: there are no shards, or none is known yet. */
  shardOf({ group, peer }: PeerName): ShardOfPeer | null {
    const state = this.#state;
    if (this.#options.settings === null || state.name === 'unknown') return null;
    const { total, ordinal } = state.share;
    const owner = ownerOf({ group, peer }, total);
    return owner === null ? null : { ordinal: owner, total, isThis: owner === ordinal };
  }

  /** Learns how many shards there are from now on; the holder is asked to take the share that follows from it. */
  start(holder: ShareHolder): void {
    this.#holder = holder;
    if (this.#state.name === 'known') this.#publishChange(this.#state, false);
    this.#options.source?.start((update) => this.#take(update));
  }

  /** Why it is not ready, in one sentence; null: its share is known and applied. */
  notReady(): string | null {
    const state = this.#state;
    if (this.#options.source === null) return null;
    if (state.name === 'unknown') {
      const why = this.#why === null ? '' : ` (${this.#why})`;
      return `Finrst holds nothing: the Kubernetes API has not said yet how many shards there are${why}.`;
    }
    if (!hasShare(state)) return `Finrst holds nothing: it is shard ${state.ordinal}, and ${state.wanted} are wanted.`;
    return this.#applying > 0 ? 'Finrst applies its share of the peers.' : null;
  }

  /**
   * The process is asked to end. Resolves when its connections may be closed, and with the reason: at once as `shutdown`; as
   * `resharded` where it is scaled away, after the time that the others need to connect.
   */
  async handOver({ held, connectsPerSecond }: Held): Promise<'shutdown' | 'resharded'> {
    const { source, clock, publish } = this.#options;
    this.#isEnding = true;
    if (source === null || !hasShare(this.#state)) return 'shutdown';
    const latest = await source.ask(ASK_MS);
    if (latest?.kind === 'gone') return 'shutdown';
    if (latest?.kind === 'known') this.#see(seenIn(latest));
    const state = this.#state;
    if (state.name !== 'known' || !isScaledAway(state) || state.wanted === 0) return 'shutdown';
    const forMs = handOverMs({ held, connectsPerSecond, others: state.wanted });
    publish({ type: 'handingOver', at: clock.now(), held, forMs });
    await new Promise<void>((resolve) => void clock.after(forMs, resolve));
    return 'resharded';
  }

  stop(): void {
    this.#isEnding = true;
    this.#settling?.cancel();
    this.#options.source?.stop();
  }

  #take(update: ReplicaUpdate): void {
    if (this.#isEnding) return;
    switch (update.kind) {
      case 'known':
        this.#failures = 0;
        this.#why = null;
        return this.#see(seenIn(update));
      case 'gone':
        return this.#fail('the StatefulSet does not exist');
      case 'unreachable':
        return this.#fail(update.why);
    }
  }

  #fail(why: string): void {
    this.#why = why;
    this.#failures++;
    if (!isPowerOfTwo(this.#failures)) return;
    const warn = createWarn(this.#options.publish, this.#options.clock);
    const fields = { why, ...(this.#failures > 1 && { failures: this.#failures }) };
    if (this.#state.name === 'unknown') {
      warn('error', 'nothing is held: it is not known how many shards there are', fields);
    } else warn('warn', 'it is not known whether the number of shards has changed: it stays', fields);
  }

  #see(seen: SeenReplicas): void {
    const { settings, clock } = this.#options;
    if (settings?.kind !== 'statefulSet') return;
    const before = this.#state;
    const state = nextShards(before, seen, { podOrdinal: settings.podOrdinal, now: clock.monotonic() });
    this.#state = state;
    this.#settling?.cancel();
    if (state.name !== 'known') return;
    if (state.growth !== null && seen.ready >= seen.wanted) {
      const leftMs = state.growth.since + SETTLE_MS - clock.monotonic();
      this.#settling = clock.after(leftMs, () => this.#see(seen));
    }
    const isOther = before.name === 'unknown' || !isSameShare(before, state);
    if (isOther || before.ordinal !== state.ordinal || before.wanted !== state.wanted) {
      this.#publishChange(state, isOther && before.name === 'known');
    }
    this.#holder?.pauseConnects(isScaledAway(state));
    if (isOther && !this.#isEnding) this.#apply();
  }

  #apply(): void {
    if (this.#holder === null) return;
    this.#applying++;
    void this.#holder.reshard(this.owns).finally(() => this.#applying--);
  }

  #publishChange(state: Known, isReshard: boolean): void {
    const { publish, clock } = this.#options;
    const { ordinal, wanted, share } = state;
    publish({
      type: 'shardsChanged',
      at: clock.now(),
      ordinal,
      total: share.total,
      wanted,
      isReshard,
      isScaledAway: isScaledAway(state),
    });
  }
}

type Known = Extract<ShardState, { readonly name: 'known' }>;

/** Connections of now, and the rate at which others make theirs. */
export type Held = { readonly held: number; readonly connectsPerSecond: number };

function seenIn({ replicas, readyReplicas, firstOrdinal }: Extract<ReplicaUpdate, { kind: 'known' }>): SeenReplicas {
  return { wanted: replicas, ready: readyReplicas, firstOrdinal };
}

function isSameShare({ share: before }: Known, { share: after }: Known): boolean {
  return before.ordinal === after.ordinal && before.total === after.total;
}

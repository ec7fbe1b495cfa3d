import type { Timer } from '../../clock/clock.ts';
import { ladderSteps } from '../../domain/silence/ladder-steps.ts';
import type { LadderEnd } from '../../domain/silence/silence-ladder-state.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import type { SilenceSettings } from '../../settings/silence-settings.ts';
import type { RunnerContext } from '../fleet/runner-context.ts';
import { ClosingConnections } from './closing-connections.ts';
import { measurePeer } from './measure-peer.ts';
import type { SilenceLadder } from './silence-ladder.ts';

/** A peer that can be measured now. */
export type MeasurablePeer = { readonly peer: PeerRef; readonly settings: PeerSettings };

export type GroupLaddersOptions = {
  readonly context: Omit<RunnerContext, 'forget' | 'watchCertificate'>;
  /** The silences to try, of those up to what the group wants. Milliseconds. */
  readonly edgesMs: readonly number[];
  /** A connected peer of the group: the next one behind this; null: none is connected. */
  readonly nextPeer: (group: string, after: string | null) => MeasurablePeer | null;
  /** Whether the peer is still there with these settings. */
  readonly isCurrent: (of: MeasurablePeer) => boolean;
};

/** Groups that come together are not measured together, and a short-lived process measures, too. */
const FIRST_WITHIN_MS = 5 * 60_000;
/** Where no peer of a group is connected. */
const RETRY_MS = 60_000;

type MeasuredGroup = {
  silence: SilenceSettings;
  timer: Timer | null;
  /** The peer measured last. */
  last: string | null;
  running: { readonly ladder: SilenceLadder; readonly of: MeasurablePeer } | null;
};

/**
 * Measures one peer of each group that wants it in each period, and reports `silenceMeasured`. What a ladder opens counts
 * against the connect rate and the descriptors, and is no connection of its peer: no other event comes of it. A run without
 * a finding changes nothing.
 */
export class GroupLadders {
  readonly #options: GroupLaddersOptions;
  readonly #groups = new Map<string, MeasuredGroup>();
  readonly #closing = new ClosingConnections();

  constructor(options: GroupLaddersOptions) {
    this.#options = options;
  }

  /** These groups are to be measured; a ladder whose peer is another one now is given up. */
  follow(groups: ReadonlyMap<string, SilenceSettings>): void {
    for (const [name, group] of this.#groups) {
      if (!groups.has(name)) this.#forget(name, group);
      else if (group.running !== null && !this.#options.isCurrent(group.running.of)) giveUp(group);
    }
    for (const [name, silence] of groups) {
      const known = this.#groups.get(name);
      if (known === undefined) this.#begin(name, silence);
      else if (known.silence.everyMs !== silence.everyMs) this.#arm(name, known, { silence, random: true });
      else known.silence = silence;
    }
  }

  /** Gives all ladders up. Resolves when the last descriptor is released, at most `drainMs` later. */
  stop(drainMs: number): Promise<void> {
    for (const [name, group] of this.#groups) this.#forget(name, group);
    return this.#closing.finish(drainMs);
  }

  #begin(name: string, silence: SilenceSettings): void {
    const group: MeasuredGroup = { silence, timer: null, last: null, running: null };
    this.#groups.set(name, group);
    this.#arm(name, group, { silence, random: true });
  }

  #arm(
    name: string,
    group: MeasuredGroup,
    { silence, random }: { readonly silence: SilenceSettings; readonly random: boolean },
  ): void {
    const { clock, random: draw } = this.#options.context;
    group.silence = silence;
    group.timer?.cancel();
    const waitMs = random ? draw() * Math.min(FIRST_WITHIN_MS, silence.everyMs) : silence.everyMs;
    group.timer = clock.after(waitMs, () => this.#turn(name, group));
  }

  #turn(name: string, group: MeasuredGroup): void {
    const { nextPeer, context } = this.#options;
    if (group.running === null) {
      const next = nextPeer(name, group.last);
      if (next === null) {
        group.timer = context.clock.after(Math.min(RETRY_MS, group.silence.everyMs), () => this.#turn(name, group));
        return;
      }
      this.#measure(group, next);
    }
    this.#arm(name, group, { silence: group.silence, random: false });
  }

  #measure(group: MeasuredGroup, of: MeasurablePeer): void {
    const { context, edgesMs } = this.#options;
    group.last = of.peer.peer;
    const ladder = measurePeer({
      settings: of.settings,
      stepsMs: ladderSteps(edgesMs, group.silence.upToMs),
      context,
      closing: this.#closing,
      connected: () => {},
      decided: () => {},
      ended: (end) => {
        group.running = null;
        this.#report(of, end);
      },
    });
    group.running = { ladder, of };
    ladder.start();
  }

  #report(of: MeasurablePeer, end: LadderEnd): void {
    if (end.kind !== 'found' || !this.#options.isCurrent(of)) return;
    const { finding } = end;
    if (finding.kind !== 'none' && finding.kind !== 'limit') return;
    const { clock, emit } = this.#options.context;
    emit({
      type: 'silenceMeasured',
      at: clock.now(),
      peer: of.peer,
      survivedMs: finding.survivedMs,
      fatalMs: finding.kind === 'limit' ? finding.fatalMs : null,
    });
  }

  #forget(name: string, group: MeasuredGroup): void {
    this.#groups.delete(name);
    group.timer?.cancel();
    giveUp(group);
  }
}

function giveUp(group: MeasuredGroup): void {
  group.running?.ladder.stop();
  group.running = null;
}

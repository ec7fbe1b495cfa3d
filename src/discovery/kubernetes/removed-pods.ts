import type { Clock, Timer } from '../../clock/clock.ts';
import type { Announcement } from '../../settings/announcement.ts';
import type { TargetGroup } from '../peer-source.ts';

/** Longer than updates wait to be applied together (a second): what is announced is seen before it vanishes. */
const ANNOUNCED_FOR_MS = 2000;

/**
 * Pods that were deleted without a word before, as by force. Their targets stay for a moment with the announcement
 * `removed`, so that ends which follow, or came just before, are known to be announced. Keys are NAMESPACE/NAME.
 */
export class RemovedPods {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #known = new Map<string, TargetGroup>();
  readonly #removed = new Map<string, Timer>();
  readonly #onGone: (key: string) => void;

  /** @param onGone called when the targets of a removed pod shall go */
  constructor(clock: Pick<Clock, 'after'>, onGone: (key: string) => void) {
    this.#clock = clock;
    this.#onGone = onGone;
  }

  /** The pod exists, with these targets. */
  exists(key: string, group: TargetGroup): TargetGroup {
    this.#forget(key);
    if (group.targets.length > 0) this.#known.set(key, group);
    else this.#known.delete(key);
    return group;
  }

  /** What the targets of a pod are that does not exist: the last ones for a moment, then none. */
  isGone(key: string, source: string): TargetGroup {
    const group = this.#known.get(key);
    const isOver = this.#removed.has(key) || group === undefined || group.labels['__announced__'] !== undefined;
    if (isOver) {
      this.#forget(key);
      this.#known.delete(key);
      return { source, targets: [], labels: {} };
    }
    this.#removed.set(
      key,
      this.#clock.after(ANNOUNCED_FOR_MS, () => this.#onGone(key)),
    );
    return { ...group, labels: { ...group.labels, __announced__: 'removed' satisfies Announcement } };
  }

  stop(): void {
    for (const timer of this.#removed.values()) timer.cancel();
  }

  #forget(key: string): void {
    this.#removed.get(key)?.cancel();
    this.#removed.delete(key);
  }
}

import type { SourceSettings } from '../settings/source-settings.ts';
import type { TargetGroup } from './peer-source.ts';
import type { SharedSource, SourceUser } from './shared-source.ts';
import type { SetOrigin, TargetSet } from './target-set.ts';

/** A set of targets that has to be looked at: as its source has it now; null: it is gone. */
export type PendingSet = { readonly name: string; readonly group: TargetGroup | null; readonly goesAtOnce: boolean };

/**
 * One entry of a group that names a source. An entry that takes the place of another one has the sets of that one until its
 * own source was wholly read once: a changed setting must not close connections because nothing is known yet.
 */
export class GroupEntry implements SourceUser {
  readonly group: string;
  readonly source: SharedSource;
  readonly sets: Map<string, TargetSet>;
  readonly #onPending: () => void;
  readonly #pending = new Set<string>();
  #entry = '';
  #origin: SetOrigin;
  /** The sets of a predecessor count until this source was read. */
  #isWaiting: boolean;
  /** The sets of the predecessor that this source may not have. */
  #inherited: ReadonlySet<string>;

  constructor(
    { group, source }: Pick<GroupEntry, 'group' | 'source'>,
    predecessor: GroupEntry | null,
    onPending: () => void,
  ) {
    this.group = group;
    this.source = source;
    this.sets = predecessor?.sets ?? new Map();
    this.#onPending = onPending;
    this.#origin = { order: 0, lingerMs: lingerMsOf(source.settings) };
    this.#isWaiting = this.sets.size > 0;
    this.#inherited = new Set(this.sets.keys());
  }

  get origin(): SetOrigin {
    return this.#origin;
  }

  /** Like `file_sd_configs[0]`. */
  get entry(): string {
    return this.#entry;
  }

  /** Its place among the entries of its group. */
  moveTo(order: number, entry: string): void {
    this.#entry = entry;
    this.#origin = { ...this.#origin, order };
    for (const set of this.sets.values()) set.origin = this.#origin;
  }

  setsChanged(names: readonly string[]): void {
    for (const name of names) this.#pending.add(name);
    if (!this.#isWaiting) this.#onPending();
  }

  synced(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    for (const name of this.sets.keys()) this.#pending.add(name);
    this.#onPending();
  }

  /** The sets that changed since the last call, as they are now. */
  *takePending(): Generator<PendingSet> {
    if (this.#isWaiting) return;
    for (const name of this.#pending) {
      this.#pending.delete(name);
      const group = this.source.sets.get(name) ?? null;
      // A set that the new settings do not name at all was taken out by whoever wrote them.
      yield { name, group, goesAtOnce: group === null && this.#inherited.has(name) };
    }
    this.#inherited = new Set();
  }
}

/** Static targets go when the configuration says so. */
function lingerMsOf({ settings }: SourceSettings): number {
  return 'lingerMs' in settings && typeof settings.lingerMs === 'number' ? settings.lingerMs : 0;
}

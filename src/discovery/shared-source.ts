import type { DiscoveryEvent, SourceEntry, SourceRef } from '../domain/events/discovery-events.ts';
import type { SourceSettings } from '../settings/source-settings.ts';
import { createSource } from './discovery-kinds.ts';
import type { PeerSource, SourceContext, SourceUpdate, TargetGroup } from './peer-source.ts';

/** An entry of a group that uses a source. */
export type SourceUser = SourceEntry & {
  /** These sets of the source are other ones now. */
  setsChanged(names: readonly string[]): void;
  /** All that was there at the start has been published, or the source was wholly read. */
  synced(): void;
};

export type SharedSourceContext = SourceContext & { readonly publish: (event: DiscoveryEvent) => void };

/** A source that runs, for all entries with its settings, whatever group they stand in. It keeps what it published last. */
export class SharedSource {
  readonly ref: SourceRef;
  readonly settings: SourceSettings;
  readonly sets = new Map<string, TargetGroup>();
  readonly #context: SharedSourceContext;
  readonly #source: PeerSource;
  readonly #users = new Set<SourceUser>();
  #isSynced = false;
  #hasAnswered = false;
  #failuresInARow = 0;

  constructor(id: number, settings: SourceSettings, context: SharedSourceContext) {
    this.ref = { id, mechanism: settings.kind };
    this.settings = settings;
    this.#context = context;
    this.#source = createSource(settings, context);
  }

  /** Everything that was there at the start has been published. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** It was read, or failed, at least once. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  get isUsed(): boolean {
    return this.#users.size > 0;
  }

  /** Tells the user of everything that is there already. */
  addUser(user: SourceUser): void {
    this.#users.add(user);
    if (this.sets.size > 0) user.setsChanged([...this.sets.keys()]);
    if (this.#isSynced) user.synced();
  }

  removeUser(user: SourceUser): void {
    this.#users.delete(user);
  }

  start(): void {
    this.#source.start((update) => this.#take(update));
  }

  stop(): void {
    this.#source.stop();
  }

  #take(update: SourceUpdate): void {
    switch (update.kind) {
      case 'groups':
        return this.#takeSets(update.groups);
      case 'synced':
        return this.#takeGood(null);
      case 'refreshed':
        return this.#takeGood(update.tookMs);
      case 'failed':
        return this.#takeFailure(update);
      case 'requested': {
        const { resource, verb, outcome } = update;
        return this.#context.publish({ type: 'apiRequested', at: this.#context.clock.now(), resource, verb, outcome });
      }
      case 'objectChanged': {
        const { resource, event } = update;
        return this.#context.publish({ type: 'objectChanged', at: this.#context.clock.now(), resource, event });
      }
    }
  }

  #takeSets(groups: readonly TargetGroup[]): void {
    for (const group of groups) {
      if (group.targets.length === 0) this.sets.delete(group.source);
      else this.sets.set(group.source, group);
    }
    const names = groups.map(({ source }) => source);
    for (const user of this.#users) user.setsChanged(names);
  }

  #takeGood(tookMs: number | null): void {
    const isFirst = !this.#isSynced;
    this.#isSynced = true;
    this.#hasAnswered = true;
    const failuresBefore = this.#failuresInARow;
    this.#failuresInARow = 0;
    this.#context.publish({ type: 'sourceRefreshed', ...this.#facts(), tookMs, failuresBefore });
    if (isFirst) for (const user of this.#users) user.synced();
  }

  #takeFailure({ why, place, tookMs }: Extract<SourceUpdate, { readonly kind: 'failed' }>): void {
    this.#hasAnswered = true;
    const failuresInARow = ++this.#failuresInARow;
    let targets = 0;
    for (const set of this.sets.values()) targets += set.targets.length;
    const failure = { why, place, tookMs, failuresInARow, targets };
    this.#context.publish({ type: 'sourceFailed', ...this.#facts(), ...failure });
  }

  #facts() {
    const groups = Array.from(this.#users, ({ group, entry }) => ({ group, entry }));
    return { at: this.#context.clock.now(), source: this.ref, groups };
  }
}

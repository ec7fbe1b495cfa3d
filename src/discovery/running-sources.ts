import { isSameSetting } from '../settings/is-same-setting.ts';
import type { SourceSettings } from '../settings/source-settings.ts';
import { SharedSource, type SharedSourceContext } from './shared-source.ts';

/** The sources that run. Entries with equal settings share one, over groups and over reloads. */
export class RunningSources {
  readonly #context: SharedSourceContext;
  readonly #sources = new Set<SharedSource>();
  readonly #unstarted = new Set<SharedSource>();
  #nextId = 1;

  constructor(context: SharedSourceContext) {
    this.#context = context;
  }

  /**
   * The source with these settings. A new one begins with the next `startNew`. Targets that stand in the configuration cost
   * nothing to read again, and much to compare.
   */
  get(settings: SourceSettings): SharedSource {
    const known = settings.kind === 'static' ? undefined : this.#find(settings);
    if (known !== undefined) return known;
    const created = new SharedSource(this.#nextId++, settings, this.#context);
    this.#sources.add(created);
    this.#unstarted.add(created);
    return created;
  }

  /** Stops what no entry uses any more. */
  stopUnused(): void {
    for (const source of this.#sources) if (!source.isUsed) this.#stop(source);
  }

  /** Starts what was asked for and does not run yet. */
  startNew(): void {
    for (const source of this.#unstarted) {
      this.#unstarted.delete(source);
      source.start();
    }
  }

  /** Sources that have neither answered nor failed yet. */
  get unanswered(): readonly SharedSource[] {
    return Array.from(this.#sources).filter(({ hasAnswered }) => !hasAnswered);
  }

  stop(): void {
    for (const source of this.#sources) this.#stop(source);
  }

  #find(settings: SourceSettings): SharedSource | undefined {
    return Array.from(this.#sources).find((source) => isSameSetting(source.settings, settings));
  }

  #stop(source: SharedSource): void {
    this.#sources.delete(source);
    if (!this.#unstarted.delete(source)) source.stop();
  }
}

import type { Clock, Timer } from '../../clock/clock.ts';
import { SETTLE_MS, SettledDigest } from '../../files/settled-digest.ts';
import { fingerprintOf, type ConfigSnapshot, type Fingerprint } from '../snapshot/config-snapshot.ts';

export type ConfigWatcherOptions = {
  /** Reads what is there now. */
  readonly read: () => Promise<ConfigSnapshot>;
  /** How often to look; 0 = never. */
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The content changed and then held still: time to load it. */
  readonly onChange: () => void;
  /** The file cannot be read; reported once for each reason until it can be read again. `why` as in `FileContent`. What was loaded stays. */
  readonly onUnreadable: (why: string) => void;
};

/**
 * Watches a configuration file and the files it names by content. Files of `tls` are read at each connect: of these only
 * it counts whether they are there. At most one read is under way.
 */
export class ConfigWatcher {
  readonly #options: ConfigWatcherOptions;
  readonly #content: SettledDigest;
  /** Why the file cannot be read, as it was reported; null: it can. */
  #reported: string | null;
  #timer: Timer | null = null;
  #isStopped = false;

  /** `loaded` is what the running configuration was made of. */
  constructor(loaded: ConfigSnapshot, options: ConfigWatcherOptions) {
    this.#options = options;
    const seen = fingerprintOf(loaded);
    this.#content = new SettledDigest(digestOf(seen));
    this.#reported = seen.kind === 'unreadable' ? seen.why : null;
    if (options.intervalMs > 0) this.#lookAgainIn(options.intervalMs);
  }

  /** What was loaded for another reason is not reported again. */
  markLoaded(snapshot: ConfigSnapshot): void {
    this.#content.setCounted(digestOf(fingerprintOf(snapshot)));
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { read, intervalMs, onChange, onUnreadable } = this.#options;
    const seen = fingerprintOf(await read());
    if (this.#isStopped) return;
    if (seen.kind === 'unreadable') {
      this.#content.forgetCandidate();
      this.#lookAgainIn(intervalMs);
      if (this.#reported !== seen.why) onUnreadable(seen.why);
      this.#reported = seen.why;
      return;
    }
    this.#reported = null;
    const found = this.#content.look(seen.digest);
    this.#lookAgainIn(found === 'undecided' ? Math.min(SETTLE_MS, intervalMs) : intervalMs);
    if (found === 'counts') onChange();
  }

  #lookAgainIn(ms: number): void {
    this.#timer = this.#options.clock.after(ms, () => void this.#look());
  }
}

function digestOf(seen: Fingerprint): string | null {
  return seen.kind === 'digest' ? seen.digest : null;
}

import type { Clock, Timer } from '../../clock/clock.ts';
import { createFingerprint, type Fingerprint } from './config-fingerprint.ts';
import { readFileFromDisk, type ReadFile } from './named-files.ts';

export type ConfigWatcherOptions = {
  readonly file: string;
  /** How often to look; 0 = never. */
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The content changed and then held still: time to load it. */
  readonly onChange: () => void;
  /** The file cannot be read; reported once until it can be read again. `why` is the errno name. What was loaded stays. */
  readonly onUnreadable: (why: string) => void;
  readonly readFile?: ReadFile;
};

export type ConfigWatcher = {
  /** What is there now is known. Call it right before a reload for another reason, else that content is reported again. */
  markLoaded(): void;
  stop(): void;
};

/**
 * An editor that writes a file in place leaves it cut short for a moment, and a cut configuration may be a valid one
 * with fewer peers. Content must be the same twice, this far apart, before it counts.
 */
const SETTLE_MS = 500;

/**
 * Watches a configuration file and the files it names by content. What is there when it is created counts as loaded, so
 * create it before the first load. Files of `tls` are read at each connect: of these only it counts whether they are there.
 */
export function watchConfig(options: ConfigWatcherOptions): ConfigWatcher {
  const { file, intervalMs, clock, onChange, onUnreadable, readFile = readFileFromDisk } = options;
  if (intervalMs <= 0) return { markLoaded: () => undefined, stop: () => undefined };
  const fingerprint = createFingerprint(file, readFile);
  let loaded: Fingerprint = fingerprint();
  let candidate: string | null = null;
  let isReported = loaded.kind === 'unreadable';
  let timer: Timer = clock.after(intervalMs, look);
  return {
    markLoaded() {
      loaded = fingerprint();
      candidate = null;
    },
    stop: () => timer.cancel(),
  };

  function look(): void {
    const seen = fingerprint();
    if (seen.kind === 'unreadable') {
      candidate = null;
      lookAgainIn(intervalMs);
      if (!isReported) onUnreadable(seen.why);
      isReported = true;
      return;
    }
    isReported = false;
    const known = loaded.kind === 'digest' && loaded.digest === seen.digest;
    const settled = candidate === seen.digest;
    candidate = known || settled ? null : seen.digest;
    lookAgainIn(candidate === null ? intervalMs : Math.min(SETTLE_MS, intervalMs));
    if (known || !settled) return;
    loaded = seen;
    onChange();
  }

  function lookAgainIn(ms: number): void {
    timer = clock.after(ms, look);
  }
}

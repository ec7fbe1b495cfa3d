import type { WebConfig, WebConfigResult } from '../../settings/web-protection.ts';
import type { Clock } from '../../clock/clock.ts';

export type WatchedWebConfig = {
  current(): WebConfig;
  /** Cancels the timer. */
  stop(): void;
};

export type WatchOptions = {
  readonly clock: Clock;
  readonly load: () => Promise<WebConfigResult>;
  readonly first: WebConfig;
  /** Called with what is new, and with why a changed file cannot be used; the old one then stays. */
  readonly onChange: (web: WebConfig) => void;
  readonly onInvalid: (problems: readonly string[]) => void;
};

/** A rotated certificate or a new password works within this time; the files are few and small. */
const READ_EVERY_MS = 10_000;

/** Loads the web configuration again and again, the files it names with it, and reports when something is different. */
export function watchWebConfig({ clock, load, first, onChange, onInvalid }: WatchOptions): WatchedWebConfig {
  let config = first;
  let seen = JSON.stringify(first);
  let isStopped = false;
  const readAgain = async (): Promise<void> => {
    const result = await load();
    if (isStopped) return;
    const found = JSON.stringify(result.kind === 'loaded' ? result.web : result.problems);
    if (found !== seen) {
      seen = found;
      if (result.kind === 'loaded') onChange((config = result.web));
      else onInvalid(result.problems);
    }
    timer = clock.after(READ_EVERY_MS, () => void readAgain());
  };
  let timer = clock.after(READ_EVERY_MS, () => void readAgain());
  return {
    current: () => config,
    stop() {
      isStopped = true;
      timer.cancel();
    },
  };
}

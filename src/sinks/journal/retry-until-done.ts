import type { Clock } from '../../clock/clock.ts';

export type RetryOptions = {
  readonly clock: Pick<Clock, 'after'>;
  /** Ends the attempts, also in the middle of a pause. */
  readonly signal: AbortSignal;
  /** After each attempt that failed. */
  readonly onFailure: (error: Error) => void;
};

/** How often failed work is tried again. */
const RETRY_MS = 1000;

/** Repeats work until it succeeds: true; or until `signal` ends it before that: false. Never rejects. */
export async function retryUntilDone(work: () => Promise<void>, options: RetryOptions): Promise<boolean> {
  const { signal } = options;
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      options.onFailure(error instanceof Error ? error : new Error(String(error)));
      if (!signal.aborted) await pause(options);
    }
  }
  return false;
}

function pause({ clock, signal }: RetryOptions): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      timer.cancel();
      resolve();
    };
    const timer = clock.after(RETRY_MS, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

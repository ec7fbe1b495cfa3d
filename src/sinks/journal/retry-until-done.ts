import type { Clock } from '../../clock/clock.ts';

export type TroubleOptions = {
  readonly clock: Pick<Clock, 'after'>;
  /** Lines lost since the start. */
  readonly lost: () => number;
  /** Work on the file has begun to fail, or works again; `lost` lines found no room in memory meanwhile. */
  readonly onTrouble: (error: Error) => void;
  readonly onRecovered: (lost: number) => void;
};

/** How often failed work is tried again. */
const RETRY_MS = 1000;

/** Repeats work until it succeeds or is stopped; tells of the first failure and of the success after it. */
export function createPersistence({ clock, lost, onTrouble, onRecovered }: TroubleOptions) {
  let stopped = false;
  let wake: (() => void) | null = null;
  let lostBefore: number | null = null;
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = clock.after(RETRY_MS, resolve);
      wake = () => {
        timer.cancel();
        resolve();
      };
    });
  const failed = (error: unknown) => {
    if (lostBefore === null) onTrouble(error instanceof Error ? error : new Error(String(error)));
    lostBefore ??= lost();
  };
  return {
    /** True once the work is done, false where it was stopped before. */
    async until(work: () => Promise<void>): Promise<boolean> {
      while (!stopped) {
        try {
          await work();
          if (lostBefore !== null) onRecovered(lost() - lostBefore);
          lostBefore = null;
          return true;
        } catch (error) {
          failed(error);
          if (!stopped) await pause();
        }
      }
      return false;
    },
    stop() {
      stopped = true;
      wake?.();
    },
  };
}

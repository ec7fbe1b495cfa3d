/** How a group has the silence measured that the paths to its peers tolerate. */
export type SilenceSettings = {
  /** The longest silence that is tried. */
  readonly upToMs: number;
  /** One peer per period, another each time. */
  readonly everyMs: number;
  /** The longest silence of packets that the settings of the group allow; Infinity: no timer of ours ends it. */
  readonly configuredMs: number;
};

/** What `silence: {}` means. */
export const DEFAULT_SILENCE = { upToMs: 16 * 60_000, everyMs: 24 * 3_600_000 } as const;

/** Well below the 26,214 s before which the kernel sends no probe by itself. */
export const LONGEST_SILENCE_MS = 7 * 3_600_000;

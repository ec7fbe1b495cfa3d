/** One entry of `file_sd_configs`. */
export type FileSettings = {
  /** Absolute paths; the last part of each may be a pattern. At least one. */
  readonly files: readonly string[];
  /** How often everything is read again; what changed is seen earlier. */
  readonly refreshIntervalMs: number;
  readonly lingerMs: number;
};

/** What holds where an entry says nothing. */
export const DEFAULT_FILE_SETTINGS = { refreshIntervalMs: 300_000, lingerMs: 0 } as const;

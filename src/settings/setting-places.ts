/** Keys with the lines on which they stand, from 1: `keepalive`, `keepalive.idle`. */
export type WrittenLines = ReadonlyMap<string, number>;

/** Where the settings of a group were given. */
export type SettingPlaces = {
  /** As it was named when it was read. */
  readonly file: string;
  readonly global: WrittenLines;
  readonly group: WrittenLines;
};

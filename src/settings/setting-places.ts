/** Keys with the lines on which they stand, from 1: `keepalive`, `keepalive.idle`. */
export type WrittenLines = ReadonlyMap<string, number>;

/** Where the settings of a group were given. */
export type SettingPlaces = {
  /** As it was named when it was read. */
  readonly file: string;
  readonly global: WrittenLines;
  readonly group: WrittenLines;
};

/** The last part of its path. */
export function fileNameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

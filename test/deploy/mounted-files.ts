import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder as the kubelet lays out a ConfigMap or Secret volume. */
export type MountedFiles = {
  readonly folder: string;
  /** Swaps all files in one step, as the kubelet does when the object has changed. */
  swap(files: Readonly<Record<string, string>>): void;
};

/**
 * Files are links to `..data/NAME`, and `..data` is a link to a folder with the contents. An update writes a new folder and
 * renames a new link over `..data`: whoever watches a file, or its inode, sees nothing.
 */
export function mountFiles(folder: string, files: Readonly<Record<string, string>>): MountedFiles {
  let version = 0;
  const write = (contents: Readonly<Record<string, string>>): void => {
    version += 1;
    const name = `..2026_11_22_00_00_00.${version}`;
    mkdirSync(join(folder, name), { recursive: true });
    for (const [file, text] of Object.entries(contents)) writeFileSync(join(folder, name, file), text, { mode: 0o644 });
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  write(files);
  for (const file of Object.keys(files)) symlinkSync(join('..data', file), join(folder, file));
  return {
    folder,
    swap(contents) {
      const before = readlinkSync(join(folder, '..data'));
      write(contents);
      rmSync(join(folder, before), { recursive: true });
    },
  };
}

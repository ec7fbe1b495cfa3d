import { isAbsolute, join } from 'node:path';
import type { FileContent } from '../../files/file-content.ts';

/** The files that a configuration names, as they were when it was read. */
export type NamedFiles = {
  /** The path to open: relative ones are relative to the folder of the configuration file. */
  locate(name: string): string;
  read(name: string): FileContent;
};

/** `contentOf` gets located paths. */
export function createNamedFiles(folder: string, contentOf: (path: string) => FileContent): NamedFiles {
  const locate = (name: string): string => locateIn(folder, name);
  return { locate, read: (name) => contentOf(locate(name)) };
}

export function locateIn(folder: string, name: string): string {
  return isAbsolute(name) ? name : join(folder, name);
}

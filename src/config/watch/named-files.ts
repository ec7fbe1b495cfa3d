import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

export type FileContent =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  /** `why` is the errno name, like ENOENT. */
  | { readonly kind: 'unreadable'; readonly why: string };

export type ReadFile = (path: string) => FileContent;

/** Reads a whole file. What the system refuses is a value, not an exception. */
export function readFileFromDisk(path: string): FileContent {
  try {
    return { kind: 'read', bytes: readFileSync(path) };
  } catch (error) {
    // A path with a NUL byte is refused by the runtime with a code of its own (ERR_INVALID_ARG_VALUE).
    if (error instanceof Error && 'code' in error) return { kind: 'unreadable', why: String(error.code) };
    throw error;
  }
}

/** The files that a configuration names, each read once per load however many groups name it. */
export type NamedFiles = {
  /** The path to open: relative ones are relative to the folder of the configuration file. */
  locate(name: string): string;
  read(name: string): FileContent;
};

export function createNamedFiles(configFile: string, readFile: ReadFile): NamedFiles {
  const cache = new Map<string, FileContent>();
  const locate = (name: string): string => (isAbsolute(name) ? name : join(dirname(configFile), name));
  return {
    locate,
    read(name) {
      const path = locate(name);
      const content = cache.get(path) ?? readFile(path);
      cache.set(path, content);
      return content;
    },
  };
}

/** The errno in words, for a message about a file. */
export function whyUnreadable(why: string): string {
  switch (why) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return why;
  }
}

import { readFileSync } from 'node:fs';
import type { FileContent } from '../../src/files/file-content.ts';
import { readWholeFile } from '../../src/files/read-whole-file.ts';

/** Reads a file as the daemon does, without its deadline. */
export const readFile = (path: string): Promise<FileContent> => readWholeFile(path);

/** The same at once, for tests whose clock moves by hand. */
export function readFileNow(path: string): FileContent {
  try {
    return { kind: 'read', bytes: readFileSync(path) };
  } catch (error) {
    return { kind: 'unreadable', why: String((error as NodeJS.ErrnoException).code) };
  }
}

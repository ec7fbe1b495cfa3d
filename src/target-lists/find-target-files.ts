import { join } from 'node:path';
import type { FolderContent } from '../files/folder-reader.ts';
import type { FilePattern } from './file-pattern.ts';

export type FoundFiles = {
  /** Sorted, each once. A path without a pattern is among them whether or not such a file is there. */
  readonly paths: readonly string[];
  /** Folders that could not be listed, though they may be there. `why` as in `FileContent`. */
  readonly unlisted: readonly { readonly folder: string; readonly why: string }[];
  /** Patterns that no file matched, in folders that were listed or are not there. */
  readonly unmatched: readonly FilePattern[];
};

/** The files that patterns mean now. */
export async function findTargetFiles(
  patterns: readonly FilePattern[],
  list: (folder: string) => Promise<FolderContent>,
): Promise<FoundFiles> {
  const paths = new Set<string>();
  const unlisted = new Map<string, string>();
  const unmatched: FilePattern[] = [];
  const folders = new Set(patterns.filter(({ matches }) => matches !== null).map(({ folder }) => folder));
  const contents = new Map(
    await Promise.all(Array.from(folders, async (folder) => [folder, await list(folder)] as const)),
  );
  for (const pattern of patterns) {
    const { path, folder, matches } = pattern;
    const content = contents.get(folder);
    if (matches === null || content === undefined) paths.add(path);
    else if (content.kind === 'listed') {
      const names = content.names.filter(matches);
      for (const name of names) paths.add(join(folder, name));
      if (names.length === 0) unmatched.push(pattern);
    } else if (isAbsent(content.why)) unmatched.push(pattern);
    else unlisted.set(folder, content.why);
  }
  return {
    paths: [...paths].toSorted(),
    unlisted: Array.from(unlisted, ([folder, why]) => ({ folder, why })),
    unmatched,
  };
}

/** Whether nothing is there: any other reason says that something may be. */
export function isAbsent(why: string): boolean {
  return why === 'ENOENT' || why === 'ENOTDIR';
}

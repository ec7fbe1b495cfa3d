import { type FileContent, whyUnreadable } from '../files/file-content.ts';
import type { FolderContent } from '../files/folder-reader.ts';
import type { FileProblem } from '../text/file-problem.ts';
import { readYaml } from '../yaml/yaml-source.ts';
import { parseFilePattern, syntaxOf } from './file-pattern.ts';
import { findTargetFiles, isAbsent } from './find-target-files.ts';
import { readJson } from './json-reader.ts';
import { readTargetList } from './read-target-list.ts';

/** What is there now. Neither rejects. */
export type FileSystem = {
  readonly readFile: (path: string) => Promise<FileContent>;
  readonly listFolder: (folder: string) => Promise<FolderContent>;
};

export type TargetFilesCheck = {
  readonly problems: readonly FileProblem[];
  /** Paths of the configuration that no file matches now. */
  readonly unmatched: readonly string[];
  readonly files: number;
  readonly targets: number;
};

/**
 * Reads the files that these paths of `file_sd_configs` mean, once and at once: for a command that does nothing else. Whether
 * a target is HOST:PORT is not asked, since rules may still change it.
 */
export async function checkTargetFiles(paths: readonly string[], system: FileSystem): Promise<TargetFilesCheck> {
  const patterns = paths.flatMap((path) => parseFilePattern(path) ?? []);
  const found = await findTargetFiles(patterns, system.listFolder);
  const unmatched = found.unmatched.map(({ path }) => path);
  const problems: FileProblem[] = found.unlisted.map(({ folder, why }) => ({
    file: folder,
    message: `cannot be listed: ${whyUnreadable(why)}`,
  }));
  let [files, targets] = [0, 0];
  for (const file of found.paths) {
    const content = await system.readFile(file);
    if (content.kind === 'unreadable') {
      if (isAbsent(content.why)) unmatched.push(file);
      else problems.push({ file, message: `cannot be read: ${whyUnreadable(content.why)}` });
      continue;
    }
    const syntax = syntaxOf(file);
    const readWritten = (text: string, name: string) => readYaml(text, name, { scalars: 'written' });
    const read = readTargetList({ bytes: content.bytes, syntax, file }, syntax === 'json' ? readJson : readWritten);
    files += 1;
    if (read.kind === 'wrong') problems.push(...read.problems);
    else targets += read.entries.reduce((sum, entry) => sum + entry.targets.length, 0);
  }
  return { problems, unmatched, files, targets };
}

import { join } from 'node:path';
import { type FileProblem, formatProblem } from '../../../src/text/file-problem.ts';
import { parseConfig } from '../../../src/config/load-config.ts';
import { readFileNow } from '../../support/read-file.ts';

/** What the loader says about a text, one line each; `folder` is where the files that it names are. */
export function problemsOf(text: string, file: string, folder: string): string {
  const result = parseConfig(text, file, (path) => readFileNow(join(folder, path)));
  return result.kind === 'loaded' ? 'loaded\n' : formatAll(result.problems);
}

export function formatAll(problems: readonly FileProblem[]): string {
  return problems.map((problem) => `${formatProblem(problem)}\n`).join('');
}

import { formatProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import { staticTargetsOf } from '../settings/source-settings.ts';

export type CheckIo = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Descriptors that a process started here may open; null or absent: unknown, and nothing is checked against it. */
  readonly openFileLimit?: number | null;
};

/**
 * `finrst check FILE...`: prints for every file that it is good, with its warnings, or every problem it has. What is good
 * goes to `out`, problems and warnings to `err`. Gives the exit code: 0 when all files are good, else 1.
 */
export function check(files: readonly string[], io: CheckIo): number {
  const bad = files.filter((file) => !checkOne(file, io));
  return bad.length === 0 ? 0 : 1;
}

function checkOne(file: string, { out, err, openFileLimit = null }: CheckIo): boolean {
  const result = loadConfig(file, { openFileLimit });
  if (result.kind === 'invalid') {
    for (const problem of result.problems) err(formatProblem(problem));
    return false;
  }
  const { groups, warnings } = result.config;
  for (const warning of warnings) err(warning);
  const entries = groups.flatMap(({ sources }) => staticTargetsOf(sources));
  const peers = entries.reduce((sum, { targets }) => sum + targets.length, 0);
  out(`${file}: ok, ${counted(groups.length, 'group')}, ${counted(peers, 'peer')}`);
  return true;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

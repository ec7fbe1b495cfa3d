import { formatProblems } from '../config/config-problem.ts';
import { staticTargetsOf } from '../settings/source-settings.ts';
import type { FileContent, ReadFile } from '../files/file-content.ts';
import { safeText } from '../text/safe-text.ts';

export type CheckIo = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** For the files that a configuration names. */
  readonly readFile: ReadFile;
  /** For the configuration itself, which may come through a pipe; `-` is standard input. */
  readonly readOperand: (name: string) => Promise<FileContent>;
  /** Descriptors that a process started here may open; null or absent: unknown, and nothing is checked against it. */
  readonly openFileLimit?: number | null;
  /** net.core.netdev_max_backlog; null or absent: unknown. */
  readonly packetBacklog?: number | null;
};

/** Whoever has more of them mends them with a script. */
const MOST_PROBLEMS = 1000;

/**
 * `finrst check FILE...`: prints for every file that it is good, with its warnings, or every problem it has. What is good
 * goes to `out`, problems and warnings to `err`. Gives the exit code: 0 when all files are good, else 1.
 */
export async function check(names: readonly string[], io: CheckIo): Promise<number> {
  let exitCode = 0;
  for (const name of names) {
    if (!(await checkOne(name, io))) exitCode = 1;
  }
  return exitCode;
}

/** The same of a web configuration, as `--web.config.file` names it. */
export async function checkWeb(file: string, { out, err, readFile }: CheckIo): Promise<number> {
  const { loadWebConfig } = await import('../config/load-web-config.ts');
  const result = await loadWebConfig({ file, readFile });
  for (const line of result.kind === 'invalid' ? result.problems : result.warnings) err(line);
  if (result.kind === 'invalid') return 1;
  out(`${safeText(file)}: ok, ${counted(Object.keys(result.web.users).length, 'user')}`);
  return 0;
}

async function checkOne(name: string, io: CheckIo): Promise<boolean> {
  const { out, err, readFile, readOperand, openFileLimit = null, packetBacklog = null } = io;
  const file = name === '-' ? '<stdin>' : name;
  const { loadConfig } = await import('../config/load-config.ts');
  const result = await loadConfig(
    { file, readFile, readConfig: () => readOperand(name), ...(isNoFile(name) && { folder: '.' }) },
    { openFileLimit, packetBacklog },
  );
  if (result.kind === 'invalid') {
    for (const problem of formatProblems(result.problems, MOST_PROBLEMS)) err(problem);
    return false;
  }
  const { groups, warnings } = result.config;
  for (const warning of warnings) err(warning);
  const entries = groups.flatMap(({ sources }) => staticTargetsOf(sources));
  const peers = entries.reduce((sum, { targets }) => sum + targets.length, 0);
  out(`${safeText(file)}: ok, ${counted(groups.length, 'group')}, ${counted(peers, 'peer')}`);
  return true;
}

/** What a shell writes for `<(...)` is in no folder that could hold the files which a configuration names. */
function isNoFile(name: string): boolean {
  return name === '-' || name.startsWith('/dev/') || name.startsWith('/proc/');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

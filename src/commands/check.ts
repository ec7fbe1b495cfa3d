import type { Config } from '../config/config.ts';
import { formatProblems, formatWarning } from '../text/file-problem.ts';
import { quoteValue } from '../text/quote-value.ts';
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
  /** As for a process that observes, and nothing else. */
  readonly holdsNothing?: boolean;
};

/** Whoever has more of them mends them with a script. */
const MOST_PROBLEMS = 1000;

/**
 * `finrst check FILE...`: prints for every file that it is good, with its warnings, or every problem it has. What is good
 * goes to `out`, problems and warnings to `err`. Gives the exit code: 0 when all files are good, else 1.
 */
export async function check(names: readonly string[], io: CheckIo): Promise<number> {
  const configs = await checkAll(names, io);
  return configs.includes(null) ? 1 : 0;
}

/**
 * `finrst check --rbac FILE...`: prints the rights that the files need from Kubernetes, together, and nothing else to `out`.
 * Where a file is not good nothing is printed there.
 */
export async function printRbac(names: readonly string[], io: CheckIo): Promise<number> {
  const configs = await checkAll(names, { ...io, out: io.err });
  if (configs.includes(null)) return 1;
  const { kubernetesRbac } = await import('../config/kubernetes/kubernetes-rbac.ts');
  const sources = configs.flatMap((config) => config?.groups ?? []).flatMap((group) => group.sources);
  const entries = sources.flatMap((source) => (source.kind === 'kubernetes' ? [source.settings] : []));
  io.out(kubernetesRbac(entries).trimEnd());
  return 0;
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

/** What each file holds; null: it is not good. */
async function checkAll(names: readonly string[], io: CheckIo): Promise<readonly (Config | null)[]> {
  const configs: (Config | null)[] = [];
  for (const name of names) configs.push(await checkOne(name, io));
  return configs;
}

async function checkOne(name: string, io: CheckIo): Promise<Config | null> {
  const { out, err, readFile, readOperand, openFileLimit = null, packetBacklog = null, holdsNothing = false } = io;
  const file = name === '-' ? '<stdin>' : name;
  const { loadConfig } = await import('../config/load-config.ts');
  const result = await loadConfig(
    { file, readFile, readConfig: () => readOperand(name), ...(isNoFile(name) && { folder: '.' }) },
    { openFileLimit, packetBacklog, holdsNothing },
  );
  if (result.kind === 'invalid') {
    for (const problem of formatProblems(result.problems, MOST_PROBLEMS)) err(problem);
    return null;
  }
  const { groups, warnings } = result.config;
  for (const warning of warnings) err(warning);
  const files = await checkFiles(file, groups, io);
  if (files === null) return null;
  const entries = groups.flatMap(({ sources }) => staticTargetsOf(sources));
  const peers = entries.reduce((sum, { targets }) => sum + targets.length, 0);
  out(`${safeText(file)}: ok, ${counted(groups.length, 'group')}, ${counted(peers, 'peer')}${files}`);
  return result.config;
}

/** Checks the files of `file_sd_configs`: what was found, as the end of a line; null: something is wrong there. */
async function checkFiles(file: string, groups: Config['groups'], { err, readFile }: CheckIo): Promise<string | null> {
  const paths = groups.flatMap(({ sources }) =>
    sources.flatMap((source) => (source.kind === 'file' ? source.settings.files : [])),
  );
  if (paths.length === 0) return '';
  const { checkTargetFiles } = await import('../target-lists/check-target-files.ts');
  const { listFolder } = await import('../files/folder-reader.ts');
  const found = await checkTargetFiles(paths, { readFile, listFolder });
  for (const path of new Set(found.unmatched)) {
    err(formatWarning({ file, message: `file_sd_configs: no file matches ${quoteValue(path)} now` }));
  }
  for (const problem of formatProblems(found.problems, MOST_PROBLEMS)) err(problem);
  if (found.problems.length > 0) return null;
  return `, ${counted(found.targets, 'target')} in ${counted(found.files, 'file')}`;
}

/** What a shell writes for `<(...)` is in no folder that could hold the files which a configuration names. */
function isNoFile(name: string): boolean {
  return name === '-' || name.startsWith('/dev/') || name.startsWith('/proc/');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

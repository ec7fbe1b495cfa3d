import { DEFAULT_GLOBAL_SETTINGS } from '../settings/global-settings.ts';
import type { Config, ConfigProblem, ConfigResult } from './config.ts';
import { formatProblem } from './config.ts';
import { configSchema } from './schema/config-schema.ts';
import { maskText } from './resolve/mask-text.ts';
import { createNamedFiles, readFileFromDisk, whyUnreadable } from './watch/named-files.ts';
import type { ReadFile } from './watch/named-files.ts';
import { parsePartially } from './schema/parse-partially.ts';
import type { Reading } from './resolve/reading.ts';
import { resolveGroups } from './resolve/resolve-groups.ts';
import { resolveTracing } from './resolve/tracing-section.ts';
import { misplacedKey } from './schema/misplaced-key.ts';
import { findWarnings } from './resolve/warnings.ts';
import { readYaml } from './yaml/yaml-source.ts';

export type LoadOptions = {
  /** Descriptors this process may open, for the warning about too many peers; null or absent: unknown. */
  readonly openFileLimit?: number | null;
};

/**
 * Reads and checks a configuration file and the files it names. All problems are given, in the order of their places;
 * an unreadable file is one of them. Never throws for anything in a file.
 */
export function loadConfig(file: string, options: LoadOptions = {}): ConfigResult {
  const text = readText(file, readFileFromDisk);
  if (text.kind === 'problem') return { kind: 'invalid', problems: [text.problem] };
  return resolveText(text.text, { file, readFile: readFileFromDisk, ...options });
}

/** `loadConfig` for a text that is already there; `file` names it in messages and is where relative paths start. */
export function parseConfig(text: string, file: string, readFile: ReadFile): ConfigResult {
  return resolveText(text, { file, readFile });
}

type Origin = LoadOptions & { readonly file: string; readonly readFile: ReadFile };

function resolveText(text: string, { file, readFile, openFileLimit = null }: Origin): ConfigResult {
  const source = readYaml(text, file);
  if (source.root === undefined || source.root === null) {
    const empty = source.problemAt([], 'the file is empty; expected at least `groups: []`');
    return { kind: 'invalid', problems: source.problems.length > 0 ? inOrder(source.problems) : [empty] };
  }
  const parsed = parsePartially(configSchema, source, misplacedKey);
  const files = createNamedFiles(file, readFile);
  const reading: Reading = { source, problems: [...source.problems, ...parsed.problems], wrong: parsed.wrong, files };
  const { global = {}, tracing, groups = [] } = parsed.value ?? {};
  const resolved = resolveGroups(reading, global, groups);
  const tracingSettings = tracing === undefined ? null : resolveTracing(reading, tracing);
  if (reading.problems.length > 0) return { kind: 'invalid', problems: inOrder(reading.problems) };
  const config: Config = {
    global: {
      maxConnectsPerSecond: global.max_connects_per_second ?? DEFAULT_GLOBAL_SETTINGS.maxConnectsPerSecond,
      maxConnections: global.max_connections ?? DEFAULT_GLOBAL_SETTINGS.maxConnections,
      detail: global.metrics?.detail ?? DEFAULT_GLOBAL_SETTINGS.detail,
    },
    tracing: tracingSettings,
    groups: resolved.map(({ settings }) => settings),
    warnings: inOrder(findWarnings(source, resolved, openFileLimit)).map(formatWarning),
    maskedText: maskText(source),
  };
  return { kind: 'loaded', config };
}

type Text =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: ConfigProblem };

/** The text of a configuration file, which must be UTF-8. */
export function readText(file: string, readFile: ReadFile): Text {
  const content = readFile(file);
  if (content.kind === 'unreadable') {
    const message = `cannot be read: ${whyUnreadable(content.why)}`;
    return { kind: 'problem', problem: { file, message } };
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(content.bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'problem', problem: { file, message: 'not UTF-8 text' } };
  }
}

/** By place; what is said twice about one place, through an alias, is said once. */
export function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const sorted = problems.toSorted(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
  const seen = new Set<string>();
  return sorted.filter((problem) => {
    const said = formatProblem(problem);
    if (seen.has(said)) return false;
    seen.add(said);
    return true;
  });
}

/** `file:line:column: warning: message`, as compilers print it. */
function formatWarning(warning: ConfigProblem): string {
  return formatProblem({ ...warning, message: `warning: ${warning.message}` });
}

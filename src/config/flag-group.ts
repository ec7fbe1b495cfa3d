import type { FileContent } from '../files/file-content.ts';
import { DEFAULT_GLOBAL_SETTINGS } from '../settings/global-settings.ts';
import type { ConfigResult } from './config.ts';
import { findWarnings } from './resolve/find-warnings.ts';
import type { ResolveContext } from './resolve/resolve-context.ts';
import { resolveGroups } from './resolve/resolve-groups.ts';
import { configSchema } from './schema/config-schema.ts';
import { parsePartially } from './schema/parse-partially.ts';
import { createNamedFiles } from './snapshot/named-files.ts';
import { pathText, type Path } from '../yaml/path.ts';
import type { PlainMap } from '../yaml/plain.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';

/** One group that a command line describes. */
export type FlagGroup = {
  /** The map of the group, as a configuration file would hold it; its paths start in the working directory. */
  readonly group: PlainMap;
  /** What a message calls the key under this path of the group: the flag that gave it. */
  readonly nameOf: (path: Path) => string;
  readonly readNamed: (path: string) => FileContent;
  /** As for a file; null or absent: unknown. */
  readonly openFileLimit?: number | null;
};

/**
 * A configuration of this one group, by the same rules as a file. Problems and warnings name flags instead of lines: each
 * message is a whole sentence, `file` is empty.
 */
export function resolveFlagGroup({ group, nameOf, readNamed, openFileLimit = null }: FlagGroup): ConfigResult {
  const source = sourceOf({ groups: [group] }, nameOf);
  const parsed = parsePartially(configSchema, source);
  const files = createNamedFiles('.', readNamed);
  const context: ResolveContext = { source, problems: [...parsed.problems], wrong: parsed.wrong, files };
  const resolved = resolveGroups(context, { global: {}, groups: parsed.value?.groups ?? [], targetLabels: [] });
  if (context.problems.length > 0) return { kind: 'invalid', problems: context.problems };
  const { maxConnectsPerSecond } = DEFAULT_GLOBAL_SETTINGS;
  const host = { openFileLimit, packetBacklog: null, maxConnectsPerSecond };
  const config = {
    global: DEFAULT_GLOBAL_SETTINGS,
    tracing: null,
    groups: resolved.map(({ settings }) => settings),
    warnings: findWarnings(source, resolved, host).map(({ message }) => message),
    maskedText: '',
    sha256: '',
    file: '',
    globalLines: new Map(),
  };
  return { kind: 'loaded', config };
}

/** `groups[0]` */
const GROUP_DEPTH = 2;

function sourceOf(root: PlainMap, nameOf: FlagGroup['nameOf']): YamlSource {
  const problemAt = (path: Path, message: string) => {
    const written = pathText(path);
    const isAboutKey = path.length > GROUP_DEPTH && message.startsWith(written);
    return {
      file: '',
      message: isAboutKey ? nameOf(path.slice(GROUP_DEPTH)) + message.slice(written.length) : message,
    };
  };
  return {
    file: '',
    text: '',
    root,
    problems: [],
    problemAt,
    problemAtKey: problemAt,
    has: (path) => isIn(root, path),
    writtenAt: () => null,
    scalarsOf: () => [],
  };
}

function isIn(value: unknown, [step, ...rest]: Path): boolean {
  if (step === undefined) return true;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
  return isIn((value as Readonly<Record<string | number, unknown>>)[step], rest);
}

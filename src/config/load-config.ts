import { dirname } from 'node:path';
import type { FileContent } from '../files/file-content.ts';
import { DEFAULT_GLOBAL_SETTINGS } from '../settings/global-settings.ts';
import type { Config, ConfigResult } from './config.ts';
import { formatWarning, sortProblems } from '../text/file-problem.ts';
import { configSchema } from './schema/config-schema.ts';
import { maskText } from './resolve/mask-text.ts';
import { namesIn } from './snapshot/names-in.ts';
import { createNamedFiles, type NamedFiles } from './snapshot/named-files.ts';
import { type ConfigSnapshot, namedFilesOf, shortSha256 } from './snapshot/config-snapshot.ts';
import { SnapshotReader, type SnapshotOrigin } from './snapshot/snapshot-reader.ts';
import { parsePartially } from './schema/parse-partially.ts';
import type { ResolveContext } from './resolve/resolve-context.ts';
import { resolveGroups } from './resolve/resolve-groups.ts';
import { resolveTargetLabels } from './resolve/resolve-target-labels.ts';
import { resolveTracingSection } from './resolve/resolve-tracing-section.ts';
import { misplacedKey } from './schema/misplaced-key.ts';
import { writtenLines } from './resolve/written-lines.ts';
import { findWarnings } from './resolve/find-warnings.ts';
import { readYaml, type YamlSource } from '../yaml/yaml-source.ts';

export type LoadOptions = {
  /** Descriptors this process may open, for the warning about too many peers; null or absent: unknown. */
  readonly openFileLimit?: number | null;
  /** net.core.netdev_max_backlog, for the warning about bursts of keepalive probes; null or absent: unknown. */
  readonly packetBacklog?: number | null;
  /** Every group counts as one with `hold: false`: its keys of a held connection, and the files that they name, do not matter. */
  readonly holdsNothing?: boolean;
};

/** Reads and checks a configuration file and the files it names, as `loadSnapshot` does. */
export async function loadConfig(origin: SnapshotOrigin, options: LoadOptions = {}): Promise<ConfigResult> {
  const reader = new SnapshotReader(origin, async (text, file) => namesIn(text, file));
  return loadSnapshot(await reader.read(), options);
}

/**
 * Checks what was read of a configuration file and of the files it names. All problems are given, in the order of their
 * places; an unreadable file is one of them. Never throws for anything in a file.
 */
export function loadSnapshot(snapshot: ConfigSnapshot, options: LoadOptions = {}): ConfigResult {
  const { file, content, text } = snapshot;
  if (text.kind === 'problem') return { kind: 'invalid', problems: [text.problem] };
  const source = readYaml(text.text, file);
  const sha256 = content.kind === 'read' ? shortSha256(content.bytes) : '';
  return resolveSource(source, { files: namedFilesOf(snapshot), sha256, ...options });
}

/** The same for a text that is already there; `file` names it in messages and is where relative paths start. */
export function parseConfig(text: string, file: string, readNamed: (path: string) => FileContent): ConfigResult {
  const files = createNamedFiles(dirname(file), readNamed);
  return resolveSource(readYaml(text, file), { files, sha256: shortSha256(Buffer.from(text)) });
}

type Origin = LoadOptions & { readonly files: NamedFiles; readonly sha256: string };

function resolveSource(
  source: YamlSource,
  { files, sha256, openFileLimit = null, packetBacklog = null, holdsNothing = false }: Origin,
): ConfigResult {
  if (source.root === undefined || source.root === null) {
    const empty = source.problemAt([], 'the file is empty; expected at least `groups: []`');
    return { kind: 'invalid', problems: source.problems.length > 0 ? sortProblems(source.problems) : [empty] };
  }
  const parsed = parsePartially(configSchema, source, misplacedKey);
  const context: ResolveContext = {
    source,
    problems: [...source.problems, ...parsed.problems],
    wrong: parsed.wrong,
    files,
  };
  const { global = {}, tracing, groups = [] } = parsed.value ?? {};
  const targetLabels = resolveTargetLabels(context, global.metrics?.target_labels ?? []);
  const resolved = resolveGroups(context, { global, groups, targetLabels, holdsNothing });
  const tracingSettings = tracing === undefined ? null : resolveTracingSection(context, tracing);
  if (context.problems.length > 0) return { kind: 'invalid', problems: sortProblems(context.problems) };
  const maxConnectsPerSecond = global.max_connects_per_second ?? DEFAULT_GLOBAL_SETTINGS.maxConnectsPerSecond;
  const host = { openFileLimit, packetBacklog, maxConnectsPerSecond, holdsNothing };
  const config: Config = {
    global: {
      maxConnectsPerSecond,
      maxConnections: global.max_connections ?? DEFAULT_GLOBAL_SETTINGS.maxConnections,
      detail: global.metrics?.detail ?? DEFAULT_GLOBAL_SETTINGS.detail,
      histograms: global.metrics?.histograms ?? DEFAULT_GLOBAL_SETTINGS.histograms,
      targetLabels,
    },
    tracing: tracingSettings,
    groups: resolved.map(({ settings, path }) => ({ ...settings, writtenLines: writtenLines(source, path) })),
    warnings: sortProblems(findWarnings(source, resolved, host)).map(formatWarning),
    maskedText: maskText(source),
    sha256,
    file: source.file,
    globalLines: writtenLines(source, ['global']),
  };
  return { kind: 'loaded', config };
}

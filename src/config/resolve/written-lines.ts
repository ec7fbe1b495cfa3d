import { isPlainMap, type Plain } from '../../yaml/plain.ts';
import type { Path } from '../../yaml/path.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';

/** On which line each key of a map of the file stands, from 1: `keepalive`, and `keepalive.idle` where it is a map itself. */
export function writtenLines(source: YamlSource, path: Path): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const addKeys = (map: Plain | undefined, at: Path, prefix: string): void => {
    if (!isPlainMap(map)) return;
    for (const [key, value] of Object.entries(map)) {
      const { line } = source.problemAtKey([...at, key], '');
      if (line !== undefined) lines.set(prefix + key, line);
      addKeys(value, [...at, key], `${prefix}${key}.`);
    }
  };
  addKeys(plainAt(source.root, path), path, '');
  return lines;
}

function plainAt(root: Plain | undefined, path: Path): Plain | undefined {
  return path.reduce<Plain | undefined>(
    (here, step) =>
      typeof here === 'object' && here !== null ? (here as Readonly<Record<string | number, Plain>>)[step] : undefined,
    root,
  );
}

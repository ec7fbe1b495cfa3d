import { z } from 'zod';
import { resolveRelabelRules, type PatternCheck } from '../../src/config/resolve/resolve-relabel-rules.ts';
import type { ResolveContext } from '../../src/config/resolve/resolve-context.ts';
import { createNamedFiles } from '../../src/config/snapshot/named-files.ts';
import { parsePartially } from '../../src/config/schema/parse-partially.ts';
import { relabelConfigsSchema } from '../../src/config/schema/relabel-configs.ts';
import type { Plain, PlainMap } from '../../src/yaml/plain.ts';
import { pathText, type Path } from '../../src/yaml/path.ts';
import type { YamlSource } from '../../src/yaml/yaml-source.ts';
import { compileRelabelRules } from '../../src/relabel/compile-relabel-rules.ts';
import type { OracleAnswer, WrittenChain } from './oracle.ts';

const schema = z.strictObject({ rules: relabelConfigsSchema });

/** What we make of a chain: checked as a configuration is, then applied. */
export function ourAnswer({ labels, rules }: WrittenChain, checkPattern: PatternCheck): OracleAnswer {
  const source = sourceOf(rules as unknown as readonly PlainMap[]);
  const parsed = parsePartially(schema, source);
  const files = createNamedFiles('.', () => ({ kind: 'unreadable', why: 'ENOENT' }));
  const context: ResolveContext = { source, problems: [...parsed.problems], wrong: parsed.wrong, files };
  const resolved = resolveRelabelRules(context, ['rules'], { written: parsed.value?.rules ?? [], checkPattern });
  if (context.problems.length > 0) {
    const places = context.problems.map(({ message }) => message);
    return { kind: 'refused', rules: rules.map((_, index) => places.some((text) => text.includes(`rules[${index}]`))) };
  }
  const result = compileRelabelRules(resolved).apply(labels);
  if (result.kind === 'refused') throw new Error(result.why);
  return result;
}

/** Values that no file holds. Numbers are written as they print; a bigint is what a file's digits are read as. */
function sourceOf(rules: readonly PlainMap[]): YamlSource {
  const written = ([, rule, key]: Path): string | null => {
    const value = rules[Number(rule)]?.[String(key)] ?? null;
    return typeof value === 'object' ? null : String(value);
  };
  const problemAt = (path: Path, message: string) => ({ file: '', message: `${pathText(path)}: ${message}` });
  return {
    file: '',
    text: '',
    root: {
      rules: rules.map((rule) => mapValues(rule, (value) => (typeof value === 'bigint' ? Number(value) : value))),
    },
    problems: [],
    problemAt,
    problemAtKey: problemAt,
    has: () => true,
    writtenAt: written,
    scalarsOf: () => [],
  };
}

function mapValues(map: PlainMap, to: (value: Plain) => Plain): PlainMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, to(value)]));
}

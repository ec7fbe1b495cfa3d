import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  DEEPEST,
  hasLayerTable,
  LINT_FILE,
  lintConfig,
  readLayers,
  replaceLayerTable,
} from '../../../scripts/layers.ts';
import { lintPlanted, ROOT } from './lint-planted.ts';

const LAYERS = readLayers(ROOT);
const FOLDERS = Object.entries(LAYERS.folders);
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

describe('what is generated from layers.json is up to date (else: npm run generate)', () => {
  test(LINT_FILE, () => {
    expect(read(LINT_FILE)).toBe(lintConfig(LAYERS));
  });

  test('the table in docs/architecture.md', () => {
    const page = read('docs/architecture.md');
    expect(hasLayerTable(page)).toBe(true);
    expect(replaceLayerTable(page, LAYERS)).toBe(page);
  });
});

/** Each import as it would be written in a file of `folder`, `depth` folders below it, and whether the table allows it. */
type Import = { readonly line: string; readonly allowed: boolean };

const ALL_PACKAGES = [...new Set(FOLDERS.flatMap(([, { packages = [] }]) => packages))];
/** How a package is imported: by name, and by a path within it. A scope is never imported by itself. */
const ways = (name: string) => (name.startsWith('@') ? [`${name}/a`, `${name}/a/b`] : [name, `${name}/a`]);
const DEPTHS = Array.from({ length: DEEPEST + 1 }, (_, depth) => depth);

function importsOfOurs(folder: string, up: string): readonly Import[] {
  const own = LAYERS.folders[folder]?.ours ?? [];
  return FOLDERS.filter(([name]) => name !== folder).flatMap(([name]) => {
    const whole = own.includes(name);
    const within = own.filter((path) => path.startsWith(`${name}/`));
    const typesOnly = !whole && LAYERS.typesForAll.includes(name);
    const identifier = name.replaceAll('-', '_');
    return [
      { line: `import '${up}${name}/a.ts';`, allowed: whole },
      { line: `import '${up}${name}/a/b.ts';`, allowed: whole },
      { line: `export * from '${up}${name}/c.ts';`, allowed: whole },
      { line: `export const d${identifier} = import('${up}${name}/d.ts');`, allowed: whole },
      { line: `export type { E as E${identifier} } from '${up}${name}/e.ts';`, allowed: whole || typesOnly },
      ...within.flatMap((path) => [
        { line: `import '${up}${path}/a.ts';`, allowed: true },
        { line: `import '${up}${path}/a/b.ts';`, allowed: true },
        { line: `import '${up}${path}x/a.ts';`, allowed: false },
      ]),
    ];
  });
}

function importsOfOthers(folder: string): readonly Import[] {
  const { packages = [], node, pure = false } = LAYERS.folders[folder] ?? { holds: '', ours: [] };
  const isAllowed = (name: string): boolean => !pure && (node === undefined || node.includes(name));
  const unscoped = packages.filter((name) => !name.startsWith('@'));
  const foreign = ['left-pad', '@someone/left-pad', 'fs', '#inside', ...unscoped.map((name) => `@someone/${name}`)];
  return [
    ...ALL_PACKAGES.flatMap(ways).map((path) => ({
      line: `import '${path}';`,
      allowed: packages.some((name) => path === name || path.startsWith(`${name}/`)),
    })),
    ...foreign.map((path) => ({ line: `import '${path}';`, allowed: false })),
    ...['crypto', 'fs', 'fs/promises'].map((name) => ({ line: `import 'node:${name}';`, allowed: isAllowed(name) })),
    { line: "import 'node:process';", allowed: false },
    { line: "import 'node:timers/promises';", allowed: folder === 'clock' },
    { line: "import 'node:perf_hooks';", allowed: folder === 'clock' },
  ];
}

function importsWithin(folder: string, depth: number): readonly Import[] {
  const toFolder = '../'.repeat(depth);
  const siblings = { line: `import '${toFolder}sibling/a.ts';`, allowed: LAYERS.folders[folder]?.apart !== true };
  return [
    { line: "import './a.ts';", allowed: true },
    { line: "import './a/b.ts';", allowed: true },
    ...(depth === 0 ? [] : [{ line: `import '${toFolder}a.ts';`, allowed: true }, siblings]),
  ];
}

/** Every import worth a question, for a file of this folder at this depth. */
function questions(folder: string, depth: number): readonly Import[] {
  const up = '../'.repeat(depth + 1);
  return [
    ...importsOfOurs(folder, up),
    ...importsOfOthers(folder),
    ...importsWithin(folder, depth),
    { line: `import '${up}main.ts';`, allowed: false },
    { line: `import '${up}a.ts';`, allowed: false },
    { line: `import '${up}../a.ts';`, allowed: false },
  ];
}

const planted = (folder: string, depth: number) => `src/${folder}/${'deep/'.repeat(depth)}planted.ts`;
let refused: ReadonlySet<string>;

beforeAll(() => {
  const files = new Map<string, string>();
  for (const [folder] of FOLDERS)
    for (const depth of DEPTHS) {
      const lines = questions(folder, depth).map(({ line }) => line);
      files.set(planted(folder, depth), `${lines.join('\n')}\n`);
    }
  const complaints = lintPlanted(files).filter(({ rule }) => rule === 'no-restricted-imports');
  refused = new Set(complaints.map(({ file, line }) => `${file}:${line}`));
}, 60_000);

describe.each(FOLDERS)('src/%s', (folder, { ours }) => {
  test.each(DEPTHS)(`may import ${ours.join(', ') || 'nothing of ours'}, and no more (%i folders down)`, (depth) => {
    const wrong = questions(folder, depth).filter(
      ({ allowed }, index) => refused.has(`${planted(folder, depth)}:${index + 1}`) === allowed,
    );
    expect(wrong).toEqual([]);
  });
});

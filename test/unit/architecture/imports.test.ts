import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEEPEST, readLayers } from '../../../scripts/layers.ts';
import { ROOT } from './lint-planted.ts';

const LAYERS = readLayers(ROOT);
const FILES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .toSorted();

/** Files of `src/` that one of them imports, types included. */
function importsOf(file: string): readonly string[] {
  return importsIn(readFileSync(join(ROOT, 'src', file), 'utf8'), file);
}

function importsIn(text: string, file: string): readonly string[] {
  const found = text.matchAll(/\bfrom\s+'(\.[^']+)'|\bimport\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, from, bare]) => posix.join(posix.dirname(file), from ?? bare ?? ''));
}

/** A way from a file back to itself; null when there is none. The linter sees none that goes over types. */
function cycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...path, file]);
      if (found !== null) return found;
    }
    finished.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found !== null) return found;
  }
  return null;
}

describe('imports', () => {
  test('of every form are found, and resolved', () => {
    const text = [
      "import { a } from './a.ts';",
      "import {\n  type B,\n} from '../b/b.ts';",
      "export type { C } from './c.ts';",
      "import './d.ts';",
      "const e = await import('../e.ts');",
      "type F = import('./f.ts').F;",
      "import { g } from 'node:g';",
    ].join('\n');
    expect(importsIn(text, 'web/routes/x.ts')).toEqual([
      'web/routes/a.ts',
      'web/b/b.ts',
      'web/routes/c.ts',
      'web/routes/d.ts',
      'web/e.ts',
      'web/routes/f.ts',
    ]);
  });

  test('lead to files that are there', () => {
    expect(FILES.flatMap(importsOf).filter((target) => !FILES.includes(target))).toEqual([]);
  });

  test('go in no circle, types included', () => {
    expect(cycle(new Map(FILES.map((file) => [file, importsOf(file)])))).toBeNull();
  });

  test('that went in a circle would be found', () => {
    const circle = { a: ['b', 'c'], b: ['c'], c: ['d'], d: ['b'] };
    expect(cycle(new Map(Object.entries(circle)))).toEqual(['b', 'c', 'd', 'b']);
    expect(cycle(new Map(Object.entries({ a: ['b', 'c'], b: ['c'], c: [] })))).toBeNull();
  });
});

test('every folder of src stands in layers.json', () => {
  const folders = new Set(FILES.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
  expect([...folders].filter((name) => !Object.hasOwn(LAYERS.folders, name ?? ''))).toEqual([]);
});

test('main.ts is the only file beside the folders', () => {
  expect(FILES.filter((file) => !file.includes('/'))).toEqual(['main.ts']);
});

test('no file lies deeper than the lint rules reach', () => {
  expect(FILES.filter((file) => file.split('/').length - 2 > DEEPEST)).toEqual([]);
});

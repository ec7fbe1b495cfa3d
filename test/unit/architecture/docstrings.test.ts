import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './lint-planted.ts';

/** What everything else is built on, and so is read without its source. */
const FOLDERS = ['settings', 'text', 'clock', 'domain', 'os', 'explanations', 'protocols', 'events'];

/** The exports that no docstring stands before. A list of what other files export needs none. */
function bareExports(text: string): readonly string[] {
  const lines = text.split('\n');
  const isExport = /^export (?:async )?(?:type|function\*?|const|class) (\w+)/;
  return lines.flatMap((line, index) => {
    const name = isExport.exec(line)?.[1];
    return name === undefined || lines[index - 1]?.endsWith('*/') === true ? [] : [name];
  });
}

describe('an export says what it promises', () => {
  test.each(FOLDERS)('in src/%s', (folder) => {
    const files = readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' });
    const found = files
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) =>
        bareExports(readFileSync(join(ROOT, 'src', folder, name), 'utf8')).map((bare) => `${name} ${bare}`),
      );
    expect(files.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });

  test('else it would be found', () => {
    const text = [
      'export type A = 1;',
      '/** Documented. */',
      'export const b = 1;',
      'export function c() {}',
      'export async function d() {}',
      '',
      'export class E {}',
      "export { f } from './f.ts';",
      'const g = 1;',
    ];
    expect(bareExports(text.join('\n'))).toEqual(['A', 'c', 'd', 'E']);
  });
});

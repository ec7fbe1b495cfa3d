import { beforeAll, describe, expect, test } from 'vitest';
import { lintPlanted } from './lint-planted.ts';

/** Faults that are faults in any folder but the one that is made for it. */
const FAULTS = {
  'a timer': { rule: 'no-restricted-globals', text: 'setTimeout(() => {}, 1);\nexport {};\n' },
  'the time of day': { rule: 'no-restricted-properties', text: 'export const now = Date.now();\n' },
  'the monotonic clock': { rule: 'no-restricted-globals', text: 'export const now = performance.now();\n' },
  'timers as a module': {
    rule: 'no-restricted-imports',
    text: "export { setTimeout as sleep } from 'node:timers/promises';\n",
  },
  chance: { rule: 'no-restricted-properties', text: 'export const chance = Math.random();\n' },
  process: { rule: 'no-restricted-globals', text: 'export const id = process.pid;\n' },
  'process as a module': { rule: 'no-restricted-imports', text: "export { pid } from 'node:process';\n" },
  'a default export': { rule: 'no-default-export', text: 'export default 1;\n' },
  'an empty catch': { rule: 'no-empty', text: 'export function f(): void {\n  try {\n    f();\n  } catch {}\n}\n' },
  'a promise left alone': {
    rule: 'no-floating-promises',
    text: 'async function f(): Promise<void> {}\nf();\nexport {};\n',
  },
  'a switch with a hole': {
    rule: 'switch-exhaustiveness-check',
    text: "export function f(a: 'x' | 'y'): number {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n  return 2;\n}\n",
  },
  'a module imported twice': {
    rule: 'no-duplicates',
    text: "import { a } from './b.ts';\nimport type { A } from './b.ts';\nexport const c: A = a;\n",
  },
  any: { rule: 'no-explicit-any', text: 'export const a: any = 1;\n' },
} as const;
const FAULTY_FOLDERS = ['domain', 'connections', 'commands'];
const faultFile = (name: string, folder: string) => `src/${folder}/fault-${name.replaceAll(' ', '-')}.ts`;

/** Everything that is wrong, as `FILE RULE`. */
let complaints: ReadonlySet<string>;

beforeAll(() => {
  const files = new Map<string, string>([
    ['src/domain/Shouting.ts', 'export const a = 1;\n'],
    ['src/clock/real.ts', 'setTimeout(() => {}, Date.now() + performance.now());\nexport {};\n'],
    ['src/main.ts', "import 'yaml';\nimport './web/b.ts';\nexport const id = process.pid;\n"],
    ['src/web/b.ts', 'export const a = 1;\nexport type A = number;\n'],
  ]);
  for (const folder of FAULTY_FOLDERS) {
    files.set(`src/${folder}/b.ts`, 'export const a = 1;\nexport type A = number;\n');
    for (const [name, { text }] of Object.entries(FAULTS)) files.set(faultFile(name, folder), text);
  }
  complaints = new Set(lintPlanted(files).map(({ file, rule }) => `${file} ${rule}`));
}, 60_000);

describe.each(Object.entries(FAULTS))('%s is refused', (name, { rule }) => {
  test.each(FAULTY_FOLDERS)('in src/%s', (folder) => {
    expect(complaints).toContain(`${faultFile(name, folder)} ${rule}`);
  });
});

test('a file name in capitals is refused', () => {
  expect(complaints).toContain('src/domain/Shouting.ts filename-case');
});

test('what is made for it may: the clock has time, main has the process, but no package', () => {
  const ofThese = [...complaints].filter((complaint) => /^src\/(clock\/real|main)\.ts /.test(complaint));
  expect(ofThese).toEqual(['src/main.ts no-restricted-imports']);
});

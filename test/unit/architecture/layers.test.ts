import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The layer table of CONTRIBUTING.md: what of ours each folder may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  clock: [],
  kernel: [],
  config: ['domain', 'clock'],
  discovery: ['domain', 'clock'],
  protocols: ['domain', 'clock'],
  connections: ['domain', 'clock', 'kernel', 'protocols'],
  events: ['domain'],
  sinks: ['domain', 'events'],
  web: ['domain'],
  demo: ['clock'],
  commands: ['domain', 'clock', 'config', 'events', 'demo', 'exporter.ts'],
};
/** Packages that one folder alone may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  koffi: ['kernel'],
  yaml: ['config'],
  zod: ['config'],
  express: ['web'],
  bcryptjs: ['web'],
  'prom-client': ['sinks'],
  '@opentelemetry/api': ['sinks'],
};
const FOLDERS = Object.keys(MAY_IMPORT);
const TARGETS = [...FOLDERS, 'exporter.ts', 'main.ts'];

type Planted = { readonly file: string; readonly text: string };

/** Everything that is wrong in planted files, by file and rule. One run of the linter for all of them. */
let complaints: ReadonlySet<string>;
let copy: string;

const imports = (from: string, target: string): Planted => {
  const source = target.endsWith('.ts') ? `../${target}` : `../${target}/planted.ts`;
  return { file: `src/${from}/to-${target.replace('.ts', '')}.ts`, text: `export * from '${source}';\n` };
};
const deeply = (from: string, target: string): Planted => {
  const { file, text } = imports(from, target);
  return { file: file.replace(`src/${from}/`, `src/${from}/deep/`), text: text.replace("'../", "'../../") };
};
const packageImport = (from: string, name: string): Planted => ({
  file: `src/${from}/uses-${name.replace(/\W+/g, '-').replace(/^-/, '')}.ts`,
  text: `export * from '${name}';\n`,
});

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
  any: { rule: 'no-explicit-any', text: 'export const a: any = 1;\n' },
} as const;
const faultFile = (name: string, folder: string) => `src/${folder}/fault-${name.replaceAll(' ', '-')}.ts`;
const FAULTY_FOLDERS = ['domain', 'connections', 'commands'];

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'finrst-layers-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
    copyFileSync(join(ROOT, file), join(copy, file));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const planted = [
    ...FOLDERS.flatMap((from) => TARGETS.flatMap((target) => [imports(from, target), deeply(from, target)])),
    ...FOLDERS.flatMap((from) => Object.keys(PACKAGES).map((name) => packageImport(from, name))),
    packageImport('domain', 'node:fs'),
    ...FAULTY_FOLDERS.flatMap((folder) =>
      Object.entries(FAULTS).map(([name, { text }]) => ({ file: faultFile(name, folder), text })),
    ),
    { file: 'src/domain/Shouting.ts', text: 'export const a = 1;\n' },
    { file: 'src/daemon/daemon.ts', text: "export * from './commands/planted.ts';\n" },
    { file: 'src/clock/real.ts', text: 'setTimeout(() => {}, Date.now() + performance.now());\nexport {};\n' },
    { file: 'src/main.ts', text: 'export const id = process.pid;\n' },
  ];
  for (const { file, text } of planted) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  const run = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--type-aware', '--format=json', 'src'], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { diagnostics } = JSON.parse(run.stdout) as {
    readonly diagnostics: readonly { code: string; filename: string }[];
  };
  complaints = new Set(diagnostics.map(({ code, filename }) => `${filename} ${/\((.*)\)/.exec(code)?.[1] ?? code}`));
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true }));

const banned = (file: string) => complaints.has(`${file} no-restricted-imports`);

describe.each(FOLDERS)('src/%s', (from) => {
  const allowed = MAY_IMPORT[from] ?? [];

  test(`may import ${allowed.join(', ') || 'nothing else of ours'}, and nothing but that`, () => {
    const others = TARGETS.filter((target) => target !== from);
    const letThrough = others.filter((target) => !banned(imports(from, target).file));
    expect(letThrough.toSorted()).toEqual(allowed.toSorted());
  });

  test('is held to it in its subfolders too', () => {
    const others = TARGETS.filter((target) => target !== from);
    // The domain has no subfolders: there everything above is foreign.
    const expected = from === 'domain' ? [] : allowed;
    expect(others.filter((target) => !banned(deeply(from, target).file)).toSorted()).toEqual(expected.toSorted());
  });

  test('imports only packages of its own', () => {
    const letThrough = Object.keys(PACKAGES).filter((name) => !banned(packageImport(from, name).file));
    const own = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.includes(from));
    expect(letThrough).toEqual(own);
  });
});

describe.each(Object.entries(FAULTS))('%s is refused', (name, { rule }) => {
  test.each(FAULTY_FOLDERS)('in src/%s', (folder) => {
    expect(complaints).toContain(`${faultFile(name, folder)} ${rule}`);
  });
});

test('the domain does not know the runtime', () => {
  expect(banned('src/domain/uses-node-fs.ts')).toBe(true);
});

test('a file name in capitals is refused', () => {
  expect(complaints).toContain('src/domain/Shouting.ts filename-case');
});

test('the exporter does not know the commands', () => {
  expect(banned('src/daemon/daemon.ts')).toBe(true);
});

test('the rooms that are made for it may: the clock has time, main has the process', () => {
  const said = [...complaints].filter((complaint) => /^src\/(clock\/real|main)\.ts /.test(complaint));
  expect(said).toEqual([]);
});

test('every folder of src stands in the table', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders) expect(FOLDERS).toContain(name);
});

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MAIN } from './finrst-process.ts';
import { scratchFolder } from './scratch.ts';

const LAUNCHER = fileURLToPath(new URL('../../scripts/launch.cjs', import.meta.url));

/** A Node.js on this machine that is too old for Finrst. */
const oldNode = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file))
  .find((file) => Number.parseInt(spawnSync(file, ['-p', 'process.versions.node']).stdout.toString(), 10) < 24);

/** The launcher in a folder of its own, which asks for this Node.js and has these other files. */
function launcherThatNeeds(engines: string, files: Readonly<Record<string, string>>): string {
  const folder = scratchFolder();
  const all = { 'package.json': JSON.stringify({ engines: { node: engines } }), '.node-version': '99.1.2\n', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(LAUNCHER, join(folder, 'scripts/launch.cjs'));
  return join(folder, 'scripts/launch.cjs');
}
const launch = (launcher: string, args: readonly string[]) =>
  spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8' });

describe('"engines" decides which Node.js runs', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const brought = `.node/99.1.2/node_modules/node-linux-${process.arch}/bin/node`;
  const files = { [brought]: '#!/bin/sh\necho "brought: $*"\n' };

  test.each([
    ['the same version', `>=${major}.${minor}.0`],
    ['an older minor version', `>=${major - 1}.${minor + 1}.0`],
  ])('%s is asked for: this one does', (_, engines) => {
    expect(launch(launcherThatNeeds(engines, files), ['-p', '"own"']).stdout).toBe('own\n');
  });

  test.each([
    ['a newer minor version', `>=${major}.${minor + 1}.0`],
    ['a newer major version', `>=${major + 1}.0.0`],
  ])('%s is asked for: the one of .node-version', (_, engines) => {
    expect(launch(launcherThatNeeds(engines, files), ['-p', '"own"']).stdout).toBe('brought: -p "own"\n');
  });
});

describe('what an old npm left out', () => {
  const forUs = { optional: true, os: [process.platform], cpu: [process.arch], engines: { node: '>=22' } };
  const packages = {
    '': {},
    'node_modules/tool': {},
    'node_modules/@tool/ours': forUs,
    'node_modules/@tool/there': forUs,
    'node_modules/@tool/other-system': { ...forUs, os: ['aix'] },
    'node_modules/@tool/other-processor': { ...forUs, cpu: ['mips'] },
    'node_modules/@tool/other-library': { ...forUs, libc: ['another'] },
    'node_modules/@tool/plain': { optional: true },
  };
  const setUp = (npm: string) =>
    launcherThatNeeds('>=24.5.0', {
      'package-lock.json': JSON.stringify({ packages }),
      'node_modules/tool/run.cjs': 'console.log("the tool runs")',
      'node_modules/@tool/there/package.json': '{}',
      'src/ours.cjs': 'console.log("ours runs")',
      'npm.cjs': npm,
    });
  const start = (launcher: string, program: string) => {
    const folder = join(dirname(launcher), '..');
    const npm = join(folder, 'npm.cjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, program], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, npm_execpath: npm },
    });
    return { status, stdout, stderr };
  };
  const INSTALL =
    "require('node:fs').mkdirSync('node_modules/@tool/ours'); console.error('npm', process.argv.slice(2).join(' '))";
  const REPORT = 'npm left out @tool/ours: installing once more with a newer Node.js\n';

  test('is installed before one of our tools starts, once', () => {
    const launcher = setUp(INSTALL);
    expect(start(launcher, 'node_modules/tool/run.cjs')).toEqual({
      status: 0,
      stdout: 'the tool runs\n',
      stderr: `${REPORT}npm install --no-save\n`,
    });
    expect(start(launcher, 'node_modules/tool/run.cjs').stderr).toBe('');
  });

  test('is not missed by Finrst itself', () => {
    expect(start(setUp(INSTALL), 'src/ours.cjs')).toEqual({ status: 0, stdout: 'ours runs\n', stderr: '' });
  });

  test('that cannot be installed is reported, and nothing is started', () => {
    expect(start(setUp('process.exit(1)'), 'node_modules/tool/run.cjs')).toEqual({
      status: 2,
      stdout: '',
      stderr: `${REPORT}Could not install what was left out. Run \`npm ci\` with a newer Node.js.\n`,
    });
  });
});

test('on a Node.js that is new enough the launcher uses it as it is, and hands the exit code on', () => {
  const run = spawnSync(process.execPath, [LAUNCHER, '-e', 'console.log(process.execPath); process.exit(7)'], {
    encoding: 'utf8',
  });
  expect(run.stdout.trim()).toBe(process.execPath);
  expect(run.stderr).toBe('');
  expect(run.status).toBe(7);
});

test('the program itself is started with the flags that bound its memory, a tool without', () => {
  const print = 'console.log(process.execArgv.join(), process.env.MALLOC_ARENA_MAX)';
  const files = { 'src/main.ts': print, 'tool.cjs': print };
  const launcher = launcherThatNeeds('>=24.5.0', files);
  const startIn = (program: string, own: NodeJS.ProcessEnv = {}) => {
    const env = { ...process.env, MALLOC_ARENA_MAX: undefined, ...own };
    const cwd = join(dirname(launcher), '..');
    return spawnSync(process.execPath, [launcher, program], { encoding: 'utf8', cwd, env }).stdout;
  };
  expect(startIn('src/main.ts')).toBe('--max-semi-space-size=8 2\n');
  expect(startIn('src/main.ts', { MALLOC_ARENA_MAX: '4' })).toBe('--max-semi-space-size=8 4\n');
  expect(startIn('tool.cjs')).toBe(' undefined\n');
});

test('a signal that ended the program ends the launcher the same way', () => {
  const run = spawnSync(process.execPath, [
    LAUNCHER,
    '-e',
    'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 9e4)',
  ]);
  expect(run.signal).toBe('SIGTERM');
});

test.skipIf(oldNode === undefined)('an old Node.js (none is on this machine when skipped) starts a new one', () => {
  const run = spawnSync(oldNode ?? '', [LAUNCHER, '-p', 'process.versions.node + " " + process.env.PATH'], {
    encoding: 'utf8',
  });
  expect(Number.parseInt(run.stdout, 10)).toBeGreaterThanOrEqual(24);
  expect(run.stdout).toContain('/.node/');
  expect(run.status).toBe(0);
});

test.skipIf(oldNode === undefined)(
  'main says clearly that an old Node.js (none here when skipped) is too old, exit 2',
  () => {
    const folder = scratchFolder();
    const compiled = join(folder, 'dist/main.mjs');
    mkdirSync(dirname(compiled));
    copyFileSync(join(dirname(MAIN), '../package.json'), join(folder, 'package.json'));
    writeFileSync(compiled, stripTypeScriptTypes(readFileSync(MAIN, 'utf8')));
    const run = spawnSync(oldNode ?? '', [compiled, '--version'], { encoding: 'utf8' });
    expect(run.stderr).toMatch(/^finrst needs Node\.js 24\.5 or newer, this is \d+\.\d+\.\d+\n$/);
    expect(run.stdout).toBe('');
    expect(run.status).toBe(2);
  },
);

// Vitest itself does not start on anything older than 20, and says so in its own words.
const startsVitest =
  oldNode !== undefined && spawnSync(oldNode, ['-p', 'process.versions.node']).stdout.toString() >= '20';
test.skipIf(!startsVitest)('Node.js 20 or 22 (none here when skipped) is told how to run vitest', () => {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const run = spawnSync(oldNode ?? '', [vitest, 'run', 'test/unit/domain/backoff.test.ts'], { encoding: 'utf8' });
  expect(run.stderr).toMatch(/^The tests need Node\.js 24\.5 or newer, this is \S+\. Use: npm test -- FILE$/m);
  expect(run.status).toBe(2);
});

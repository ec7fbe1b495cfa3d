import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MAIN } from './finrst-process.ts';
import { scratchFolder } from './scratch.ts';

const LAUNCHER = fileURLToPath(new URL('../../scripts/launch.cjs', import.meta.url));

/** A Node.js on this machine that is too old for Finrst. */
const oldNode = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file))
  .find((file) => Number.parseInt(spawnSync(file, ['-p', 'process.versions.node']).stdout.toString(), 10) < 24);

test('on a Node.js that is new enough the launcher uses it as it is, and hands the exit code on', () => {
  const run = spawnSync(process.execPath, [LAUNCHER, '-e', 'console.log(process.execPath); process.exit(7)'], {
    encoding: 'utf8',
  });
  expect(run.stdout.trim()).toBe(process.execPath);
  expect(run.stderr).toBe('');
  expect(run.status).toBe(7);
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
    const compiled = join(scratchFolder(), 'main.mjs');
    writeFileSync(compiled, stripTypeScriptTypes(readFileSync(MAIN, 'utf8')));
    const run = spawnSync(oldNode ?? '', [compiled, '--version'], { encoding: 'utf8' });
    expect(run.stderr).toMatch(/^finrst needs Node\.js 24 or newer, this is \d+\.\d+\.\d+\n$/);
    expect(run.stdout).toBe('');
    expect(run.status).toBe(2);
  },
);

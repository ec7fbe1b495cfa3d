import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lackOf } from '../deploy/lack-of.ts';
import { runToEnd } from './run-to-end.ts';

const ROOT = join(import.meta.dirname, '../..');
const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
const OLDEST = engines.node.replace('>=', '');
/** By hand, so that a new Node.js fails nobody's unrelated change. */
const NEWEST = '26.10.0';
/** All of `npm test` but e2e, whose processes are the same code once more: it takes a third of the time. */
const PROJECTS = ['unit', 'socket', 'contract'];

const lack = lackOf(['npm']);

describe.skipIf(lack.skip)(`the tests${lack.note}`, () => {
  test.each([
    [OLDEST, 'the oldest that is allowed'],
    [NEWEST, 'the newest'],
  ])('pass on Node.js %s, %s', async (version) => {
    const folder = install(`node-linux-${process.arch}`, version);
    // As on a machine where this is the only Node.js; and not as part of this run.
    const own = Object.entries(process.env).filter(([name]) => !/^(vitest|npm_|test$|node_env$)/i.test(name));
    const env = { ...Object.fromEntries(own), PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
    const vitest = ['scripts/launch.cjs', 'node_modules/vitest/vitest.mjs', 'run'];
    const projects = PROJECTS.flatMap((name) => ['--project', name]);
    expect(execFileSync('node', ['--version'], { env, encoding: 'utf8' })).toBe(`v${version}\n`);
    const { status, output } = await runToEnd('node', [...vitest, ...projects], { cwd: ROOT, env });
    expect(output).toMatch(/^ *Tests +\d+ passed/m);
    expect(status).toBe(0);
  });
});

/** The folder of the binary that this npm package carries. */
function install(name: string, version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'node_modules', name, 'bin');
}

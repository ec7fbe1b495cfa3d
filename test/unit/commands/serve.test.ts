import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import type { StartResult } from '../../../src/settings/start-result.ts';
import type { ReadFile } from '../../../src/files/file-content.ts';
import { settled } from '../../support/fake-clock.ts';
import { createFakeRuntime, type FakeRuntime } from '../../support/fake-runtime.ts';

let folder: string;
let good: string;
let bad: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finrst-serve-'));
  good = join(folder, 'good.yml');
  bad = join(folder, 'bad.yml');
  writeFileSync(good, 'groups:\n  - name: g\n    static_configs:\n      - targets: ["127.0.0.1:1"]\n');
  writeFileSync(bad, 'groups:\n  - nam: g\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a signal stops the daemon within the given time, and the exit is 0', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, [`--config.file=${good}`, '--shutdown.timeout=3s']);
  await settled();
  runtime.send('SIGTERM');
  expect(await exit).toBe(0);
  expect(runtime.asked).toEqual(['create', 'start', 'stop SIGTERM 3000']);
  expect(runtime.clock.pending).toBe(0);
});

test('flags reach the daemon and the log', async () => {
  const runtime = createFakeRuntime();
  const flags = [
    '--log.level=warn',
    '--log.format=json',
    '--web.listen-address=127.0.0.1:0',
    '--web.listen-address=[::1]:0',
  ];
  const web = ['--web.external-url=https://proxy.test/finrst/', '--web.telemetry-path=/m', '--web.enable-lifecycle'];
  const exit = runCommandLine(runtime, ['serve', `--config.file=${good}`, ...flags, ...web]);
  await settled();
  runtime.send('SIGINT');
  await exit;
  const log = runtime.daemons[0]?.sinks['log'];
  log?.process?.({ type: 'stopping', at: 0, signal: 'SIGINT' });
  log?.process?.({ type: 'warned', at: 0, level: 'warn', message: 'a warning' });
  expect(runtime.logLines).toEqual(['{"ts":"1970-01-01T00:00:00.000Z","level":"warn","msg":"a warning"}']);
  expect(runtime.daemons[0]?.web).toEqual({
    listenAddresses: ['127.0.0.1:0', '[::1]:0'],
    webConfigFile: null,
    telemetryPath: '/m',
    externalUrl: 'https://proxy.test/finrst/',
    routePrefix: '/finrst/',
    enableLifecycle: true,
  });
});

test('SIGHUP reloads, also one that comes while the daemon still starts', async () => {
  const started = Promise.withResolvers<StartResult>();
  const runtime = createFakeRuntime({ start: async () => started.promise });
  const exit = runCommandLine(runtime, [`--config.file=${good}`]);
  await settled();
  runtime.send('SIGHUP');
  expect(runtime.asked).toEqual(['create', 'start']);
  started.resolve({ kind: 'started', listening: [] });
  await settled();
  expect(runtime.asked).toEqual(['create', 'start', 'reload byHand']);
  runtime.send('SIGHUP');
  runtime.send('SIGTERM');
  await exit;
  expect(runtime.asked).toEqual(['create', 'start', 'reload byHand', 'reload byHand', 'stop SIGTERM 10000']);
});

test('a signal during the start is not lost', async () => {
  const started = Promise.withResolvers<StartResult>();
  const runtime = createFakeRuntime({ start: async () => started.promise });
  const exit = runCommandLine(runtime, [`--config.file=${good}`]);
  await settled();
  runtime.send('SIGTERM');
  started.resolve({ kind: 'started', listening: [] });
  expect(await exit).toBe(0);
  expect(runtime.asked.at(-1)).toBe('stop SIGTERM 10000');
});

/** Lets time go by in steps; each look at the file ends before the next. */
async function pass(runtime: FakeRuntime, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    runtime.clock.advance(500);
    await settled();
  }
}

const reloadsOf = ({ asked }: FakeRuntime) => asked.filter((what) => what.startsWith('reload '));

test('a changed file is loaded by itself, once it holds still', async () => {
  const file = join(folder, 'changing.yml');
  writeFileSync(file, 'groups: []\n');
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, [`--config.file=${file}`, '--config.auto-reload-interval=5s']);
  await settled();
  await pass(runtime, 20_000);
  expect(reloadsOf(runtime)).toEqual([]);
  writeFileSync(file, 'groups: [] # changed\n');
  await pass(runtime, 5500);
  expect(reloadsOf(runtime)).toEqual(['reload fileChanged']);
  await pass(runtime, 60_000);
  expect(reloadsOf(runtime)).toEqual(['reload fileChanged']);
  rmSync(file);
  await pass(runtime, 60_000);
  expect(runtime.logLines).toEqual([
    expect.stringMatching(/level=error msg="the configuration file cannot be read.* why="it does not exist"/),
  ]);
  runtime.send('SIGTERM');
  await exit;
  expect(runtime.clock.pending).toBe(0);
});

test('a reload by hand is not done again by the watcher', async () => {
  const file = join(folder, 'by-hand.yml');
  writeFileSync(file, 'groups: []\n');
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, [`--config.file=${file}`]);
  await settled();
  writeFileSync(file, 'groups: [] # changed\n');
  runtime.send('SIGHUP');
  await settled();
  await pass(runtime, 60_000);
  expect(reloadsOf(runtime)).toEqual(['reload byHand']);
  runtime.send('SIGTERM');
  await exit;
});

test('a file that changes back while its change is being loaded is loaded once more', async () => {
  const file = join(folder, 'there-and-back.yml');
  writeFileSync(file, 'groups: []\n');
  const runtime = createFakeRuntime();
  const texts = ['groups: [] # changed\n'];
  // The first read of a reload finds the change; the file has its old content again before anyone else looks.
  const readFile: ReadFile = async () => ({ kind: 'read', bytes: Buffer.from(texts.shift() ?? 'groups: []\n') });
  const exit = runCommandLine(
    {
      ...runtime,
      readFile: async (path) => (reloadsOf(runtime).length > 0 ? readFile(path) : runtime.readFile(path)),
    },
    [`--config.file=${file}`, '--config.auto-reload-interval=5s'],
  );
  await settled();
  runtime.send('SIGHUP');
  await settled();
  await pass(runtime, 5500);
  expect(reloadsOf(runtime)).toEqual(['reload byHand', 'reload fileChanged']);
  runtime.send('SIGTERM');
  await exit;
});

test('a signal while the configuration is being read ends it at once', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine({ ...runtime, readFile: () => new Promise(() => {}) }, [`--config.file=${good}`]);
  runtime.send('SIGTERM');
  expect(await exit).toBe(0);
  expect(runtime.asked).toEqual([]);
});

test('a port that cannot be opened is exit 1 and logged', async () => {
  const runtime = createFakeRuntime({
    start: async () => ({ kind: 'failed', problem: 'cannot listen on :10346: the address is in use' }),
  });
  expect(await runCommandLine(runtime, [`--config.file=${good}`])).toBe(1);
  expect(runtime.logLines).toEqual([
    expect.stringContaining('level=error msg="could not start: cannot listen on :10346: the address is in use"'),
  ]);
  expect(runtime.clock.pending).toBe(0);
});

test('a bug at the start is thrown, not reported as a start that failed', async () => {
  const runtime = createFakeRuntime({ start: async () => Promise.reject(new TypeError('a bug')) });
  await expect(runCommandLine(runtime, [`--config.file=${good}`])).rejects.toThrow('a bug');
  expect(runtime.logLines).toEqual([]);
});

test('a shutdown that is stuck is exit 1 shortly after its deadline', async () => {
  const runtime = createFakeRuntime({ stop: async () => new Promise(() => {}) });
  const exit = runCommandLine(runtime, [`--config.file=${good}`, '--shutdown.timeout=2s']);
  await settled();
  runtime.send('SIGTERM');
  await settled();
  runtime.clock.advance(2250);
  expect(await exit).toBe(1);
  expect(runtime.logLines).toEqual([expect.stringContaining('the shutdown took longer than --shutdown.timeout')]);
});

test('a bad configuration is exit 2 with every problem, and nothing is started', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, [`--config.file=${bad}`])).toBe(2);
  expect(runtime.printedErrors.length).toBeGreaterThan(0);
  for (const line of runtime.printedErrors) expect(line).toMatch(/bad\.yml:\d+:\d+: ./);
  expect(runtime.asked).toEqual([]);
  expect(runtime.clock.pending).toBe(0);
});

test('a bad web configuration is exit 2 too', async () => {
  const web = join(folder, 'web.yml');
  writeFileSync(web, 'tls_server_confi: {}\n');
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, [`--config.file=${good}`, `--web.config.file=${web}`])).toBe(2);
  expect(runtime.printedErrors.join('\n')).toMatch(/web\.yml:1:1: .*tls_server_confi/);
});

test('--config.check prints what it found and starts nothing', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, [`--config.file=${good}`, '--config.check'])).toBe(0);
  expect(runtime.printed.join('\n')).toContain('1 peer');
  expect(await runCommandLine(runtime, [`--config.file=${bad}`, '--config.check'])).toBe(1);
  expect(runtime.printedErrors.length).toBeGreaterThan(0);
  expect(runtime.asked).toEqual([]);
});

test('check gives 0 for good files and 1 when one is bad', async () => {
  expect(await runCommandLine(createFakeRuntime(), ['check', good])).toBe(0);
  expect(await runCommandLine(createFakeRuntime(), ['check', good, bad])).toBe(1);
});

test.each([
  { args: ['check'], last: (file: string) => file },
  { args: ['--config.check'], last: (file: string) => `--config.file=${file}` },
])('$args looks at a web configuration too: its warnings are no fault, its problems are', async ({ args, last }) => {
  const web = join(folder, 'web.yml');
  const hash = 'a'.repeat(53);
  writeFileSync(web, `basic_auth_users:\n  a: $2y$10$${hash}\n  b: $2y$12$${hash}\n`);
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, [...args, `--web.config.file=${web}`, last(good)])).toBe(0);
  expect(runtime.printed).toContain(`${web}: ok, 2 users`);
  expect(runtime.printedErrors).toEqual([
    expect.stringContaining('web.yml:1:1: warning: basic_auth_users has hashes of'),
  ]);
  writeFileSync(web, 'basic_auth_users: 7\n');
  expect(await runCommandLine(runtime, [...args, `--web.config.file=${web}`, last(good)])).toBe(1);
  expect(runtime.printedErrors.at(-1)).toMatch(/web\.yml:1:19: ./);
});

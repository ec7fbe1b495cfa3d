import { execFileSync, spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, runFinrst, startDaemon } from './finrst-process.ts';
import { configText, scratchFolder } from './scratch.ts';

test('a pipe in the place of the configuration holds nothing up: what was loaded stays, and a signal ends it', async () => {
  const folder = scratchFolder();
  const file = join(folder, 'finrst.yml');
  writeFileSync(file, configText('g', []));
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=50ms', '--web.enable-lifecycle']);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  renameSync(join(folder, 'pipe'), file);
  await daemon.logs(/msg="the configuration file cannot be read; what was loaded stays".*why="it is a pipe/);
  const reload = await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
  expect([reload.status, await reload.text()]).toEqual([
    500,
    `${file}: cannot be read: it is a pipe, a socket or a device; expected a regular file\n`,
  ]);
  expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
});

test('a daemon does not start from a pipe', async () => {
  const file = join(scratchFolder(), 'finrst.yml');
  execFileSync('mkfifo', [file]);
  const { exitCode, stderr } = await runFinrst(['serve', `--config.file=${file}`]);
  expect([exitCode, stderr]).toEqual([
    2,
    `${file}: cannot be read: it is a pipe, a socket or a device; expected a regular file\n`,
  ]);
});

test('300 reloads that are asked for at once do not hold up the end', async () => {
  const file = join(scratchFolder(), 'finrst.yml');
  const targets = Array.from({ length: 5000 }, (_, index) => `127.0.0.1:${index + 1}`);
  const text = configText('g', targets).replace('global:\n', 'global:\n  max_connects_per_second: 1\n');
  writeFileSync(file, text);
  const daemon = await startDaemon(file);
  for (let count = 0; count < 300; count += 1) {
    writeFileSync(file, `${text}# ${count}\n`);
    daemon.child.kill('SIGHUP');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await daemon.logs(/msg="configuration reloaded"/);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0); // 1 where the deadline of the shutdown passed
  expect(daemon.stderr().match(/msg="configuration reloaded"/g)?.length).toBeLessThan(100);
});

test.each([
  {
    from: 'standard input',
    command: 'printf "groups: []\\n" | "$0" "$1" check -',
    said: '<stdin>: ok, 0 groups, 0 peers\n',
  },
  {
    from: "a shell's <(...)",
    command: '"$0" "$1" check <(printf "groups: []\\n")',
    said: /^\/dev\/fd\/\d+: ok, 0 groups, 0 peers\n$/,
  },
  {
    from: '/dev/stdin',
    command: 'printf "groups: []\\n" | "$0" "$1" check /dev/stdin',
    said: '/dev/stdin: ok, 0 groups, 0 peers\n',
  },
])('check reads $from', ({ command, said }) => {
  const { status, stdout } = spawnSync('bash', ['-c', command, process.execPath, MAIN], { encoding: 'utf8' });
  expect(stdout).toEqual(typeof said === 'string' ? said : expect.stringMatching(said));
  expect(status).toBe(0);
});

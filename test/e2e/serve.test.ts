import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runFinrst, scrape, startDaemon, startFinrst } from './finrst-process.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

function configFile(text: string): string {
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, text);
  return file;
}

test('it holds a peer, names its end, and tells it in /metrics and in the log', async () => {
  const connections: Socket[] = [];
  const port = await listener((socket) => void connections.push(socket));
  const peer = `127.0.0.1:${port}`;
  const daemon = await startDaemon(configFile(configText('g', [peer])));
  await daemon.logs(/msg="connection established"/);
  const before = await scrape(daemon.url);
  expect(before.get(`finrst_peer_up{group="g",peer="${peer}"}`)).toBe(1);
  expect(before.get(`finrst_disconnects_total{group="g",peer="${peer}",class="error"}`)).toBe(0);
  connections[0]?.resetAndDestroy();
  const [line] = await daemon.logs(/^.*msg=disconnected.*$/m);
  expect(line).toContain(`level=warn msg=disconnected peer=${peer} group=g connection_id=`);
  expect(line).toContain('class=error reason=reset');
  const after = await scrape(daemon.url);
  expect(after.get(`finrst_disconnects_total{group="g",peer="${peer}",class="error"}`)).toBe(1);
  expect(after.get('finrst_disconnects_by_reason_total{group="g",class="error",reason="reset"}')).toBe(1);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
});

test('SIGTERM: the peer sees FIN and nothing worse, the last lines are there, the exit is 0', async () => {
  const ended = Promise.withResolvers<string>();
  const port = await listener((socket) => {
    socket.on('end', () => ended.resolve('FIN'));
    socket.on('error', (error) => ended.resolve(error.message));
  });
  const daemon = await startDaemon(configFile(configText('g', [`127.0.0.1:${port}`])));
  await daemon.logs(/msg="connection established"/);
  daemon.child.kill('SIGTERM');
  expect(await ended.promise).toBe('FIN');
  expect(await daemon.exit).toBe(0);
  expect(daemon.stderr()).toMatch(
    /msg=stopping signal=SIGTERM\n.*msg="closed by us".*reason=shutdown.*\n.*msg=stopped exit_code=0\n$/,
  );
});

test('a second signal does not wait for a peer that never closes', async () => {
  const port = await listener(() => {}, true);
  const daemon = await startDaemon(configFile(configText('g', [`127.0.0.1:${port}`])));
  await daemon.logs(/msg="connection established"/);
  daemon.child.kill('SIGINT');
  await daemon.logs(/msg=stopping signal=SIGINT/);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(1);
  expect(daemon.stderr()).not.toContain('msg=stopped');
});

test('SIGHUP adds a peer and keeps the other one; a bad file changes nothing', async () => {
  let accepted = 0;
  const [one, other] = [await listener(() => (accepted += 1)), await listener(() => {})];
  const file = configFile(configText('g', [`127.0.0.1:${one}`]));
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=0s']);
  await daemon.logs(/msg="connection established"/);
  writeFileSync(file, configText('g', [`127.0.0.1:${one}`, `127.0.0.1:${other}`]));
  daemon.child.kill('SIGHUP');
  await daemon.logs(/msg="configuration reloaded" added=1 changed=0 removed=0 unchanged=1/);
  await daemon.logs(new RegExp(`msg="connection established" peer=127.0.0.1:${other}`));
  writeFileSync(file, 'groups: [{name: g, ststic_configs: []}]\n');
  daemon.child.kill('SIGHUP');
  const [line] = await daemon.logs(/^.*configuration not reloaded.*$/m);
  expect(line).toContain('level=error');
  expect(line).toMatch(/finrst\.yml:1:\d+: .*static_configs/);
  const samples = await scrape(daemon.url);
  expect(samples.get('finrst_config_last_reload_successful')).toBe(0);
  expect(samples.get(`finrst_peer_up{group="g",peer="127.0.0.1:${other}"}`)).toBe(1);
  expect(accepted).toBe(1);
});

test('a file that changes is read again by itself', async () => {
  const port = await listener(() => {});
  const file = configFile('groups: []\n');
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=100ms']);
  writeFileSync(file, configText('g', [`127.0.0.1:${port}`]));
  await daemon.logs(/msg="configuration reloaded" added=1/);
  await daemon.logs(/msg="connection established"/);
  expect((await scrape(daemon.url)).get(`finrst_peer_up{group="g",peer="127.0.0.1:${port}"}`)).toBe(1);
});

test('a bad configuration is exit 2 with every problem at its place', async () => {
  const file = configFile('global:\n  idle_timeout: 5\ngroups:\n  - nam: g\n');
  const { exitCode, stderr, stdout } = await runFinrst([`--config.file=${file}`]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  const places = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/: .*/, ''));
  expect(places).toContain(`${file}:2:17`);
  expect(places).toContain(`${file}:4:5`);
});

test('a port that is taken is exit 1 with the reason', async () => {
  const port = await listener(() => {});
  const file = configFile('groups: []\n');
  const { exitCode, stderr } = await runFinrst([`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/level=error msg="could not start: cannot listen on 127\.0\.0\.1:\d+: the address is in use/);
});

test('healthcheck follows the daemon', async () => {
  const daemon = await startDaemon(configFile('groups: []\n'));
  const check = ['healthcheck', `--url=${daemon.url}/-/ready`];
  expect(await runFinrst(check)).toMatchObject({ exitCode: 0, stdout: 'ready\n' });
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  expect(await runFinrst(check)).toMatchObject({ exitCode: 1, stdout: '' });
});

test('a log that nobody reads stops nothing, and says later what is missing', async () => {
  const port = await listener(() => {});
  const settings = 'global:\n  max_connects_per_second: 10000\n  reconnect: {initial: 1ms, max: 1ms}\n';
  const targets = Array.from({ length: 30 }, (_, index) => `127.0.0.${index + 1}:1`);
  const groups = `groups:\n  - name: g\n    static_configs: [{targets: ${JSON.stringify([...targets, `127.0.0.1:${port}`])}}]\n`;
  const free = await listenerPort();
  const daemon = startFinrst(
    [
      'serve',
      `--config.file=${configFile(settings + groups)}`,
      '--log.level=debug',
      `--web.listen-address=127.0.0.1:${free}`,
    ],
    { unreadStderr: true },
  );
  const url = `http://127.0.0.1:${free}`;
  // 4,000 failed attempts are some 20,000 lines at debug: three times what the pipe and the buffer hold.
  const failures = 'finrst_connect_failures_by_reason_total{group="g",phase="tcp",reason="refused"}';
  await until(async () => ((await scrape(url)).get(failures) ?? 0) > 4000);
  let text = '';
  const told = Promise.withResolvers<number>();
  daemon.child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-100_000);
    const match = /dropped_lines=(\d+)/.exec(text);
    if (match !== null) told.resolve(Number(match[1]));
  });
  expect(await told.promise).toBeGreaterThan(1000);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
});

test('a reader of the log that goes away for good does not end the daemon', async () => {
  const daemon = await startDaemon(configFile('groups: []\n'), ['--log.level=debug']);
  daemon.child.stderr?.destroy();
  daemon.child.kill('SIGHUP');
  await until(async () => (await scrape(daemon.url)).get('finrst_config_last_reload_successful') === 1);
  daemon.child.kill('SIGHUP');
  expect((await fetch(`${daemon.url}/-/healthy`)).status).toBe(200);
  daemon.child.kill('SIGTERM');
  expect(await once(daemon.child, 'exit')).toEqual([0, null]);
});

test('a bug ends the process with 1 and one line that says where', async () => {
  const bug = 'process.on("SIGUSR2", () => { throw new Error("planted"); })';
  const daemon = startFinrst(
    ['serve', `--config.file=${configFile('groups: []\n')}`, '--web.listen-address=127.0.0.1:0'],
    {
      nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(bug)}`],
    },
  );
  await daemon.logs(/msg=started/);
  daemon.child.kill('SIGUSR2');
  expect(await daemon.exit).toBe(1);
  const last = daemon.stderr().trimEnd().split('\n').at(-1);
  expect(last).toMatch(/^finrst: this is a bug, please report it: Error: planted \| at /);
});

test.runIf(process.platform === 'linux')(
  'look-ups have a pool of 64 threads, unless the user says otherwise',
  async () => {
    const port = await listener(() => {});
    for (const [env, size] of [
      [{}, 64],
      [{ UV_THREADPOOL_SIZE: '7' }, 7],
    ] as const) {
      const daemon = startFinrst(
        [
          'serve',
          `--config.file=${configFile(configText('g', [`localhost:${port}`]))}`,
          '--web.listen-address=127.0.0.1:0',
        ],
        { env },
      );
      await daemon.logs(/msg="connection established"/);
      const tasks = `/proc/${daemon.child.pid}/task`;
      const names = readdirSync(tasks).map((task) => readFileSync(join(tasks, task, 'comm'), 'utf8').trim());
      expect(names.filter((name) => name.startsWith('libuv-worker'))).toHaveLength(size);
      daemon.child.kill('SIGTERM');
      await daemon.exit;
    }
  },
);

/** A port that was free a moment ago. */
async function listenerPort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Asks again until it holds; another process has no event to wait for. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}

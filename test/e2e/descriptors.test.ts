import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MAIN, scrape } from './finrst-process.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

test('with fewer descriptors than peers /metrics still answers, fd_limit is counted, and the log says so once', async () => {
  const held = new Set<Socket>();
  const ports = await Promise.all(
    Array.from({ length: 300 }, () =>
      listener((socket) => {
        held.add(socket);
        socket.on('close', () => held.delete(socket));
      }),
    ),
  );
  const targets = ports.map((port) => `127.0.0.1:${port}`);
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, configText('g', targets).replace('global:', 'global:\n  max_connects_per_second: 2000'));
  const daemon = spawn(
    'sh',
    [
      '-c',
      `ulimit -n 400; exec "$0" "$@"`,
      process.execPath,
      MAIN,
      `--config.file=${file}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void daemon.kill('SIGKILL'));
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const left = once(daemon, 'exit');
  const logged = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(log);
      if (match !== null) return match;
      const more = once(daemon.stderr, 'data').then(() => true);
      if (!(await Promise.race([more, left.then(() => false)]))) throw new Error(`it left:\n${log}`);
    }
  };
  const [, address = ''] = await logged(/msg=started .*listening=(\S+)/);
  await logged(/no more connections can be held.*limit=200/);
  const limited = 'finrst_connect_failures_by_reason_total{group="g",phase="tcp",reason="fd_limit"}';
  let samples = await scrape(`http://${address}`);
  while ((samples.get(limited) ?? 0) === 0) samples = await scrape(`http://${address}`);
  expect(samples.get('finrst_peers{group="g",state="established"}')).toBe(200);
  expect(held.size).toBe(200);
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`http://${address}/-/healthy`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await scrape(`http://${address}`)).get('finrst_peers{group="g",state="established"}')).toBe(200);
  const [advice] = await logged(/.*300 peers.*200.*/);
  expect(advice).toContain('level=warn');
  expect(log.match(/no more connections can be held/g)).toHaveLength(1);
  expect(log).not.toContain('EMFILE');
  daemon.kill('SIGTERM');
  expect((await left)[0]).toBe(0);
});

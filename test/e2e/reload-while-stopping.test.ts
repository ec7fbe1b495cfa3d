import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from './finrst-process.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

test('a reload while it stops connects nobody, hides nothing and delays nothing', async () => {
  const stubborn = await listener(() => {}, true);
  let strangers = 0;
  const other = await listener(() => void strangers++);
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, configText('g', [`127.0.0.1:${stubborn}`]));
  const daemon = await startDaemon(file);
  await daemon.logs(/msg="connection established"/);
  daemon.child.kill('SIGTERM');
  await daemon.logs(/msg=stopping/);
  writeFileSync(file, configText('g', [`127.0.0.1:${other}`]));
  daemon.child.kill('SIGHUP');
  expect(await daemon.exit).toBe(0); // 1 where the deadline of the shutdown passed
  expect(strangers).toBe(0);
  expect(daemon.stderr()).not.toContain('reloaded');
  expect(daemon.stderr()).toMatch(/msg="closed by us".*reason=shutdown/);
});

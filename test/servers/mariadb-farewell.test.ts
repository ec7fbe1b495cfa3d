import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { findProgram } from '../support/find-program.ts';
import { startDaemon } from './daemon.ts';
import { ownFolder, startMariadb } from './mariadb.ts';
import { portOf } from './server-process.ts';
import { createStage } from './stage.ts';

const PEERS = 20;

test.skipIf(findProgram('mariadbd') === null)(
  'MariaDB takes our end for an orderly one: it counts and logs clients that close without COM_QUIT',
  async () => {
    const stage = createStage();
    onTestFinished(stage.clear);
    const accounts = join(await ownFolder(stage), 'accounts.sql');
    await writeFile(accounts, 'create user finrst;\n');
    const server = await startMariadb(stage, `--init-file=${accounts}`);
    const port = portOf(server);
    const targets = [{ targets: [`127.0.0.1:${port}`] }];
    const login = { protocol: 'mysql', mysql: { username: 'finrst' } };
    const names = Array.from({ length: PEERS }, (_, n) => `peer-${n}`);
    const groups = names.map((name) => ({ name, ...login, static_configs: targets }));
    const daemon = await startDaemon(await stage.folder(), { groups });
    for (const name of names) expect(await daemon.feed.first(name, 'connected', 20_000)).not.toBeNull();
    expect(await daemon.stop()).toBe(0);
    const counted = async (name: string): Promise<number> => {
      const where = ['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--skip-ssl', '--user=root', '--batch'];
      const printed = await stage.program('mariadb', [...where, `--execute=show global status like '${name}'`]);
      return Number(printed.trim().split(/\s+/).at(-1));
    };
    // The one that asks is a client, too.
    await expect.poll(() => counted('Threads_connected'), { timeout: 10_000 }).toBe(1);
    expect(await counted('Aborted_clients')).toBe(0);
    expect(server.output()).not.toContain('Aborted connection');
  },
);

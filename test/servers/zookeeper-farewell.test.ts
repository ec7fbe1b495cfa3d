import { expect, onTestFinished, test } from 'vitest';

import { findProgram } from '../support/find-program.ts';
import { startDaemon } from './daemon.ts';
import { portOf } from './server-process.ts';
import { createStage } from './stage.ts';
import { startZookeeper } from './zookeeper.ts';

const PEERS = 20;

test.skipIf(findProgram('mvn') === null)(
  'ZooKeeper forgets our sessions when we leave, and not at their timeout',
  async () => {
    const stage = createStage();
    onTestFinished(stage.clear);
    const server = await startZookeeper(stage, () => ['maxSessionTimeout=600000', 'minSessionTimeout=600000']);
    const targets = [{ targets: [`127.0.0.1:${portOf(server)}`] }];
    const names = Array.from({ length: PEERS }, (_, n) => `peer-${n}`);
    const groups = names.map((name) => ({ name, protocol: 'zookeeper', static_configs: targets }));
    const daemon = await startDaemon(await stage.folder(), { groups });
    for (const name of names) expect(await daemon.feed.first(name, 'connected', 20_000)).not.toBeNull();
    const sessions = async () =>
      /zk_global_sessions\t(\d+)/.exec(await stage.ask(portOf(server), 'mntr', 'zk_global_sessions'))?.[1];
    expect(await sessions()).toBe(`${PEERS}`);
    expect(await daemon.stop()).toBe(0);
    await expect.poll(sessions, { timeout: 10_000 }).toBe('0');
  },
);

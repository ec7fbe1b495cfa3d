import { expect, onTestFinished, test } from 'vitest';

import { findProgram } from '../support/find-program.ts';
import { startDaemon } from './daemon.ts';
import { amqpKeys, startRabbitmq } from './rabbitmq.ts';
import { portOf } from './server-process.ts';
import { createStage } from './stage.ts';

const PEERS = 20;

test.skipIf(findProgram('rabbitmq-server') === null)(
  'RabbitMQ takes our end for an orderly one: it warns of clients that close without a word',
  async () => {
    const stage = createStage();
    onTestFinished(stage.clear);
    const { server } = await startRabbitmq(stage);
    const targets = [{ targets: [`127.0.0.1:${portOf(server)}`] }];
    const login = { protocol: 'amqp', ...(await amqpKeys(stage)) };
    const names = Array.from({ length: PEERS }, (_, n) => `peer-${n}`);
    const groups = names.map((name) => ({ name, ...login, static_configs: targets }));
    const daemon = await startDaemon(await stage.folder(), { groups });
    for (const name of names) expect(await daemon.feed.first(name, 'connected', 20_000)).not.toBeNull();
    expect(await daemon.stop()).toBe(0);
    const closings = () => server.output().match(/\[\w+\] \S+ closing AMQP connection/g) ?? [];
    await expect.poll(() => closings().length, { timeout: 10_000 }).toBe(PEERS);
    expect(server.output()).not.toMatch(/\[(?:warning|error)\].*AMQP connection/);
  },
);

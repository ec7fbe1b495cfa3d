import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/find-program.ts';
import { holdPeers } from '../support/held-fleet.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { redisSettings } from '../support/protocol-samples.ts';
import { startRedis } from './redis-server.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { createStage } from './stage.ts';

const PEERS = 100;

const stage = createStage();
afterAll(() => stage.clear());

const isHere = findProgram('redis-server') !== null;

/** One peer of a group that logs in with a password; each has an address of its own. */
function peer(server: ServerProcess, number: number) {
  const protocol = { name: 'redis' as const, settings: redisSettings({ passwordFile: '/run/password' }) };
  const heartbeat = { protocol, intervalMs: 5000, timeoutMs: 5000 } as never;
  const port = portOf(server);
  const names = { host: '127.0.0.1', peer: `127.0.1.${number + 1}:${port}` };
  return { ...peerSettings(port, { protocol, heartbeat, reconnect: { initialMs: 1000, maxMs: 60_000 } }), ...names };
}

/** A fleet whose password file holds this. */
const hold = (peers: readonly ReturnType<typeof peer>[], password: string) =>
  holdPeers(peers, {
    random: () => Math.random(),
    readFile: async () => ({ kind: 'read', bytes: Buffer.from(password) }),
  });

/** How many logins the server has refused so far. */
async function refusedBy(server: ServerProcess): Promise<number> {
  const info = await stage.ask(portOf(server), 'AUTH right\r\nINFO errorstats\r\nPING\r\n', '+PONG');
  const [, count = '0'] = /errorstat_WRONGPASS:count=(\d+)/.exec(info) ?? [];
  return Number(count);
}

describe.skipIf(!isHere)(`${PEERS} logins on a real Redis${isHere ? '' : ' (needs redis-server)'}`, () => {
  test.concurrent('with one wrong password: three attempts in the first minute at most, then one a minute, in all', async () => {
    const server = await startRedis(stage, '--requirepass', 'right');
    const held = await hold(
      Array.from({ length: PEERS }, (_, number) => peer(server, number)),
      'wrong',
    );
    await held.seen('connectFailed');
    await sleep(60_000);
    const inFirst = await refusedBy(server);
    await sleep(60_000);
    const inSecond = (await refusedBy(server)) - inFirst;
    await held.stop();
    expect(inFirst).toBeGreaterThanOrEqual(2);
    expect(inFirst).toBeLessThanOrEqual(3);
    expect(inSecond).toBeLessThanOrEqual(1);
    expect(held.all('connectFailed')[0]).toMatchObject({
      goodbye: 'auth_failed',
      phase: 'protocol',
      reason: 'rejected',
    });
  }, 180_000);

  test.concurrent('of which one alone is refused: the 99 others are back within 10 s of a blip', async () => {
    const server = await startRedis(stage, '--requirepass', 'right');
    const other = await startRedis(stage, '--requirepass', 'another');
    const peers = Array.from({ length: PEERS }, (_, number) => peer(number === 50 ? other : server, number));
    const held = await hold(peers, 'right');
    await held.seen('connected', PEERS - 1);
    await held.seen('connectFailed');
    const blipAt = performance.now();
    await stage.ask(portOf(server), 'AUTH right\r\nCLIENT KILL TYPE normal SKIPME yes\r\nPING\r\n', '+PONG');
    await held.seen('disconnected', PEERS - 1);
    await held.seen('connected', 2 * (PEERS - 1));
    const tookMs = performance.now() - blipAt;
    await held.stop();
    expect(tookMs).toBeLessThan(10_000);
    expect(held.all('connected')).toHaveLength(2 * (PEERS - 1));
  }, 60_000);
});

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scrape } from '../e2e/finrst-process.ts';
import { canObserve, startObserver } from '../e2e/observed-host.ts';
import { scratchFolder } from '../e2e/scratch.ts';

// Two shards share what they hold, and each observes all of it: an application of its host may talk to any peer.

const PEERS = 8;
const SHARDS = [0, 1];

/** A server that keeps what it accepts, and the other end of each by its port. */
async function startServer() {
  const accepted = new Map<number, Socket>();
  const server = createServer((socket) => {
    accepted.set(socket.remotePort ?? 0, socket.on('error', () => {}).resume());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of accepted.values()) socket.destroy();
  });
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, accepted };
}

type Server = Awaited<ReturnType<typeof startServer>>;

/** A connection of this process, and the server's end of it. */
async function connectTo({ target, accepted }: Server) {
  const socket = connect(Number(target.split(':')[1]), '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  const { localPort = 0 } = socket;
  await expect.poll(() => accepted.has(localPort)).toBe(true);
  return { end: () => accepted.get(localPort)?.resetAndDestroy() };
}

describe.runIf(canObserve)('two shards with a group that is held and observed', { timeout: 60_000 }, () => {
  test('hold each peer once, and both observe what a program has to every one of them', async () => {
    const servers = await Promise.all(Array.from({ length: PEERS }, startServer));
    const targets = servers.map(({ target }) => target);
    const file = join(scratchFolder(), 'shards.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'db', observe: {}, static_configs: [{ targets }] }] }));
    const flags = (ordinal: number) => [`--shard.total=${SHARDS.length}`, `--shard.ordinal=${ordinal}`];
    const shards = await Promise.all(SHARDS.map((ordinal) => startObserver(file, flags(ordinal))));
    await Promise.all(shards.map(({ logs }) => logs(/msg="connections of other processes are observed"/)));
    const seen = (name: string) =>
      Promise.all(
        shards.map(async ({ url }) => {
          const samples = await scrape(url);
          return targets.map((target) => samples.get(`${name}{group="db",peer="${target}"}`));
        }),
      );
    const each = (value: number) => SHARDS.map(() => targets.map(() => value));

    await expect.poll(async () => held(await seen('finrst_peer_up'))).toEqual(targets.map(() => 1));
    // None of the two shards has all of them.
    for (const up of await seen('finrst_peer_up')) expect(up).toContain(undefined);
    expect(await seen('finrst_observed_connections')).toEqual(each(0));

    const connections = await Promise.all(servers.map(connectTo));
    await expect.poll(() => seen('finrst_observed_connections')).toEqual(each(1));
    for (const { end } of connections) end();
    await expect.poll(() => seen('finrst_observed_connections')).toEqual(each(0));
    expect(await seen('finrst_observed_connects_total')).toEqual(each(1));
    const reasons = shards.map(async ({ url }) =>
      (await scrape(url)).get('finrst_observed_ends_by_reason_total{group="db",class="error",reason="reset"}'),
    );
    expect(await Promise.all(reasons)).toEqual([PEERS, PEERS]);
    expect(held(await seen('finrst_peer_up'))).toEqual(targets.map(() => 1));
  });
});

/** In how many shards each peer is up. */
function held(up: readonly (readonly (number | undefined)[])[]): readonly number[] {
  return up[0]!.map((_, peer) => up.reduce((sum, shard) => sum + (shard[peer] ?? 0), 0));
}

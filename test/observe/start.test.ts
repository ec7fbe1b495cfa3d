import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scrape } from '../e2e/finrst-process.ts';
import { canObserve, startClient, startObserver, startObserverWithResolver } from '../e2e/observed-host.ts';
import { scratchFolder } from '../e2e/scratch.ts';

// Connections that begin while the observer begins, or while an address is new to it: none is missed.

const UP = /msg="connections of other processes are observed"/;
/** 400 descriptors a second in one process, which has 20,000, and a start on a slow machine takes a while. */
const EVERY_MS = 5;
/** More than come in one message. */
const OLDER = 200;
const SLOW_PORT = 15_921;
/** A resolver of the test, on the port that resolvers have. */
const RESOLVER = '127.0.0.77';

async function startServer(): Promise<{ readonly server: Server; readonly port: number }> {
  // A client that resets its connection is no fault here.
  const server = createServer((socket) => void socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

type Target = { readonly group: string; readonly target: string };

function writeConfig(targets: readonly Target[], file: string = join(scratchFolder(), 'start.yml')): string {
  const groups = targets.map(({ group, target }) => ({
    name: group,
    hold: false,
    observe: {},
    static_configs: [{ targets: [target] }],
  }));
  writeFileSync(file, JSON.stringify({ groups }));
  return file;
}

const series = (name: string, { group, target }: Target): string => `${name}{group="${group}",peer="${target}"}`;

/** Opens connections one after the other and keeps them. */
function openOnAndOn(port: number) {
  const sockets: Socket[] = [];
  const timer = setInterval(() => void sockets.push(connect(port, '127.0.0.1')), EVERY_MS);
  onTestFinished(() => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  });
  return {
    begun: async (count: number) => {
      await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(count);
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(sockets.filter(({ connecting }) => connecting).map((socket) => once(socket, 'connect')));
      return sockets.length;
    },
  };
}

/** A resolver that keeps silent until it may answer: that each name is 127.0.0.1. Whoever asks waits a minute. */
async function startResolver() {
  const socket = createSocket('udp4');
  socket.bind(53, RESOLVER);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('message', (question, { port, address }) => {
    void promise.then(() => socket.send(answerTo(question), port, address));
  });
  const file = join(scratchFolder(), 'resolv.conf');
  writeFileSync(file, `nameserver ${RESOLVER}\noptions timeout:30 attempts:2\n`);
  return { file, asked: once(socket, 'message'), answer: resolve };
}

/** RFC 1035, 4.1: one record of type A that points to the name of the question; none for other types. */
function answerTo(question: Buffer): Buffer {
  const nameEnd = question.indexOf(0, 12) + 1;
  const isAddress = question.readUInt16BE(nameEnd) === 1;
  const head = Buffer.from(question.subarray(0, nameEnd + 4));
  head.writeUInt16BE(0x81_80, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from('c00c00010001000000000004' + '7f000001', 'hex');
  return isAddress ? Buffer.concat([head, record]) : head;
}

describe.runIf(canObserve)('no connection is missed', { timeout: 60_000 }, () => {
  test('however short, of the moment at which the observer is up; peers have addresses or names', async () => {
    const { port } = await startServer();
    const targets = [
      { group: 'literal', target: `127.0.0.1:${port}` },
      { group: 'name', target: `localhost:${port}` },
    ];
    const daemon = await startObserver(writeConfig(targets));
    await daemon.logs(UP);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await daemon.logs(/msg="observed connection ended" peer=127\.0\.0\.1:/);
    await daemon.logs(/msg="observed connection ended" peer=localhost:/);
    const samples = await scrape(daemon.url);
    for (const one of targets) expect(samples.get(series('finrst_observed_connects_total', one))).toBe(1);
  });

  test('of those that begin before it starts, while it does, and when it is up', async () => {
    const { port } = await startServer();
    const target = { group: 'db', target: `127.0.0.1:${port}` };
    const opening = openOnAndOn(port);
    await opening.begun(OLDER);
    const daemon = await startObserver(writeConfig([target]));
    await daemon.logs(UP);
    const found =
      daemon
        .stderr()
        .split(UP)[0]
        ?.match(/msg="observed connection found"/g) ?? [];
    // What was there before is known when it says that it is up.
    expect(found.length).toBeGreaterThan(OLDER);
    const count = await opening.stop();
    const held = async () => (await scrape(daemon.url)).get(series('finrst_observed_connections', target));
    await expect.poll(held, { timeout: 30_000 }).toBe(count);
    expect((await scrape(daemon.url)).get('finrst_observer_lost_ends_total')).toBe(0);
  });

  test('of those to an address that a reload adds', async () => {
    const { port } = await startServer();
    const { port: otherPort } = await startServer();
    const first = { group: 'first', target: `127.0.0.1:${otherPort}` };
    const added = { group: 'added', target: `127.0.0.1:${port}` };
    const file = writeConfig([first]);
    const daemon = await startObserver(file);
    await daemon.logs(UP);
    const opening = openOnAndOn(port);
    writeConfig([first, added], file);
    daemon.child.kill('SIGHUP');
    await daemon.logs(/msg="observed connection established" peer=\S+ group=added/);
    const count = await opening.stop();
    const held = async () => (await scrape(daemon.url)).get(series('finrst_observed_connections', added));
    await expect.poll(held, { timeout: 30_000 }).toBe(count);
  });

  test('of one that was still connecting when the observer began', async () => {
    const slow = startClient('127.0.0.1', 0, 'slow_connect', SLOW_PORT);
    const { pid } = await slow.answer();
    const daemon = await startObserver(writeConfig([{ group: 'slow', target: `127.0.0.1:${SLOW_PORT}` }]));
    await daemon.logs(UP);
    slow.goOn();
    // Long before the look at /proc that comes every minute.
    const found = new RegExp(`msg="observed connection found".* pid=${pid} `);
    await expect.poll(daemon.stderr, { timeout: 30_000 }).toMatch(found);
  });

  test('to a name whose address comes after the ring was made', async () => {
    const { port } = await startServer();
    const resolver = await startResolver();
    const target = { group: 'name', target: `late.example:${port}` };
    const daemon = await startObserverWithResolver(writeConfig([target]), resolver.file);
    const rings = `/proc/${daemon.child.pid}/root/sys/kernel/tracing/instances`;
    await expect.poll(() => readdirSync(rings).length, { timeout: 30_000 }).toBeGreaterThan(0);
    // Time enough to be up too early.
    await sleep(300);
    resolver.answer();
    await daemon.logs(UP);
    connect(port, '127.0.0.1').destroySoon();
    await daemon.logs(/msg="observed connection ended" peer=late\.example:/);
  });

  test('while a resolver keeps silent: the observer is up, and an address does not wait for a name', async () => {
    const { port } = await startServer();
    const resolver = await startResolver();
    const literal = { group: 'literal', target: `127.0.0.1:${port}` };
    const config = writeConfig([literal, { group: 'name', target: `silent.example:${port}` }]);
    const daemon = await startObserverWithResolver(config, resolver.file);
    await Promise.all([daemon.logs(UP), resolver.asked]);
    connect(port, '127.0.0.1').destroySoon();
    await daemon.logs(/msg="observed connection ended" peer=127\.0\.0\.1:/);
  });
});

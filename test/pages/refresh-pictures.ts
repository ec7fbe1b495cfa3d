import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium } from './browser-under-test.ts';
import { writeMeasureRun } from './measure-run.ts';

/**
 * Draws the pictures of the pages in docs/images anew, of a daemon that runs: `npm run screenshots`. It holds peers of four groups
 * on loopback for half a minute; some end on their own, then most of one group within seconds, at once. The run of `measure`
 * in docs/measure.md and the README comes from here, too. Needs Chromium.
 */
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SIZE = { width: 1280, height: 800 };

type Peer = { readonly server: Server; readonly sockets: Socket[]; readonly target: string };

async function startPeer(): Promise<Peer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {}).resume()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, sockets, target: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** What the daemon lives through. */
async function live(peers: Readonly<Record<'payments' | 'orders' | 'search', readonly Peer[]>>): Promise<void> {
  const close = (peer: Peer | undefined, how: 'end' | 'resetAndDestroy') =>
    peer?.sockets.splice(0).forEach((socket) => socket[how]());
  for (const [index, peer] of peers.search.slice(0, 3).entries()) {
    await wait(2000);
    close(peer, index === 1 ? 'resetAndDestroy' : 'end');
  }
  await wait(4000);
  peers.orders[2]?.server.close();
  close(peers.orders[2], 'resetAndDestroy');
  await wait(6000);
  for (const peer of peers.payments) peer.server.close();
  for (const peer of peers.payments.slice(0, 10)) {
    close(peer, 'resetAndDestroy');
    await wait(150);
  }
}

async function untilIncident(url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${url}/api/v1/incidents`);
    const { incidents } = (await answer.json()) as { incidents: readonly { readonly id: string }[] };
    if (incidents[0] !== undefined) return incidents[0].id;
    await wait(500);
  }
}

async function picture(browser: Browser, url: string, name: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const context = await browser.newContext({ viewport: SIZE, colorScheme });
  const page = await context.newPage();
  await page.goto(url);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  await context.close();
}

const folder = mkdtempSync(join(tmpdir(), 'finrst-pictures-'));
const startPeers = (count: number) => Promise.all(Array.from({ length: count }, startPeer));
const peers = {
  payments: await startPeers(12),
  orders: await startPeers(8),
  sessions: await startPeers(9),
  search: await startPeers(6),
};
const groups = Object.entries(peers).map(([name, its]) => ({
  name,
  static_configs: [{ targets: its.map(({ target }) => target) }],
}));
const file = join(folder, 'finrst.yml');
writeFileSync(file, JSON.stringify({ global: { reconnect: { initial: '2s' } }, groups }));
const daemon = spawn(process.execPath, [MAIN, 'serve', `--config.file=${file}`, '--web.listen-address=127.0.0.1:0'], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const browser = await launchChromium();
try {
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  while (!log.includes('listening=')) await wait(100);
  const url = `http://${/listening=(\S+)/.exec(log)?.[1] ?? ''}`;
  await wait(5000);
  await live(peers);
  const id = await untilIncident(url);
  await wait(3000);
  await picture(browser, `${url}/`, 'page', 'light');
  await picture(browser, `${url}/`, 'page-dark', 'dark');
  const peer = encodeURIComponent(peers.payments[0]?.target ?? '');
  await picture(browser, `${url}/peer?group=payments&peer=${peer}`, 'page-peer', 'light');
  await picture(browser, `${url}/incidents/${id}`, 'page-incident', 'light');
  await writeMeasureRun();
} finally {
  await browser.close();
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  for (const { server, sockets } of Object.values(peers).flat()) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  rmSync(folder, { recursive: true, force: true });
}

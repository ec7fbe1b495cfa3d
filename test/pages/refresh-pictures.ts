import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from './browser-under-test.ts';
import { writeMeasureRun } from './measure-run.ts';

/**
 * Draws the pictures of the pages in docs/images anew, of a daemon that runs: `npm run screenshots`. It holds peers of five groups
 * on loopback for half a minute; one group has an idle limit, some end on their own, then most of one group within seconds, at
 * once. The run of `measure` in docs/measure.md and the README comes from here, too. Needs Chromium.
 */
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** A peer with a limit says something after a silence shorter than the first, and closes after the second. */
const LONGEST_PAUSE_MS = 1500;
const LIMIT_MS = 4000;
const LIMITED = { keepalive: { idle: '8s' }, reconnect: { initial: '200ms', max: '500ms' } };

type Peer = { readonly server: Server; readonly sockets: Socket[]; readonly target: string };

async function startPeer(serve: (socket: Socket) => void): Promise<Peer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}).resume());
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, sockets, target: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Closes who was silent for so long. */
async function limit(socket: Socket): Promise<void> {
  await wait(LONGEST_PAUSE_MS * Math.random());
  socket.write('ready\n');
  await wait(LIMIT_MS);
  socket.end();
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

type Incidents = { readonly incidents: readonly { readonly id: string }[] };
type Peers = {
  readonly peers: readonly {
    readonly peer: string;
    readonly up: boolean;
    readonly last_disconnect?: { readonly hint?: string };
  }[];
};

async function until<Answer>(url: string, find: (answer: Answer) => string | undefined): Promise<string> {
  for (;;) {
    const found = find((await (await fetch(url)).json()) as Answer);
    if (found !== undefined) return found;
    await wait(200);
  }
}

const untilIncident = (url: string): Promise<string> =>
  until<Incidents>(`${url}/api/v1/incidents`, ({ incidents }) => incidents[0]?.id);

const untilFinding = (url: string): Promise<string> =>
  until<Peers>(
    `${url}/api/v1/peers?group=ledger`,
    ({ peers: all }) => all.find(({ up, last_disconnect: end }) => up && end?.hint === 'idle_limit')?.peer,
  );

type View = BrowserContextOptions & { readonly isWhole?: true };

async function picture(browser: Browser, url: string, name: string, view: View = {}): Promise<void> {
  const { isWhole = false, ...options } = view;
  const context = await browser.newContext({
    viewport: DESKTOP,
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: isWhole });
  await context.close();
}

/** Half of its peers are in one rack, half in another. */
function groupOf(name: string, all: readonly Peer[], more: object = {}): object {
  const inRack = (rack: string, its: readonly Peer[]) => ({
    targets: its.map(({ target }) => target),
    labels: { team: name === 'ledger' ? 'payments' : name, rack },
  });
  const half = Math.ceil(all.length / 2);
  return { name, static_configs: [inRack('a03', all.slice(0, half)), inRack('b07', all.slice(half))], ...more };
}

const folder = mkdtempSync(join(tmpdir(), 'finrst-pictures-'));
const startPeers = (count: number, serve: (socket: Socket) => void = () => undefined) =>
  Promise.all(Array.from({ length: count }, () => startPeer(serve)));
const peers = {
  payments: await startPeers(12),
  orders: await startPeers(8),
  sessions: await startPeers(9),
  search: await startPeers(6),
  ledger: await startPeers(4, (socket) => void limit(socket)),
};
const groups = Object.entries(peers).map(([name, its]) => groupOf(name, its, name === 'ledger' ? LIMITED : {}));
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
  const limited = await untilFinding(url);
  await picture(browser, `${url}/`, 'page');
  await picture(browser, `${url}/`, 'page-dark', { colorScheme: 'dark' });
  await picture(browser, `${url}/`, 'page-phone', { viewport: PHONE });
  await picture(browser, `${url}/peer?group=ledger&peer=${encodeURIComponent(limited)}`, 'page-peer', {
    isWhole: true,
  });
  await picture(browser, `${url}/incidents/${id}`, 'page-incident');
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

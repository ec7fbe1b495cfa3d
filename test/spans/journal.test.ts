import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lackOf } from '../deploy/lack-of.ts';
import { scrape, startDaemon } from '../e2e/finrst-process.ts';
import { scratchFolder } from '../e2e/scratch.ts';

const PEERS = 1000;
const ENDS = 25_000;
/** Longer than what the journal waits before it calls a disk hanging, and than a reload or a scrape takes. */
const HANG_MS = 12_000;

/** A listener that resets every connection that it accepts, until it has accepted so many; those after it are held. */
async function resettingPeer(resets: number) {
  let accepted = 0;
  const held = new Set<Socket>();
  const server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => socket.destroy());
    if (accepted <= resets) socket.resetAndDestroy();
    else held.add(socket.resume().on('close', () => held.delete(socket)));
  });
  server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of held) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, accepted: () => accepted, held: () => held.size };
}

function configOf(port: number): string {
  const targets = Array.from({ length: PEERS }, (_, index) => `127.20.${index >> 8}.${index & 255}:${port}`);
  return [
    'global:',
    '  max_connects_per_second: 1000000',
    '  reconnect: {initial: 1ms, max: 1ms}',
    'groups:',
    '  - name: storm',
    `    static_configs: [{targets: ${JSON.stringify(targets)}}]`,
  ].join('\n');
}

/** How many lines of each type a journal has, files put aside included. Every line must be whole. */
function linesByType(folder: string): Readonly<Record<string, number>> {
  const types: Record<string, number> = {};
  for (const name of readdirSync(folder).filter((file) => file.startsWith('events.jsonl'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.trimEnd().split('\n')) {
      const { type } = JSON.parse(line) as { type: string };
      types[type] = (types[type] ?? 0) + 1;
    }
  }
  return types;
}

async function stormed(folder: string, during: (daemon: Awaited<ReturnType<typeof startDaemon>>) => Promise<void>) {
  const peer = await resettingPeer(ENDS);
  const file = join(scratchFolder(), 'finrst.yml');
  writeFileSync(file, configOf(peer.port));
  const daemon = await startDaemon(file, [`--events.file=${join(folder, 'events.jsonl')}`]);
  await during(daemon);
  await expect.poll(peer.held, { timeout: 200_000, interval: 200 }).toBe(PEERS);
  const samples = await scrape(daemon.url);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  return { accepted: peer.accepted(), lost: samples.get('finrst_journal_lines_lost_total'), daemon };
}

test('a reset storm of 25,000 ends on a disk that works: each connection has both its lines', async () => {
  const folder = scratchFolder();
  const { accepted, lost, daemon } = await stormed(folder, async () => {});
  const { connected, disconnected, local_closed, ...others } = linesByType(folder);
  expect({ connected, disconnected, local_closed, lost }).toEqual({
    connected: accepted,
    disconnected: ENDS,
    local_closed: PEERS,
    lost: 0,
  });
  expect(others).not.toHaveProperty('lines_lost');
  expect(daemon.stderr()).not.toContain('the journal');
});

/** A file system of its own, which can be frozen. */
function freezableFolder(): string {
  const scratch = scratchFolder();
  const [image, folder] = [join(scratch, 'disk'), join(scratch, 'mounted')];
  mkdirSync(folder);
  execFileSync('truncate', ['-s', '256M', image]);
  execFileSync('mkfs.ext4', ['-q', image]);
  execFileSync('mount', ['-o', 'loop', image, folder]);
  onTestFinished(() => {
    spawnSync('fsfreeze', ['-u', folder]);
    // The daemon of a test that failed may not be gone yet.
    execFileSync('umount', ['--lazy', folder]);
  });
  return folder;
}

const lack = lackOf(['root', 'mkfs.ext4', 'fsfreeze']);

const HANGING = `on a disk that hangs for 12 s the log says so, and each line is there or counted${lack.note}`;

test.skipIf(lack.skip)(HANGING, async () => {
  const folder = freezableFolder();
  const { accepted, lost = Number.NaN } = await stormed(folder, async (daemon) => {
    execFileSync('fsfreeze', ['-f', folder]);
    const frozenAt = performance.now();
    await daemon.logs(
      /level=error msg="the journal cannot be written; lines wait in memory".*the disk does not answer/,
    );
    const left = HANG_MS - (performance.now() - frozenAt);
    expect(left).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, left));
    execFileSync('fsfreeze', ['-u', folder]);
  });
  const { connected = 0, disconnected = 0, local_closed = 0 } = linesByType(folder);
  expect(connected + disconnected + local_closed + lost).toBe(2 * accepted);
});

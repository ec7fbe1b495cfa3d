import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { parseArgs } from 'node:util';
import type { HolderAnswer, HolderRequest } from './holder.ts';
import { measureRenderCost } from './render-cost.ts';

/**
 * What holding costs, beside a baseline of the same run: a bare Node.js program that holds the same sockets and keeps the
 * same number of series in plain prom-client metrics. Ratios travel between machines, absolute figures do not.
 */
const { values } = parseArgs({
  options: { peers: { type: 'string', default: '5000' }, seconds: { type: 'string', default: '10' } },
});
const PEERS = Number(values.peers);
const IDLE_SECONDS = Number(values.seconds);
/** Ends that are timed, one every two milliseconds. */
const ENDS = Math.min(1000, PEERS);
const SCRAPES = 3;

type Figures = {
  readonly bytesPerPeer: number;
  readonly idleCpuPercent: number;
  readonly delaysMs: readonly number[];
  readonly scrapeMs: number;
  readonly scrapeBytes: number;
  readonly blockMs: number;
};

const bare = await measure('bare-holder.ts');
const finrst = await measure('finrst-holder.ts');
print();
await measureRenderCost();

async function measure(file: string): Promise<Figures> {
  const accepted = new Map<number, Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    accepted.set(socket.remotePort ?? 0, socket);
  });
  server.listen(0, '127.0.0.1', 8192);
  await once(server, 'listening');
  const child = fork(new URL(file, import.meta.url), { execArgv: ['--expose-gc'] });
  await answered(child, 'ready');
  const empty = await usage(child);
  tell(child, { ask: 'hold', port: (server.address() as AddressInfo).port, peers: PEERS });
  const { scrapeUrl } = await answered(child, 'holding');
  await new Promise((resolve) => setTimeout(resolve, 1000)); // what connecting left behind settles
  const full = await usage(child);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const rested = await usage(child);
  const scrapes = await scrape(child, scrapeUrl);
  const delaysMs = await endSome(child, accepted);
  child.disconnect();
  await once(child, 'exit');
  for (const socket of accepted.values()) socket.destroy();
  server.close();
  return {
    bytesPerPeer: (full.rssBytes - empty.rssBytes) / PEERS,
    idleCpuPercent: (rested.cpuBeforeMicros - full.cpuAfterMicros) / (IDLE_SECONDS * 10_000),
    delaysMs,
    ...scrapes,
  };
}

async function scrape(
  child: ChildProcess,
  url: string,
): Promise<{ scrapeMs: number; scrapeBytes: number; blockMs: number }> {
  const took: number[] = [];
  let bytes = 0;
  tell(child, { ask: 'watchLoop' });
  for (let i = 0; i < SCRAPES; i++) {
    const startedAt = performance.now();
    bytes = (await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).arrayBuffer()).byteLength;
    took.push(performance.now() - startedAt);
  }
  const { longestBlockMs } = await usage(child);
  return { scrapeMs: quantile(took, 0.5), scrapeBytes: bytes, blockMs: longestBlockMs };
}

/** Ends connections one by one; the delay is from our FIN leaving to the moment the holder had counted the end. */
async function endSome(child: ChildProcess, accepted: ReadonlyMap<number, Socket>): Promise<readonly number[]> {
  const endedAt = new Map<number, bigint>();
  const delays: number[] = [];
  const all = new Promise<void>((resolve) => {
    child.on('message', (message: HolderAnswer) => {
      if (message.answer !== 'ended') return;
      const begun = endedAt.get(message.localPort);
      if (begun !== undefined) delays.push(Number(BigInt(message.atNanos) - begun) / 1e6);
      if (delays.length === ENDS) resolve();
    });
  });
  for (const [port, socket] of [...accepted].slice(0, ENDS)) {
    endedAt.set(port, process.hrtime.bigint());
    socket.end();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await all;
  return delays;
}

function tell(child: ChildProcess, request: HolderRequest): void {
  child.send(request);
}

async function usage(child: ChildProcess): Promise<Extract<HolderAnswer, { answer: 'usage' }>> {
  tell(child, { ask: 'usage' });
  return answered(child, 'usage');
}

async function answered<T extends HolderAnswer['answer']>(
  child: ChildProcess,
  answer: T,
): Promise<Extract<HolderAnswer, { answer: T }>> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [HolderAnswer];
    if (message.answer === answer) return message as Extract<HolderAnswer, { answer: T }>;
  }
}

function quantile(list: readonly number[], q: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

function print(): void {
  const rows: [string, (figures: Figures) => number, string][] = [
    ['memory per peer', ({ bytesPerPeer }) => bytesPerPeer / 1024, 'KiB'],
    ['idle CPU, of one core', ({ idleCpuPercent }) => idleCpuPercent, '%'],
    ['FIN to counter, median', ({ delaysMs }) => quantile(delaysMs, 0.5), 'ms'],
    ['FIN to counter, p99', ({ delaysMs }) => quantile(delaysMs, 0.99), 'ms'],
    ['scrape, median', ({ scrapeMs }) => scrapeMs, 'ms'],
    ['scrape, size', ({ scrapeBytes }) => scrapeBytes / 1024 / 1024, 'MiB'],
    ['longest block in a scrape', ({ blockMs }) => blockMs, 'ms'],
  ];
  console.log(
    `${PEERS} peers held on loopback, Node.js ${process.versions.node}; baseline: bare sockets and plain prom-client, same run\n`,
  );
  console.log(`${''.padEnd(28)}${'Finrst'.padStart(12)}${'baseline'.padStart(12)}${'ratio'.padStart(9)}`);
  for (const [name, figure, unit] of rows) {
    const [ours, theirs] = [figure(finrst), figure(bare)];
    const cells = [
      `${ours.toFixed(2)} ${unit}`.padStart(12),
      `${theirs.toFixed(2)} ${unit}`.padStart(12),
      `${(ours / theirs).toFixed(2)}x`.padStart(9),
    ];
    console.log(`${name.padEnd(28)}${cells.join('')}`);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Holder } from '../holder.ts';
import { cpuSecondsOf, memoryOf } from '../machine.ts';
import type { RowName } from '../results/rows.ts';
import { mostWithin, percentile } from '../../support/statistics.ts';
import { matchStamps, parseStamps, type Matched, type Stamp } from '../results/stamps.ts';
import { Asking, scrape } from '../scrape.ts';

/** Keeps a figure of a holder. */
export type Keep = (holder: Holder, row: RowName, value: number) => void;

/** Ends that are timed, one every 2 ms. */
const TIMED_ENDS = 500;
/** After this an end that was not counted is lost. */
const LOST_MS = 15_000;
/** CPU of a process that still works off what came before is no figure of what comes next. */
const SETTLE_MS = 1000;

/** Memory of the process before it has peers, by holder. */
export type Empty = ReadonlyMap<Holder, { readonly rssBytes: number; readonly pssBytes: number }>;

/** Scrapes once, so that what the first scrape allocates is no memory of peers, and reads the memory. */
export async function measureEmpty(holders: readonly Holder[], keep: Keep): Promise<Empty> {
  for (const { scrapeUrl } of holders) if (scrapeUrl !== null) await scrape(scrapeUrl, 'identity');
  await sleep(SETTLE_MS);
  const empty = new Map(holders.map((holder) => [holder, memoryOf(holder.program.pid)]));
  for (const [holder, { rssBytes }] of empty) keep(holder, 'rss_at_0', rssBytes / 1e6);
  return empty;
}

/** Connects all peers, one holder after the other. */
export async function measureRamp(holders: readonly Holder[], peers: number, keep: Keep): Promise<void> {
  for (const holder of holders) {
    const before = cpuSecondsOf(holder.program.pid);
    const startedAt = performance.now();
    await holder.hold(peers);
    keep(holder, 'ramp_wall', (performance.now() - startedAt) / 1000);
    keep(holder, 'ramp_cpu', (1e6 * (cpuSecondsOf(holder.program.pid) - before)) / peers);
  }
}

export type IdleRun = {
  readonly peers: number;
  readonly seconds: number;
  /** How often TCP_INFO of each socket is read. */
  readonly sampleSeconds: number;
  readonly keep: Keep;
};

/** CPU of all holders at once while nothing happens: they see the same minute of the machine. */
export async function measureIdle(holders: readonly Holder[], run: IdleRun): Promise<void> {
  const { peers, seconds, sampleSeconds, keep } = run;
  // What the collector and the compiler have left to do after a ramp falls into the first seconds.
  await sleep(Math.min(5000, seconds * 500));
  const before = holders.map(({ program }) => cpuSecondsOf(program.pid));
  await sleep(seconds * 1000);
  for (const [i, holder] of holders.entries()) {
    const cpu = cpuSecondsOf(holder.program.pid) - (before[i] ?? NaN);
    keep(holder, 'idle_cpu', (100 * cpu) / seconds);
    if (holder.name === 'finrst' || holder.name === 'go') {
      keep(holder, 'sample_cpu', (1e6 * cpu) / ((peers * seconds) / sampleSeconds));
    }
  }
}

/** Growth of the process for each peer. */
export function measureMemory(
  empty: Empty,
  { peers, row, keep }: { readonly peers: number; readonly row: RowName; readonly keep: Keep },
): void {
  for (const [holder, { rssBytes, pssBytes }] of empty) {
    const now = memoryOf(holder.program.pid);
    keep(holder, row, (now.rssBytes - rssBytes) / peers / 1024);
    if (row === 'memory_idle') keep(holder, 'pss_idle', (now.pssBytes - pssBytes) / peers / 1024);
    if (row === 'memory_stormed') keep(holder, 'rss', now.rssBytes / 1e6);
  }
}

export type ScrapeRun = {
  readonly times: number;
  /** Whether each kind begins behind a forced collection. */
  readonly collects: boolean;
  readonly keep: Keep;
};

/** Scrapes one after the other, plain and with gzip. Who has no gzip answers plain; that is no figure. */
export async function measureScrapes(holder: Holder, { times, collects, keep }: ScrapeRun): Promise<void> {
  if (holder.scrapeUrl === null) return;
  const kinds =
    holder.name === 'bare' || holder.name === 'node' ? (['scrape'] as const) : (['scrape', 'gzip'] as const);
  for (const kind of kinds) {
    if (collects) await holder.keptBytes();
    await sleep(SETTLE_MS / 2);
    if (kind === 'scrape') await holder.watchTurns();
    const before = cpuSecondsOf(holder.program.pid);
    const scrapes = [];
    for (let i = 0; i < times; i++) {
      scrapes.push(await scrape(holder.scrapeUrl, kind === 'gzip' ? 'gzip' : 'identity'));
      if (kind === 'scrape' && i === 0)
        keep(holder, 'scrape_first', 1000 * (cpuSecondsOf(holder.program.pid) - before));
    }
    keep(holder, `${kind}_cpu`, (1000 * (cpuSecondsOf(holder.program.pid) - before)) / times);
    keep(
      holder,
      `${kind}_wall`,
      percentile(
        scrapes.map(({ wallMs }) => wallMs),
        0.5,
      ),
    );
    keep(holder, `${kind}_bytes`, (scrapes[0]?.bytes ?? NaN) / 1e6);
    const turn = kind === 'scrape' ? await holder.longestTurn() : null;
    if (turn !== null) keep(holder, 'scrape_turn', turn.cpuMs);
  }
}

/** Single ends, FIN and RST in turn: from the server's system call to the counter. */
export async function measureEnds(holder: Holder, peers: number, keep: Keep): Promise<void> {
  const count = Math.min(TIMED_ENDS, Math.floor(peers / 2));
  await timeEnds('end');
  if (holder.scrapeUrl === null) return;
  const scraping = new Asking(holder.scrapeUrl, 0);
  await sleep(SETTLE_MS / 4);
  await timeEnds('end_scraped');
  await scraping.stop();

  async function timeEnds(kind: 'end' | 'end_scraped'): Promise<void> {
    await holder.allHeld(peers);
    await holder.clear();
    const { delaysMs, wrong } = await endAndMatch(holder, { count, spacingMicros: 2000, mode: 'mixed' });
    keep(holder, `${kind}_median`, percentile(delaysMs, 0.5));
    keep(holder, `${kind}_p99`, percentile(delaysMs, 0.99));
    keep(holder, 'end_wrong', wrong);
  }
}

/** All peers end within a second, FIN and RST in turn, and are connected again. */
export async function measureStorm(holder: Holder, peers: number, keep: Keep): Promise<void> {
  await holder.allHeld(peers);
  await sleep(SETTLE_MS);
  await holder.clear();
  const asking = holder.scrapeUrl === null ? null : new Asking(holder.scrapeUrl.replace('/metrics', '/-/healthy'), 20);
  await holder.watchTurns();
  const before = cpuSecondsOf(holder.program.pid);
  const order = { count: peers, spacingMicros: 1e6 / peers, mode: 'mixed' } as const;
  const storm = await endAndMatch(holder, order);
  await holder.allHeld(peers);
  const turn = await holder.longestTurn();
  const cpu = cpuSecondsOf(holder.program.pid) - before;
  const accepted = parseStamps(await holder.server.ask('accepted')).map(({ ms }) => ms);
  keep(holder, 'storm_counted', storm.lastCountedMs / 1000);
  keep(holder, 'storm_wrong', storm.wrong);
  keep(holder, 'storm_median', percentile(storm.delaysMs, 0.5));
  keep(holder, 'storm_cpu', (1e6 * cpu) / peers);
  keep(holder, 'storm_back', (Math.max(...accepted) - storm.beganMs) / 1000);
  keep(holder, 'storm_burst', mostWithin(accepted, 100));
  if (turn !== null) {
    keep(holder, 'storm_turn', turn.cpuMs);
    keep(holder, 'storm_turn_busy', turn.busyMs);
  }
  if (asking !== null) keep(holder, 'storm_health', Math.max(...(await asking.stop())));
}

/**
 * The server is killed, and with it all connections at once. The holder has nobody to connect to after that: the kernel
 * closes the listening socket last, so some reconnect for a moment; those connections are in no figure.
 */
export async function measureKill(holder: Holder, peers: number, keep: Keep): Promise<void> {
  await holder.allHeld(peers);
  await sleep(SETTLE_MS);
  await holder.clear();
  const held = parseStamps(await holder.server.ask('live'));
  const keys = new Set(held.map(({ key }) => key));
  await holder.watchTurns();
  const killedMs = Number(process.hrtime.bigint()) / 1e6;
  holder.server.kill('SIGKILL');
  const counted = await takeEnds(holder, peers, ({ key }) => keys.has(key));
  const turn = await holder.longestTurn();
  const { lost, misnamed, invented } = matchStamps(held, counted);
  keep(holder, 'kill_counted', (latestOf(counted) - killedMs) / 1000);
  keep(holder, 'kill_wrong', lost + misnamed + invented);
  if (turn !== null) {
    keep(holder, 'kill_turn', turn.cpuMs);
    keep(holder, 'kill_turn_busy', turn.busyMs);
  }
}

type Order = { readonly count: number; readonly spacingMicros: number; readonly mode: 'fin' | 'reset' | 'mixed' };
type Ended = Matched & { readonly wrong: number; readonly beganMs: number; readonly lastCountedMs: number };

/** Has the server end connections, and waits until all are counted or lost. */
export async function endAndMatch(holder: Holder, { count, spacingMicros, mode }: Order): Promise<Ended> {
  await holder.server.ask(`end ${count} ${Math.floor(spacingMicros)} ${mode}`);
  const made = parseStamps(await holder.server.ask('ended'));
  const counted = await takeEnds(holder, made.length);
  const matched = matchStamps(made, counted);
  const beganMs = made[0]?.ms ?? NaN;
  const wrong = matched.lost + matched.misnamed + matched.invented + (count - made.length);
  return { ...matched, wrong, beganMs, lastCountedMs: latestOf(counted) - beganMs };
}

/** What the holder counts, until it is as much as expected or the rest must be called lost. */
async function takeEnds(
  holder: Holder,
  expected: number,
  isMeant: (stamp: Stamp) => boolean = () => true,
): Promise<readonly Stamp[]> {
  const counted: Stamp[] = [];
  const deadline = performance.now() + LOST_MS;
  for (;;) {
    counted.push(...(await holder.takeEnds()).filter(isMeant));
    if (counted.length >= expected || performance.now() > deadline) return counted;
    await sleep(100);
  }
}

function latestOf(stamps: readonly Stamp[]): number {
  return stamps.reduce((latest, { ms }) => Math.max(latest, ms), 0);
}

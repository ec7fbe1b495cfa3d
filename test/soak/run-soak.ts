import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTextFormat } from '../support/exposition-parser.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { checkMetrics, equationDifference } from './check-metrics.ts';
import { Injector } from './injector.ts';
import { JournalTail } from './journal-tail.ts';
import { LoopStalls } from './loop-stalls.ts';
import { Reloads } from './reload.ts';
import { BUSY, CALM, type Change, CHANGES, FIRST_VARIANT, soakConfig, type Variant } from './soak-config.ts';
import { SoakDaemon, type Usage, WEB_ADDRESS } from './soak-daemon.ts';
import { type SoakPeer, soakPeers } from './soak-groups.ts';
import { freePort } from '../support/free-port.ts';
import type { Tally } from './tally.ts';
import { type JournalLine, Verifier } from './verifier.ts';

export type SoakOptions = {
  readonly ends: number;
  readonly peers: number;
  readonly seed: number;
  /** Looks at rest, the first before anything was harmed and the last before the stop. */
  readonly looks: number;
  /** A healthy connection is left alone for at most so long. */
  readonly restMs: number;
  readonly progress: (line: string) => void;
};

/** What one look at rest showed. */
export type Look = Usage & { readonly ends: number; readonly atSeconds: number; readonly openSockets: number };

export type SoakResult = {
  readonly tally: Tally;
  /** Everything that does not agree, the tally's included. */
  readonly faults: readonly string[];
  readonly looks: readonly Look[];
  readonly seconds: number;
  /** Of those, at work: harming. */
  readonly busySeconds: number;
  readonly reloads: number;
  readonly scrapes: { readonly count: number; readonly worstMs: number; readonly worstDifference: number };
  readonly longestStallMs: number;
  readonly log: string;
};

const RELOAD_EVERY_MS = 5000;
const SCRAPE_EVERY_MS = 2000;
const READ_EVERY_MS = 200;
/** The record has all that happened this long before: an accepted connection may wait in our own queue. */
const LAG_MS = 1500;
/** The longest deadline of any group, the longest wait, and as much again. */
const REST_WITHIN_MS = 40_000;

/** Runs the daemon against peers that harm it at random, and holds everything that it says against the record. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-soak-'));
  const run = await Soak.begin(folder, options);
  try {
    return await run.whole();
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #peers: readonly SoakPeer[];
  readonly #port: number;
  readonly #injector: Injector;
  readonly #verifier: Verifier;
  readonly #daemon: SoakDaemon;
  readonly #tail: JournalTail;
  readonly #reloads: Reloads;
  readonly #stalls: LoopStalls;
  readonly #faults: string[] = [];
  readonly #looks: Look[] = [];
  readonly #scrapes = { count: 0, worstMs: 0, worstDifference: 0 };
  readonly #beganAt = Date.now();
  #busyMs = 0;
  #lines: JournalLine[] = [];
  /** Answers to reloads in the journal. */
  #reloadLines = 0;
  #variant: Variant = FIRST_VARIANT;
  #nextChange = 0;
  /** Faults that were printed: a long run that breaks off has said what it saw. */
  #shownFaults = 0;

  private constructor(parts: {
    readonly options: SoakOptions;
    readonly peers: readonly SoakPeer[];
    readonly port: number;
    readonly injector: Injector;
    readonly verifier: Verifier;
    readonly daemon: SoakDaemon;
    readonly reloads: Reloads;
    readonly stalls: LoopStalls;
  }) {
    this.#options = parts.options;
    this.#peers = parts.peers;
    this.#port = parts.port;
    this.#injector = parts.injector;
    this.#verifier = parts.verifier;
    this.#daemon = parts.daemon;
    this.#reloads = parts.reloads;
    this.#stalls = parts.stalls;
    this.#tail = new JournalTail(parts.daemon.journal);
  }

  static async begin(folder: string, options: SoakOptions): Promise<Soak> {
    const peers = soakPeers(options.peers);
    const reloads = new Reloads();
    const stalls = new LoopStalls();
    const early: Parameters<Verifier['accepted']>[0][] = [];
    let accepted = (attempt: (typeof early)[number]): void => void early.push(attempt);
    const random = seededRandom(options.seed);
    const injector = new Injector({ peers, random, restMs: options.restMs, accepted: (attempt) => accepted(attempt) });
    const port = await injector.listen();
    const verifier = new Verifier({ peers, port, reloads, stalls });
    early.forEach((attempt) => verifier.accepted(attempt));
    accepted = (attempt) => verifier.accepted(attempt);
    const daemon = await SoakDaemon.start(folder, soakConfig(peers, port, FIRST_VARIANT), await freePort(WEB_ADDRESS));
    return new Soak({ options, peers, port, injector, verifier, daemon, reloads, stalls });
  }

  async whole(): Promise<SoakResult> {
    const { ends, looks } = this.#options;
    await this.#look();
    for (let look = 1; look < looks; look++) {
      await this.#harmUntil((ends * look) / (looks - 1));
      await this.#look();
    }
    await this.#stop();
    const { tally } = this.#verifier;
    return {
      tally,
      faults: [...tally.faults, ...this.#faults],
      looks: this.#looks,
      seconds: (Date.now() - this.#beganAt) / 1000,
      busySeconds: this.#busyMs / 1000,
      reloads: this.#reloads.count,
      scrapes: this.#scrapes,
      longestStallMs: this.#stalls.longestMs,
      log: this.#daemon.log(),
    };
  }

  async close(): Promise<void> {
    this.#daemon.kill();
    this.#stalls.stop();
    this.#tail.close();
    await this.#injector.close();
  }

  async #harmUntil(ends: number): Promise<void> {
    const began = Date.now();
    await this.#reload(BUSY);
    this.#injector.begin();
    let [reloadAt, scrapeAt] = [Date.now() + RELOAD_EVERY_MS / 2, Date.now() + SCRAPE_EVERY_MS];
    while (this.#verifier.tally.ends < ends) {
      await this.#read();
      if (Date.now() >= scrapeAt) {
        scrapeAt = Date.now() + SCRAPE_EVERY_MS;
        await this.#scrape();
      }
      if (Date.now() >= reloadAt) {
        reloadAt = Date.now() + RELOAD_EVERY_MS;
        await this.#reload(CHANGES[this.#nextChange++ % CHANGES.length] ?? CALM);
      }
      await sleep(READ_EVERY_MS);
    }
    this.#injector.pause();
    this.#busyMs += Date.now() - began;
  }

  /** Waits until nothing moves, then holds every counter against the record, and measures what the process has taken. */
  async #look(): Promise<void> {
    await this.#reload(CALM);
    const deadline = Date.now() + REST_WITHIN_MS;
    let unsettled: readonly string[];
    do {
      await sleep(READ_EVERY_MS);
      await this.#read();
      unsettled = this.#verifier.unsettled();
    } while (unsettled.length > 0 && Date.now() < deadline);
    this.#faults.push(...unsettled.map((what) => `not at rest after ${REST_WITHIN_MS} ms: ${what}`));
    const { text } = await this.#daemon.get('/metrics');
    const { tally } = this.#verifier;
    const held = Map.groupBy(this.#peers, ({ group }) => group.name);
    this.#faults.push(...checkMetrics(text, tally, new Map([...held].map(([name, { length }]) => [name, length]))));
    await sleep(READ_EVERY_MS); // the connection of that scrape is closed
    const look = {
      ends: tally.ends,
      atSeconds: (Date.now() - this.#beganAt) / 1000,
      openSockets: this.#injector.openSockets,
      ...this.#daemon.usage(),
    };
    this.#looks.push(look);
    for (const fault of tally.faults.slice(this.#shownFaults)) this.#options.progress(`  ${fault}`);
    this.#shownFaults = tally.faults.length;
    this.#options.progress(
      `${look.ends} ends after ${look.atSeconds.toFixed(0)} s: ${tally.miscounted} miscounted, ${this.#faults.length} other faults, ${(look.rssBytes / 1e6).toFixed(0)} MB, ${look.descriptors} descriptors`,
    );
  }

  async #scrape(): Promise<void> {
    const openMetrics = { accept: 'application/openmetrics-text; version=1.0.0', 'accept-encoding': 'gzip' };
    const [scrape, ...others] = await Promise.all([
      this.#daemon.get('/metrics'),
      this.#daemon.get('/metrics', openMetrics),
      this.#daemon.get('/api/v1/events?limit=1000'),
      this.#daemon.get('/'),
    ]);
    for (const { status } of [scrape, ...others]) if (status !== 200) this.#faults.push(`a request got ${status}`);
    this.#scrapes.count += 1;
    this.#scrapes.worstMs = Math.max(this.#scrapes.worstMs, scrape.ms);
    const families = parseTextFormat(withoutPeers(scrape.text));
    this.#scrapes.worstDifference = Math.max(this.#scrapes.worstDifference, equationDifference(families));
  }

  /** One after the other, by request and by signal in turn; done when the journal says so. */
  async #reload(change: Change): Promise<void> {
    const { name, closes, touches } = change;
    this.#variant = change.next(this.#variant);
    const config = JSON.stringify(soakConfig(this.#peers, this.#port, this.#variant));
    this.#daemon.configure(change.isBad === true ? config.slice(0, -1) : config);
    const reload = { name, closes, touches, requestedAt: Date.now(), doneAt: Infinity };
    this.#reloads.add(reload);
    const answered = this.#reloadLines + 1;
    if (this.#reloads.count % 2 === 0) this.#daemon.signal('SIGHUP');
    else {
      const { status } = await this.#daemon.postReload();
      const expected = change.isBad === true ? 500 : 200;
      if (status !== expected) this.#faults.push(`the reload "${name}" got ${status}, not ${expected}`);
    }
    while (this.#reloadLines < answered) {
      await sleep(READ_EVERY_MS / 4);
      await this.#read();
    }
    reload.doneAt = Date.now();
  }

  /** SIGTERM ends every connection by `shutdown`. */
  async #stop(): Promise<void> {
    this.#verifier.stopping();
    const code = await this.#daemon.stop();
    if (code !== 0) this.#faults.push(`exit code ${code}`);
    await sleep(READ_EVERY_MS);
    await this.#read(Infinity);
    this.#verifier.finish();
  }

  async #read(until = Date.now() - LAG_MS): Promise<void> {
    for (const text of this.#tail.read()) {
      const line = JSON.parse(text) as JournalLine | OtherLine;
      if (isOfConnection(line)) this.#lines.push(line);
      else if (line.type === 'reloaded' || line.type === 'reload_failed') this.#reloadLines += 1;
      else if (line.type.includes('lost')) this.#faults.push(text);
    }
    let checked = 0;
    for (const line of this.#lines) {
      if (Date.parse(line.time) > until) break;
      this.#verifier.check(line);
      checked += 1;
    }
    this.#lines = this.#lines.slice(checked);
  }
}

type OtherLine = { readonly type: 'reloaded' | 'reload_failed' | 'still_open' | 'journal_lines_lost' };
const OF_CONNECTION: ReadonlySet<string> = new Set(['connected', 'connect_failed', 'disconnected', 'local_closed']);

/** A connection that is written down again in a new file is no news. */
function isOfConnection(line: JournalLine | OtherLine): line is JournalLine {
  return OF_CONNECTION.has(line.type);
}

/** Only what the group equation needs: the rest would hold up the peers. */
function withoutPeers(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes(',peer="'))
    .join('\n');
}

import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from '../../support/statistics.ts';
import { Holder } from '../holder.ts';
import type { Native } from '../native.ts';
import { Asking } from '../scrape.ts';
import { endAndMatch, type Keep } from './measure-fleet.ts';

const READERS = 20;
const RUNS = 3;
const SETTLE_MS = 2000;
/** The pace of a page that is open (`web/pages/live/page-script.ts`). */
const PAGE_MS = 500;

export type StreamRun = {
  readonly native: Native;
  readonly peers: number;
  readonly keep: Keep;
  readonly report: (what: string) => void;
};

/** What readers of the event stream and an open page add to the delay of ends in a storm: storms without and with them, in turn. */
export async function measureStreams({ native, peers, keep, report }: StreamRun): Promise<void> {
  const holder = await Holder.start({ native, name: 'finrst' });
  try {
    await holder.hold(peers);
    const [alone, read]: [number[], number[]] = [[], []];
    // The first storm compiles what all others run.
    await storm(holder, peers);
    for (let run = 0; run < RUNS; run++) {
      report(`${peers} peers: a storm without and with ${READERS} readers, ${run + 1} of ${RUNS}`);
      alone.push(await storm(holder, peers));
      const readers = await Promise.all(
        Array.from({ length: READERS + 1 }, () => Reader.open(urlOf(holder, '/api/v1/events/stream'))),
      );
      // An open page asks for itself again while things happen, beside its stream: the reader more.
      const page = new Asking(urlOf(holder, '/'), PAGE_MS);
      read.push(await storm(holder, peers));
      await page.stop();
      const missed = readers.map((reader) => Math.abs(peers - reader.close()));
      keep(holder, 'stream_missed', Math.max(...missed));
    }
    for (const [row, p99s] of [
      ['stream_p99_alone', alone],
      ['stream_p99_read', read],
    ] as const) {
      for (const p99 of p99s) keep(holder, row, p99);
    }
    keep(holder, 'stream_ratio', median(read) / median(alone));
  } finally {
    await holder.stop();
  }
}

/** All peers end within a second and come back. Returns the p99 from the system call of the server to the counter, in ms. */
async function storm(holder: Holder, peers: number): Promise<number> {
  await holder.allHeld(peers);
  await sleep(SETTLE_MS);
  await holder.clear();
  const { delaysMs } = await endAndMatch(holder, { count: peers, spacingMicros: 1e6 / peers, mode: 'mixed' });
  await holder.allHeld(peers);
  await sleep(SETTLE_MS);
  return percentile(delaysMs, 0.99);
}

function urlOf({ scrapeUrl }: Holder, path: string): string {
  return new URL(path, scrapeUrl ?? undefined).href;
}

/** Reads a stream and counts the disconnects in it, those of bursts included. */
class Reader {
  readonly #response: IncomingMessage;
  #rest = '';
  #disconnects = 0;

  static async open(url: string): Promise<Reader> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent: false }, resolve).on('error', reject);
    });
    return new Reader(response);
  }

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    response.on('error', () => undefined);
  }

  /** How many there were. */
  close(): number {
    this.#response.destroy();
    return this.#disconnects;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('"type":"disconnected"')) this.#disconnects++;
      else if (line.startsWith('data: {"events":'))
        this.#disconnects += Number(/"disconnected":(\d+)/.exec(line)?.[1] ?? 0);
    }
  }
}

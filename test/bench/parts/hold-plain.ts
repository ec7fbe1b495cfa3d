import { HOLDERS, Holder, type HolderName, type HoldOptions } from '../holder.ts';
import type { Native } from '../native.ts';
import {
  type Keep,
  measureEmpty,
  measureEnds,
  measureIdle,
  measureKill,
  measureMemory,
  measureRamp,
  measureScrapes,
  measureStorm,
} from './measure-fleet.ts';

/** What can be done to a fleet, in this order; each can be left out. */
export const PHASES = ['idle', 'scrape', 'ends', 'storm', 'kill'] as const;
export type Phase = (typeof PHASES)[number];

export type FleetRun = {
  readonly native: Native;
  readonly peers: number;
  readonly idleSeconds: number;
  /** Default: 15, as of Finrst and of the Go program; the others read no TCP_INFO. */
  readonly sampleSeconds?: number;
  readonly phases: readonly Phase[];
  /** How many scrapes one figure is the mean of. Default: 10, since full collections of garbage fall into some of them. */
  readonly scrapes?: number;
  /** Whether each kind of them begins behind a forced collection, so that no full one falls into one kind by chance. Default: no. */
  readonly collectsBeforeScrapes?: boolean;
  readonly holders?: readonly HolderName[];
  /** Whether to say what is in use after the idle time, behind a forced collection. Default: no; what comes later is that of another process. */
  readonly kept?: boolean;
  readonly more?: Partial<HoldOptions>;
  readonly keep: Keep;
  readonly report: (what: string) => void;
};

/** Who can be started here. */
export function holdersThere({ go }: Native, wanted: readonly HolderName[] = HOLDERS): readonly HolderName[] {
  return wanted.filter((name) => name !== 'go' || go !== null);
}

/** Starts all holders, lets them hold as many peers side by side, and does the phases to each. They are gone afterwards. */
export async function holdFleet(run: FleetRun): Promise<void> {
  const { native, peers, idleSeconds, sampleSeconds = 15, phases, scrapes = 10, keep, report, more = {} } = run;
  const has = (phase: Phase): boolean => phases.includes(phase);
  const holders: Holder[] = [];
  try {
    for (const name of shuffled(holdersThere(native, run.holders))) {
      holders.push(await Holder.start({ ...more, native, name }));
    }
    const empty = await measureEmpty(holders, keep);
    const emptyBytes = run.kept === true ? await measureKept(holders) : null;
    report(`${peers} peers: connecting`);
    await measureRamp(holders, peers, keep);
    if (has('idle')) {
      report(`${peers} peers: idle for ${idleSeconds} s`);
      await measureIdle(holders, { peers, seconds: idleSeconds, sampleSeconds, keep });
      measureMemory(empty, { peers, row: 'memory_idle', keep });
    }
    if (emptyBytes !== null) {
      const bytes = await measureKept(holders);
      for (const [i, holder] of holders.entries()) {
        keep(holder, 'memory_kept', ((bytes[i] ?? NaN) - (emptyBytes[i] ?? NaN)) / peers / 1024);
      }
    }
    const each = async (phase: Phase, measure: (holder: Holder) => Promise<void>): Promise<void> => {
      if (!has(phase)) return;
      for (const holder of shuffled(holders)) {
        report(`${peers} peers: ${phase}, ${holder.name}`);
        await measure(holder);
      }
    };
    const { collectsBeforeScrapes: collects = false } = run;
    await each('scrape', (holder) => measureScrapes(holder, { times: scrapes, collects, keep }));
    if (has('scrape')) measureMemory(empty, { peers, row: 'memory_scraped', keep });
    await each('ends', (holder) => measureEnds(holder, peers, keep));
    await each('storm', (holder) => measureStorm(holder, peers, keep));
    if (has('storm')) measureMemory(empty, { peers, row: 'memory_stormed', keep });
    await each('kill', async (holder) => {
      await measureKill(holder, peers, keep);
      // It would go on to connect to nobody, beside the next one that is measured.
      await holder.program.stop();
    });
  } finally {
    for (const holder of holders) await holder.stop();
  }
}

function measureKept(holders: readonly Holder[]): Promise<readonly number[]> {
  return Promise.all(holders.map((holder) => holder.keptBytes()));
}

/** In an order by chance: who comes first sees another machine than who comes last. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((value) => ({ value, order: Math.random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ value }) => value);
}

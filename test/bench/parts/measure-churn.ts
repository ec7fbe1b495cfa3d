import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from '../holder.ts';
import { cpuSecondsOf, memoryOf } from '../machine.ts';
import type { Native } from '../native.ts';
import { endAndMatch, type Keep } from './measure-fleet.ts';

/** Ends at this pace: slow enough that each is connected again in between, and that no core is full. */
const PER_SECOND = 500;
const SETTLE_MS = 2000;

export type ChurnRun = {
  readonly native: Native;
  readonly peers: number;
  readonly keepOff: Keep;
  readonly keepOn: Keep;
};

/** What spans add to an end and its reconnect: Finrst without and with tracing, whose receiver takes everything. */
export async function measureChurn({ native, peers, keepOff, keepOn }: ChurnRun): Promise<void> {
  await churn(native, { peers, keep: keepOff });
  const sink = fork(new URL('../../support/otlp-sink-process.ts', import.meta.url));
  const [{ url }] = (await once(sink, 'message')) as [{ readonly url: string }];
  try {
    await churn(native, { peers, keep: keepOn, tracing: new URL(url).origin });
  } finally {
    sink.disconnect();
  }
}

type Churn = { readonly peers: number; readonly keep: Keep; readonly tracing?: string };

async function churn(native: Native, { peers, keep, tracing }: Churn): Promise<void> {
  const config = tracing === undefined ? {} : { tracing };
  const holder = await Holder.start({ native, name: 'finrst', config });
  try {
    await holder.hold(peers);
    await sleep(SETTLE_MS);
    await holder.clear();
    const before = cpuSecondsOf(holder.program.pid);
    const { wrong } = await endAndMatch(holder, { count: peers, spacingMicros: 1e6 / PER_SECOND, mode: 'mixed' });
    await holder.allHeld(peers);
    // Spans wait for a full batch, or for this long.
    await sleep(SETTLE_MS);
    keep(holder, 'churn_cpu', (1e6 * (cpuSecondsOf(holder.program.pid) - before)) / peers);
    keep(holder, 'end_wrong', wrong);
    keep(holder, 'rss', memoryOf(holder.program.pid).rssBytes / 1e6);
  } finally {
    await holder.stop();
  }
}

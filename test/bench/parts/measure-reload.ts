import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from '../holder.ts';
import type { Native } from '../native.ts';
import type { Keep } from './measure-fleet.ts';

/** What changes, one after the other: nothing, a key that is applied to held connections, and nothing but by the old text. */
const CHANGES = [{}, { idleTimeout: '1h' }, { idleTimeout: '2h' }, {}] as const;
const SETTLE_MS = 2000;

/** Finrst alone: the configuration is loaded again while every peer is held. Nothing that changes needs a new connection. */
export async function measureReload(run: {
  readonly native: Native;
  readonly peers: number;
  readonly keep: Keep;
}): Promise<void> {
  const { native, peers, keep } = run;
  const holder = await Holder.start({ native, name: 'finrst' });
  try {
    await holder.hold(peers);
    await sleep(SETTLE_MS);
    await holder.clear();
    const reloads = [];
    for (const change of CHANGES) {
      await holder.watchTurns();
      holder.writeConfig(peers, change);
      const wallMs = await reload(holder);
      // What the reload set in motion belongs to it as well.
      await sleep(SETTLE_MS / 4);
      reloads.push({ wallMs, turn: await holder.longestTurn() });
    }
    keep(holder, 'reload_turn', Math.max(...reloads.map(({ turn }) => turn?.cpuMs ?? NaN)));
    keep(holder, 'reload_turn_busy', Math.max(...reloads.map(({ turn }) => turn?.busyMs ?? NaN)));
    keep(holder, 'reload_wall', Math.max(...reloads.map(({ wallMs }) => wallMs)));
    keep(holder, 'reload_wrong', (await holder.takeEnds()).length);
  } finally {
    await holder.stop();
  }
}

async function reload({ scrapeUrl }: Holder): Promise<number> {
  const startedAt = performance.now();
  const { ok, status } = await fetch((scrapeUrl ?? '').replace('/metrics', '/-/reload'), { method: 'POST' });
  if (!ok) throw new Error(`the reload was answered with ${status}`);
  return performance.now() - startedAt;
}

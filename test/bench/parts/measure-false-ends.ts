import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from '../holder.ts';
import { droppedPackets } from '../machine.ts';
import type { Native } from '../native.ts';
import type { Keep } from './measure-fleet.ts';
import { loopbackPath, vethPath } from './namespaces.ts';

export const PATHS = ['loopback', 'veth'] as const;
/** As the configuration has them; `default` is {idle: 60s, interval: 10s, count: 3}. */
export const KEEPALIVES = {
  default: 'default',
  '30s/10s/3': '{idle: 30s, interval: 10s, count: 3}',
  '20s/2s/2': '{idle: 20s, interval: 2s, count: 2}',
} as const;

export type Silence = { readonly path: (typeof PATHS)[number]; readonly keepalive: keyof typeof KEEPALIVES };

export type FalseEndsRun = {
  readonly native: Native;
  readonly peers: number;
  readonly minutes: number;
  readonly silences: readonly Silence[];
  readonly keep: (silence: Silence) => Keep;
  readonly report: (what: string) => void;
};

/**
 * Peers that are well and silent, connected at 2,000 a second: every end is false. The cases are held side by side, each in
 * namespaces of its own. The kernel has one backlog queue a core for all of them, so a case has it harder than alone.
 */
export async function measureFalseEnds(run: FalseEndsRun): Promise<void> {
  const { native, peers, minutes, silences, keep, report } = run;
  const before = droppedPackets();
  const cases: { silence: Silence; holder: Holder; remove: () => void }[] = [];
  try {
    for (const silence of silences) {
      report(`${peers} silent peers over ${silence.path}, keepalive ${silence.keepalive}: connecting`);
      const { remove, ...inside } = silence.path === 'veth' ? vethPath() : loopbackPath();
      const config = { keepalive: KEEPALIVES[silence.keepalive] };
      const { network } = inside;
      const holder = await Holder.start({ native, name: 'finrst', inside, network, config });
      cases.push({ silence, holder, remove });
      await holder.hold(peers);
    }
    report(`${peers} silent peers in ${cases.length} cases: silent for ${minutes} min`);
    await sleep(minutes * 60_000);
    for (const { silence, holder } of cases) {
      const keepHere = keep(silence);
      keepHere(holder, 'false_ends', (await holder.takeEnds()).length);
      keepHere(holder, 'false_dropped', droppedPackets() - before);
      keepHere(holder, 'false_warned', /keepalive.*burst|netdev_max_backlog/i.test(holder.log) ? 1 : 0);
      keepHere(holder, 'false_minutes', minutes);
    }
  } finally {
    for (const { holder, remove } of cases) {
      await holder.stop();
      remove();
    }
  }
}

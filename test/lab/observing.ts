import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, PORT, targetOf } from './addresses.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import type { Network, Place } from './network.ts';
import { groupOf, repeats, type Placed } from './pass-config.ts';

/** A daemon that observes the connections of other processes and has none of its own; it is asked through its log and metrics alone. */
export type Observing = {
  /** Resolves once all that happened until now has been told. */
  settled(): Promise<ObservedRecord>;
  stop(): Promise<void>;
};

/** What it said, and its metrics behind that. */
export type ObservedRecord = { readonly lines: readonly ObservedLine[]; readonly metrics: ReadonlyMap<string, number> };

/** One line of the log about a connection of another process, in the words of docs/logs.md. */
export type ObservedLine = {
  readonly msg: string;
  readonly group: string;
  /** `ADDRESS:PORT` of the far end, and of the near one. */
  readonly address: string;
  readonly local: string;
  readonly pid?: number;
  readonly class?: string;
  readonly reason?: string;
  readonly errno?: string;
  readonly duration_s?: number;
};

export type ObservingOptions = {
  readonly network: Network;
  readonly folder: string;
  readonly node: string;
  readonly placed: readonly Placed[];
  readonly place: Place;
};

/**
 * tracefs in a mount namespace of the daemon's own: the machine's mounts stay as they are. Behind all others: the faults beside
 * it have windows of their own, and what it tells may be late.
 */
const MOUNTED = 'mount -t tracefs nodev /sys/kernel/tracing && exec "$0" "$@"';
const UNDER = ['nice', '-n', '15', 'unshare', '-m', 'sh', '-c', MOUNTED];
/** An end is told 100 ms after it, once its turn has come; found connections after a look at /proc. */
const SETTLE_MS = 1000;
const UP = 'connections of other processes are observed';
const READY_DEADLINE_MS = 60_000;

/** Starts one, and resolves once it observes all of these. */
export async function startObserving({ network, folder, node, placed, place }: ObservingOptions): Promise<Observing> {
  const groups = placed.map((one) => ({
    name: groupOf(one.scenario),
    hold: false,
    observe: {},
    static_configs: [{ targets: repeats(one.scenario).map((k) => observedTarget(one, k)) }],
  }));
  const daemon = await startDaemon({
    network,
    folder,
    node,
    config: { groups },
    place,
    under: UNDER,
    unasked: true,
    flags: ['--log.level=debug', '--log.format=json'],
  });
  await untilUp(daemon);
  return {
    async settled() {
      await sleep(SETTLE_MS);
      const metrics = await daemon.metrics();
      return { lines: linesOf(daemon.log()), metrics };
    },
    stop: async () => void (await daemon.stop()),
  };
}

/** Where the process beside the daemon dials whose connection is observed: the twin, or a plain client's attempt. */
export function observedTarget({ scenario, place }: Placed, k: number): string {
  return targetOf(addressOf(place, 'twin', k), scenario.port ?? PORT);
}

async function untilUp(daemon: Daemon): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (!daemon.log().includes(UP)) {
    if (Date.now() > deadline) throw new Error(`nothing is observed:\n${daemon.log().slice(0, 2000)}`);
    await sleep(50);
  }
  // Addresses are handed to the thread in turns.
  await sleep(SETTLE_MS);
}

function linesOf(log: string): readonly ObservedLine[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"msg":"observed connect'))
    .map((line) => JSON.parse(line) as ObservedLine);
}

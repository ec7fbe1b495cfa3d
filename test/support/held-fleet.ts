import { systemClock } from '../../src/clock/system-clock.ts';
import type { Clock } from '../../src/clock/clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { readFileNow } from './read-file.ts';
import { Fleet, type FleetOptions } from '../../src/connections/fleet/fleet.ts';
import type { FinrstEvent, FinrstEventType } from '../../src/domain/events/finrst-event.ts';
import { expectsAnswer } from '../../src/settings/heartbeat.ts';
import type { PeerGroup } from '../../src/settings/peer-group.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { openKernel } from '../../src/os/sockets/open-kernel.ts';

type EventOf<T extends FinrstEventType> = Extract<FinrstEvent, { readonly type: T }>;

/** A fleet over real sockets with every event it emitted, in order. */
export type HeldFleet = {
  readonly fleet: Fleet;
  readonly events: FinrstEvent[];
  /** Resolves with the n-th event of this type (counted from 1), past ones included. */
  seen<T extends FinrstEventType>(type: T, n?: number): Promise<EventOf<T>>;
  all<T extends FinrstEventType>(type: T): EventOf<T>[];
  /** Drops the events so far: `seen` and `all` count from here. */
  forget(): void;
  stop(): Promise<void>;
  /** Stops without waiting for any peer, under a fake clock too. */
  stopNow(): Promise<void>;
};

export type HeldFleetOptions = {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly kernel?: FleetOptions['kernel'];
  readonly lookup?: FleetOptions['lookup'];
  readonly limits?: FleetOptions['limits'];
  readonly openFileLimit?: number;
  readonly readFile?: FleetOptions['readFile'];
  readonly silenceEdgesMs?: FleetOptions['silenceEdgesMs'];
  /** How long a closing connection may drain, and `stop` may take; 2 s as in the daemon unless given. */
  readonly drainMs?: number;
};

/** Begins to hold these peers at once. Chance is constant: full jitter always waits its ceiling times `random`. */
export async function holdPeers(peers: readonly PeerSettings[], options: HeldFleetOptions = {}): Promise<HeldFleet> {
  const events: FinrstEvent[] = [];
  const waiting: { readonly type: FinrstEventType; readonly n: number; readonly resolve: (event: never) => void }[] =
    [];
  const byType = new Map<FinrstEventType, FinrstEvent[]>();
  const ofType = (type: FinrstEventType): FinrstEvent[] => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const none: FinrstEvent[] = [];
    byType.set(type, none);
    return none;
  };
  const clock = options.clock ?? systemClock;
  const drainMs = options.drainMs ?? 2000;
  const kernel = options.kernel ?? (await openKernel(process.platform)).kernel;
  const fleet = new Fleet({
    clock,
    random: options.random ?? (() => 0),
    kernel,
    openFileLimit: options.openFileLimit ?? null,
    // No clock that moves by hand may wait for a disk.
    readFile: options.readFile ?? (async (path) => readFileNow(path)),
    drainMs,
    limits: options.limits ?? { maxConnectsPerSecond: 10_000, maxConnections: 0 },
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    ...(options.silenceEdgesMs !== undefined && { silenceEdgesMs: options.silenceEdgesMs }),
    emit(event) {
      events.push(event);
      const same = ofType(event.type);
      same.push(event);
      for (const { type, n, resolve } of waiting) if (event.type === type && same.length === n) resolve(event as never);
    },
  });
  await fleet.apply(groupsOf(peers));
  fleet.start();
  return {
    fleet,
    events,
    seen(type, n = 1) {
      const past = ofType(type)[n - 1];
      if (past !== undefined) return Promise.resolve(past as never);
      return new Promise((resolve) => waiting.push({ type, n, resolve }));
    },
    all: (type) => [...ofType(type)] as never,
    forget() {
      events.length = 0;
      byType.clear();
    },
    stop: () => fleet.stop(drainMs),
    async stopNow() {
      const stopped = fleet.stop(0);
      if (isFake(clock)) clock.advance(0);
      await stopped;
    },
  };
}

function isFake(clock: Clock): clock is FakeClock {
  return 'advance' in clock;
}

/** The peers under their groups, as the configuration would have them. */
export function groupsOf(peers: readonly PeerSettings[]): PeerGroup[] {
  const groups = Map.groupBy(peers, ({ group }) => group);
  return [...groups].map(([name, members]) => ({
    name,
    tls: members.some(({ tls }) => tls !== null),
    expectsAnswer: members.some((member) => expectsAnswer(member)),
    canAnnounce: false,
    protocol: members[0]?.protocol ?? null,
    peers: members.map((settings) => ({ settings, announced: null, lingerMs: 0 })),
  }));
}

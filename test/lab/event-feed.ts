import { setTimeout as sleep } from 'node:timers/promises';

/** One event of `GET /api/v1/events`, with `time` as wall-clock milliseconds. */
export type SeenEvent = {
  readonly id: number;
  readonly at: number;
  readonly type: 'connected' | 'connect_failed' | 'disconnected' | 'local_closed';
  readonly group: string;
  readonly peer: string;
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly errno?: string;
  readonly duration_s?: number;
  readonly idle_s?: number;
} & Evidence;

/** What only the log line of an end says. */
export type Evidence = {
  readonly quiet_s?: number;
  readonly retry_in_s?: number;
  readonly unacked_bytes?: number;
  readonly retransmits?: number;
};

/** Every event of a daemon, collected while it runs. Ids are consecutive, so a missed one cannot go unnoticed. */
export type EventFeed = {
  /** Events of one group, by peer, in the order they happened. */
  of(group: string): ReadonlyMap<string, readonly SeenEvent[]>;
  all(): readonly SeenEvent[];
  /** Waits until a fetch that began after now has been taken in. */
  refreshed(): Promise<void>;
  stop(): Promise<void>;
};

/** The daemon remembers 1,000 events; at 400 connects a second this leaves room for two and a half seconds of them. */
const POLL_MS = 200;
const FEW = 200;
const MOST = 1000;

export function createEventFeed(get: (url: string) => Promise<string>): EventFeed {
  const events: SeenEvent[] = [];
  const groups = new Map<string, Map<string, SeenEvent[]>>();
  let stopped = false;
  let failure: Error | null = null;
  let rounds = 0;
  const take = (event: SeenEvent): void => {
    events.push(event);
    const group = groups.get(event.group) ?? groups.set(event.group, new Map()).get(event.group)!;
    const list = group.get(event.peer) ?? group.set(event.peer, []).get(event.peer)!;
    list.push(event);
  };
  const poll = async (): Promise<void> => {
    const last = events.at(-1)?.id ?? 0;
    let found = await newerThan(get, last, FEW);
    if ((found[0]?.id ?? last + 1) > last + 1) found = await newerThan(get, last, MOST);
    for (const event of found) {
      // Ids begin at a number of the run.
      const before = events.at(-1)?.id ?? event.id - 1;
      if (event.id !== before + 1) throw new Error(`events were missed before ${event.id}`);
      take(event);
    }
  };
  const running = (async () => {
    while (!stopped) {
      await poll().catch((error: Error) => {
        // A daemon that is stopped on purpose does not answer for a while; a gap is final.
        if (error.message.includes('missed')) failure = error;
      });
      rounds += 1;
      await sleep(POLL_MS);
    }
  })();
  return {
    of: (group) => groups.get(group) ?? new Map(),
    all: () => events,
    async refreshed() {
      const since = rounds;
      while (rounds < since + 2 && !stopped) await sleep(POLL_MS / 4);
      if (failure !== null) throw failure;
    },
    async stop() {
      stopped = true;
      await running;
      if (failure !== null) throw failure;
    },
  };
}

async function newerThan(
  get: (url: string) => Promise<string>,
  last: number,
  limit: number,
): Promise<readonly SeenEvent[]> {
  const answer = JSON.parse(await get(`/api/v1/events?limit=${limit}`)) as {
    events: readonly (Omit<SeenEvent, 'id'> & { readonly id: string; readonly time: string })[];
  };
  return answer.events
    .map((event) => ({ ...event, id: Number(event.id), at: Date.parse(event.time) }))
    .filter(({ id }) => id > last)
    .sort((a, b) => a.id - b.id);
}

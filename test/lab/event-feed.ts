import { setTimeout as sleep } from 'node:timers/promises';

/** One event of `GET /api/v1/events`, with `time` as wall-clock milliseconds. */
export type SeenEvent = {
  readonly id: number;
  readonly at: number;
  readonly type: 'connected' | 'connect_failed' | 'disconnected' | 'local_closed' | 'explained' | 'incident';
  readonly group: string;
  readonly peer: string;
  readonly connection_id: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly errno?: string;
  readonly duration_s?: number;
  readonly idle_s?: number;
  readonly hint?: string;
  readonly hint_detail?: string;
  readonly by?: string;
  readonly incident?: string;
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
  /** What happened to the peers of one group, in its order. */
  of(group: string): ReadonlyMap<string, readonly SeenEvent[]>;
  all(): readonly SeenEvent[];
  /** Waits until a fetch that began after now has been taken in. */
  refreshed(): Promise<void>;
  stop(): Promise<void>;
};

/** The daemon remembers 1,000 events; at 400 connects a second this leaves room for two and a half seconds of them. */
const POLL_MS = 200;
const MOST = 1000;

export function createEventFeed(get: (url: string) => Promise<string>, pollMs = POLL_MS): EventFeed {
  const events: SeenEvent[] = [];
  const groups = new Map<string, Map<string, SeenEvent[]>>();
  let stopped = false;
  let failure: Error | null = null;
  let rounds = 0;
  const take = (event: SeenEvent): void => {
    events.push(event);
    // They tell what was behind an end, and are none of it.
    if (event.type === 'explained' || event.type === 'incident') return;
    const group = groups.get(event.group) ?? groups.set(event.group, new Map()).get(event.group)!;
    const list = group.get(event.peer) ?? group.set(event.peer, []).get(event.peer)!;
    list.push(event);
  };
  const poll = async (): Promise<void> => {
    for (const event of await newerThan(get, events.at(-1)?.id)) {
      // Ids begin at a number of the run.
      const before = events.at(-1)?.id ?? event.id - 1;
      if (event.id !== before + 1) throw new Error(`events were missed between ${before} and ${event.id}`);
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
      await sleep(pollMs);
    }
  })();
  return {
    of: (group) => groups.get(group) ?? new Map(),
    all: () => events,
    async refreshed() {
      const since = rounds;
      while (rounds < since + 2 && !stopped) await sleep(pollMs / 4);
      if (failure !== null) throw failure;
    },
    async stop() {
      stopped = true;
      await running;
      if (failure !== null) throw failure;
    },
  };
}

/** Of a daemon whose events nobody asks for: of those of other processes' connections it keeps but the newest, and its ids have gaps. */
export const NO_EVENTS: EventFeed = {
  of: () => new Map(),
  all: () => [],
  refreshed: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

async function newerThan(
  get: (url: string) => Promise<string>,
  last: number | undefined,
): Promise<readonly SeenEvent[]> {
  const since = last === undefined ? '' : `&since_id=${last}`;
  const answer = JSON.parse(await get(`/api/v1/events?limit=${MOST}${since}`)) as {
    events: readonly (Omit<SeenEvent, 'id'> & { readonly id: string; readonly time: string })[];
  };
  return answer.events
    .map((event) => ({ ...event, id: Number(event.id), at: Date.parse(event.time) }))
    .sort((a, b) => a.id - b.id);
}

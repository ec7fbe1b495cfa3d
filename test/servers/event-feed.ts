import { setTimeout as sleep } from 'node:timers/promises';

/** An event as `GET /api/v1/events` shows it. */
export type ApiEvent = {
  readonly id: string | number;
  readonly time: string;
  readonly type: 'connected' | 'connect_failed' | 'disconnected' | 'local_closed';
  readonly group: string;
  readonly peer: string;
  readonly connection_id?: string;
  readonly class?: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly goodbye?: string;
  readonly duration_s?: number;
  readonly idle_s?: number;
};

export type EventFeed = {
  /** The first event of this type in a group; null when none came in time. */
  readonly first: (group: string, type: ApiEvent['type'], withinMs: number) => Promise<ApiEvent | null>;
  readonly all: () => readonly ApiEvent[];
  readonly stop: () => Promise<void>;
};

/** Often enough for rows that last a second, seldom enough for two busy cores. */
const POLL_MS = 150;

/** Reads the events of one daemon again and again, for all rows together. */
export function createEventFeed(url: string): EventFeed {
  const events = new Map<ApiEvent['id'], ApiEvent>();
  let stopped = false;
  let failure: Error | null = null;
  const polling = poll().catch((error: unknown) => {
    failure = new Error('The daemon no longer answers', { cause: error });
  });
  return {
    async first(group, type, withinMs) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = [...events.values()].find((event) => event.group === group && event.type === type);
        if (failure) throw failure;
        if (found || Date.now() > deadline || stopped) return found ?? null;
        await sleep(POLL_MS / 3);
      }
    },
    all: () => [...events.values()],
    async stop() {
      stopped = true;
      await polling;
    },
  };

  async function poll(): Promise<void> {
    while (!stopped) {
      const answer = await fetch(url);
      const page = (await answer.json()) as { readonly events: readonly ApiEvent[] };
      // Newest first on the wire; kept oldest first here.
      for (const event of page.events.toReversed()) events.set(event.id, event);
      await sleep(POLL_MS);
    }
  }
}

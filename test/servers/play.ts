import type { ApiEvent, EventFeed } from './event-feed.ts';
import type { ServerRow, Situation } from './server-row.ts';

export type Played =
  | { readonly kind: 'ended'; readonly event: ApiEvent }
  | { readonly kind: 'refused'; readonly event: ApiEvent }
  | { readonly kind: 'held'; readonly seconds: number }
  /** Neither an end nor a failure within the time the row may take. */
  | { readonly kind: 'nothing'; readonly waitedFor: string };

/** The daemon connects at once; 200 connects a second is its own limit, the rest is the machine. */
const CONNECT_MS = 20_000;
/** Longer than the longest row (95 s), shorter than the patience of a CI job. */
const END_MS = 115_000;

/** Waits for the connection, does the row's deed, and reports what came of it. */
export async function play(row: ServerRow, situation: Situation, feed: EventFeed): Promise<Played> {
  const { outcome, group } = row;
  if (outcome.kind === 'refused') {
    const event = await feed.first(group, 'connect_failed', CONNECT_MS);
    return event ? { kind: 'refused', event } : { kind: 'nothing', waitedFor: 'connect_failed' };
  }
  const connected = await feed.first(group, 'connected', CONNECT_MS);
  if (!connected) return { kind: 'nothing', waitedFor: 'connected' };
  await situation.act?.();
  const patience = outcome.kind === 'held' ? outcome.seconds * 1000 : END_MS;
  const event = await feed.first(group, 'disconnected', patience);
  if (event) return { kind: 'ended', event };
  if (outcome.kind === 'held') return { kind: 'held', seconds: outcome.seconds };
  return { kind: 'nothing', waitedFor: 'disconnected' };
}

import { flowKey, TCP_STATE, type TraceRecord } from '../os/tracefs/trace-record.ts';
import type { Census } from './census.ts';
import type { FollowedSocket } from './followed-socket.ts';

/** A census, and when it was begun. */
export type TakenCensus = { readonly rows: Census; readonly beganNs: number };

/** What a census shows that the lines did not. */
export type CensusFinding = {
  /** Followed, and not there any more. */
  readonly gone: readonly FollowedSocket[];
  /** There, and not followed. */
  readonly unknown: Census;
};

/**
 * Holds what is followed against a census. It is asked once every line from before the end of the census was read. What began
 * after its beginning is not missed in it.
 */
export function checkCensus(held: Iterable<FollowedSocket>, { rows, beganNs }: TakenCensus): CensusFinding {
  const unmatched = Map.groupBy(rows, ({ flow, state }) => `${state} ${flowKey(flow)}`);
  const gone: FollowedSocket[] = [];
  for (const followed of held) {
    const state = followed.state === 'closeWait' ? TCP_STATE.closeWait : TCP_STATE.established;
    const isThere = unmatched.get(`${state} ${flowKey(followed.socket.flow)}`)?.pop() !== undefined;
    if (!isThere && followed.sinceNs < beganNs) gone.push(followed);
  }
  return { gone, unknown: [...unmatched.values()].flat() };
}

/** Those of them that were not left meanwhile: of a connection whose flow is in `ended`, what /proc said may be old. */
export function notEnded(rows: Census, ended: ReadonlySet<string>): Census {
  return rows.filter(({ flow }) => !ended.has(flowKey(flow)));
}

/** The flow of a connection that left a state in which a census lists it; null: the line says no such thing. */
export function leftFlow(record: TraceRecord): string | null {
  if (record.kind !== 'state') return null;
  const wasListed = record.from === TCP_STATE.established || record.from === TCP_STATE.closeWait;
  return wasListed ? flowKey(record.flow) : null;
}

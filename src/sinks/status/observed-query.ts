/** The states that `GET /api/v1/observed` can be asked for; `close_wait`: the peer has closed, the process has not. */
export const OBSERVED_STATES = ['established', 'close_wait'] as const;
export type ObservedState = (typeof OBSERVED_STATES)[number];

/** What `GET /api/v1/observed` asks for. Absent: any. */
export type ObservedQuery = { readonly group?: string; readonly peer?: string; readonly state?: ObservedState };

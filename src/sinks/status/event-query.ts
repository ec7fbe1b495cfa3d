import type { DisconnectClass } from '../../domain/disconnect.ts';

/** Which events are wanted. Absent: any. */
export type EventFilter = {
  /** Those of its peers, and incidents whose scope it is. */
  readonly group?: string;
  readonly peer?: string;
  /** Only disconnects of this class and what explains them; what has no class is left out. */
  readonly class?: DisconnectClass;
};

/** What `GET /api/v1/events` asks for. */
export type EventQuery = EventFilter & {
  /** Only those after it. */
  readonly sinceId?: number;
  /** At most this many, the newest. */
  readonly limit: number;
};

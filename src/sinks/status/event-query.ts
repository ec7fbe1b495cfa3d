import type { DisconnectClass } from '../../domain/disconnect.ts';

/** What `GET /api/v1/events` asks for. Absent: any. */
export type EventQuery = {
  readonly group?: string;
  readonly peer?: string;
  /** Only disconnects of this class; what has no class is left out. */
  readonly class?: DisconnectClass;
  /** At most this many, the newest. */
  readonly limit: number;
};

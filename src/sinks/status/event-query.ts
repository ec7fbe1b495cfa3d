import type { DisconnectClass } from '../../domain/disconnect.ts';
import { CONNECTION_EVENT_NAMES } from '../../explanations/connection-fields.ts';
import { OBSERVED_EVENT_NAMES } from '../../explanations/observed-fields.ts';

/** Every type of event that can be listed. */
export const EVENT_TYPES = [
  ...Object.values(CONNECTION_EVENT_NAMES),
  'incident',
  ...Object.values(OBSERVED_EVENT_NAMES),
] as const;
/** What an event is called in files and answers. */
export type EventType = (typeof EVENT_TYPES)[number];

/** Which events are wanted. Absent: any, but for the quiet ones where no type is asked for. */
export type EventFilter = {
  /** Those of its peers, and incidents whose scope it is. */
  readonly group?: string;
  readonly peer?: string;
  /** Only ends of this class and what explains them; what has no class is left out. */
  readonly class?: DisconnectClass;
  readonly type?: EventType;
};

/** What `GET /api/v1/events` asks for. */
export type EventQuery = EventFilter & {
  /** Only those after it. */
  readonly sinceId?: number;
  /** At most this many, the newest. */
  readonly limit: number;
};

import type { LoginSettings, ProtocolSettings } from './protocol-settings.ts';

/** What is sent to a peer again and again, and what must come back. */
export type Heartbeat = {
  /** In whose words; where the group has a `protocol`, that one. */
  readonly protocol: ProtocolSettings;
  readonly intervalMs: number;
  /** How long an answer may take; null: none is needed. */
  readonly timeoutMs: number | null;
};

/**
 * Whether an answer is awaited, to a login or a heartbeat: then the first one is what makes a connection established, and
 * round trips exist.
 */
export function expectsAnswer({ heartbeat, protocol }: Spoken): boolean {
  return protocol !== null || (heartbeat !== null && heartbeat.timeoutMs !== null);
}

/** What is said to a peer. */
type Spoken = { readonly heartbeat: Heartbeat | null; readonly protocol: LoginSettings | null };

/** Where nothing is written. An answer never gets longer than the interval. */
export const DEFAULT_HEARTBEAT = { intervalMs: 10_000, timeoutMs: 5000 } as const;

/** How long an answer may take where nothing is written: the default, or the interval where that is shorter. */
export function defaultAnswerTimeoutMs(intervalMs: number): number {
  return Math.min(DEFAULT_HEARTBEAT.timeoutMs, intervalMs);
}

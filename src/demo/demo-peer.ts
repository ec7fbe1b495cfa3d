import type { Socket } from 'node:net';
import type { Clock } from '../clock/clock.ts';

/** One peer of the demo: what it does to a connection, and what Finrst is expected to report. */
export type DemoPeer = {
  /** Its group, so that every behaviour has its own series. */
  readonly group: string;
  /** For the table that the demo prints. */
  readonly does: string;
  /** `eof/fin` (class/reason), `tcp/refused` (phase/reason), `local/max_age`; null: it stays up. */
  readonly expected: string | null;
  /** Keys of its group in YAML, one per line. */
  readonly settings: readonly string[];
  /** What it does with a connection; null: nothing listens. */
  readonly serve: ((connection: DemoConnection) => void) | null;
};

/** One accepted connection and timers that end with it. */
export type DemoConnection = {
  readonly socket: Socket;
  /** Calls back after `ms`, unless the connection is gone by then. */
  readonly after: (ms: number, callback: () => void) => void;
  readonly clock: Clock;
};

import type { Clock } from '../../clock/clock.ts';
import type { Warned } from './process-events.ts';

/** Publishes our own trouble or advice. `message` is the same each time, what varies is in `fields`. */
export type Warn = (level: Warned['level'], message: string, fields?: Warned['fields']) => void;

/** The one way to publish a `warned` event: stamped with the wall clock at the moment of the call. */
export function createWarn(publish: (event: Warned) => void, clock: Pick<Clock, 'now'>): Warn {
  return (level, message, fields) =>
    publish({ type: 'warned', at: clock.now(), level, message, ...(fields !== undefined && { fields }) });
}

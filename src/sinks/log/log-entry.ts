import type { LineFields } from '../../text/line-format.ts';

/** How much of the log is wanted, and how much a line matters. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the log before its level decides whether it is written. */
export type Entry = { readonly level: LogLevel; readonly msg: string; readonly fields?: LineFields };

import type { Clock } from '../clock/clock.ts';
import type { PacedWork } from '../clock/paced-work.ts';
import type { Sink } from '../events/bus.ts';
import { createLogSink, droppedLine } from '../sinks/log/log.ts';
import { createLineWriter, type TextOutput } from '../text/line-writer.ts';

export type LogOptions = {
  /** Lines below this level are not written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'logfmt' | 'json';
  readonly clock: Pick<Clock, 'now'>;
  readonly output: TextOutput;
  /** The address of the web pages from outside; null: it is not known. */
  readonly externalUrl: string | null;
  /** Where lines are made, behind the ends of connections. Whoever ends the process finishes it first. */
  readonly work: PacedWork;
};

/** The daemon's log: one line for each event that is worth one. Where the output is slow, lines are dropped and counted. */
export function createLog({ level, format, clock, output, externalUrl, work }: LogOptions): Sink {
  const write = createLineWriter(output, (lost) => droppedLine(format, clock.now(), lost));
  return createLogSink({ level, format, write, externalUrl, work });
}

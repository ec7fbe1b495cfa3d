import { type FileHandle, open, rename, stat } from 'node:fs/promises';

import type { Clock, Timer } from '../../clock/clock.ts';
import type { LostConnection } from '../../domain/lost-connection.ts';
import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import { createWarn, type Warn } from '../../domain/events/create-warn.ts';
import type { ObservedEvent } from '../../domain/events/observed-events.ts';
import type { ProcessEvent, Warned } from '../../domain/events/process-events.ts';
import { isPowerOfTwo } from '../../domain/is-power-of-two.ts';
import type { Sink } from '../../events/bus.ts';
import { JournalFile } from './journal-file.ts';
import { connectionLine, incidentLine, journalLine, observedLine, processLine } from './journal-line.ts';
import { type LastRun, type OnJournalLine, readLastRun } from './read-last-run.ts';

export type JournalOptions = {
  readonly file: string;
  readonly clock: Pick<Clock, 'now' | 'after' | 'afterPoll'>;
  /** Gets a line for the log when writing fails, when lines are lost, and when it works again. */
  readonly publish: (event: Warned) => void;
  /** Gets the lines of the runs before, the oldest first. */
  readonly onLine?: OnJournalLine;
  readonly maxBytes?: number;
  readonly keep?: number;
};

export type Journal = {
  readonly sink: Sink;
  /** Whether the run that wrote this file last stopped in order; null: there was none. */
  readonly lastRunClean: boolean | null;
  /** Connections that ended with that run and not before. */
  readonly lostConnections: readonly LostConnection[];
  /** Lines that the last run could not write: where there are any, it is not known which connections ended with it. */
  readonly lastRunLostLines: number;
  /** Lines that found no room, since the start. */
  readonly lostLines: () => number;
  /** Writes what waits, for at most `deadlineMs`. `lost`: lines that were never written, since the start. Never rejects. */
  close(deadlineMs: number): Promise<{ readonly lost: number }>;
};

export type OpenedJournal =
  | { readonly kind: 'opened'; readonly journal: Journal }
  /** The file cannot be read or written; one sentence that names it. */
  | { readonly kind: 'unusable'; readonly problem: string };

/** With four files put aside at most 320 MiB: about a million lines, and small enough to be read at a start in seconds. */
const MAX_BYTES = 64 * 1024 * 1024;
const KEEP = 4;
/** After a crash the end of a quiet connection is known to this much. */
const TOUCH_MS = 5000;

/**
 * Opens the journal: one JSON line per event, in a file that is put aside when it is large. What the last run left in it is
 * read first. Nothing here blocks: lines wait in memory, bounded, while the disk is slow or full.
 */
export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  const { file, clock, onLine = () => undefined } = options;
  try {
    await finishPuttingAside(file);
    // To open a pipe would wait for its reader.
    const status = await stat(file).catch(() => null);
    if (status?.isFIFO() === true || status?.isSocket() === true) return unusable(file, 'it is a pipe or a socket');
    const last = await readLastRun(file, clock.now(), onLine);
    return { kind: 'opened', journal: new RunningJournal(options, await open(file, 'a'), last) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return unusable(file, error.message);
  }
}

function unusable(file: string, why: string): OpenedJournal {
  return { kind: 'unusable', problem: `the journal ${file} cannot be used: ${why}` };
}

class RunningJournal implements Journal {
  readonly sink: Sink = {
    connection: (event) => this.#connection(event),
    observed: (event) => this.#observed(event),
    incident: (event) => this.#file.append(incidentLine(event)),
    process: (event) => this.#process(event),
  };
  readonly lastRunClean: boolean | null;
  readonly lostConnections: readonly LostConnection[];
  readonly lastRunLostLines: number;
  readonly #clock: JournalOptions['clock'];
  readonly #file: JournalFile;
  /** The `connected` line of each connection that is held. */
  readonly #held = new Map<string, string>();
  #timer: Timer;

  constructor(options: JournalOptions, handle: FileHandle, last: LastRun | null) {
    const { clock } = options;
    this.#clock = clock;
    this.lastRunClean = last?.clean ?? null;
    this.lostConnections = last?.lostConnections ?? [];
    this.lastRunLostLines = last?.lostLines ?? 0;
    this.#file = this.#start(options, handle, last?.bytes ?? 0);
    if (last?.torn === true) this.#file.append('');
    if (last !== null) {
      this.#file.append(journalLine(clock.now(), { type: 'last_run_read', died: last.lostConnections.length }));
    }
    this.#timer = clock.after(TOUCH_MS, () => this.#touch());
  }

  readonly lostLines = (): number => this.#file.lost;

  async close(deadlineMs: number): Promise<{ readonly lost: number }> {
    this.#timer.cancel();
    return { lost: await this.#file.close(deadlineMs) };
  }

  #start(
    { file: path, clock, publish, maxBytes = MAX_BYTES, keep = KEEP }: JournalOptions,
    handle: FileHandle,
    bytes: number,
  ) {
    const warn = createWarn(publish, clock);
    return new JournalFile({
      path,
      clock,
      handle,
      bytes,
      maxBytes,
      keep,
      carryOver: () => [...this.#held.values()].map(stillOpen),
      describeGap: (lost) => journalLine(clock.now(), { type: 'lines_lost', lost }),
      ...reports(path, warn),
    });
  }

  #connection(event: ConnectionEvent): void {
    const line = connectionLine(event);
    this.#file.append(line);
    if (event.type === 'connected') this.#held.set(event.connectionId, line);
    if (event.type === 'disconnected' || event.type === 'localClosed') this.#held.delete(event.connectionId);
  }

  /** Errors alone, thinned as in the log: applications make thousands of connections a second, and a journal is read at a start. */
  #observed(event: ObservedEvent): void {
    if (event.type === 'observedEnded' && isPowerOfTwo(event.errorsInARow)) this.#file.append(observedLine(event));
  }

  #process(event: ProcessEvent): void {
    const line = processLine(event);
    if (line !== null) this.#file.append(line);
  }

  #touch(): void {
    this.#file.touch();
    this.#timer = this.#clock.after(TOUCH_MS, () => this.#touch());
  }
}

/** The lines of the log about the file. */
function reports(file: string, warn: Warn) {
  return {
    onTrouble: ({ message }: Error) =>
      warn('error', 'the journal cannot be written; lines wait in memory', { file, error: message }),
    onLoss: () => warn('error', 'journal lines are being lost: no more of them fit in memory', { file }),
    onRecovered: (lost: number) => warn('warn', 'the journal can be written again', { file, lost_lines: lost }),
    onDeleted: () => warn('error', 'the journal file was deleted; a new one is in its place', { file }),
  };
}

/** A connection that is held while its file is put aside is written down again, under a type of its own: it is no news. */
function stillOpen(line: string): string {
  return line.replace('"type":"connected"', '"type":"still_open"');
}

/** A crash between the two renames of putting aside leaves FILE.next and no FILE. */
async function finishPuttingAside(file: string): Promise<void> {
  const status = await stat(file).catch(() => null);
  if (status !== null) return;
  await rename(`${file}.next`, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

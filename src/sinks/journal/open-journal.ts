import { type FileHandle, open, rename } from 'node:fs/promises';

import type { Clock } from '../../clock/clock.ts';
import type { LostConnection } from '../../domain/lost-connection.ts';
import type { ConnectionEvent } from '../../domain/events/connection-events.ts';
import { createWarn } from '../../domain/events/create-warn.ts';
import type { Warned } from '../../domain/events/process-events.ts';
import type { Sink } from '../../events/bus.ts';
import { JournalFile } from './journal-file.ts';
import { connectionLine, journalLine, processLine } from './journal-line.ts';
import { type LastRun, readLastRun } from './read-last-run.ts';

export type JournalOptions = {
  readonly file: string;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Gets a line for the log when writing fails and when it works again. */
  readonly publish: (event: Warned) => void;
  readonly maxBytes?: number;
  readonly keep?: number;
};

export type Journal = {
  readonly sink: Sink;
  /** Whether the run that wrote this file last stopped in order; null: there was none. */
  readonly lastRunClean: boolean | null;
  /** Connections that ended with that run and not before. */
  readonly lostConnections: readonly LostConnection[];
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
  const { file, clock } = options;
  try {
    await finishPuttingAside(file);
    const last = await readLastRun(file, clock.now());
    const handle = await open(file, 'a');
    return { kind: 'opened', journal: start(options, handle, last) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { kind: 'unusable', problem: `the journal ${file} cannot be used: ${error.message}` };
  }
}

function start(options: JournalOptions, handle: FileHandle, last: LastRun | null): Journal {
  const { clock, publish, maxBytes = MAX_BYTES, keep = KEEP } = options;
  const held = new Map<string, string>();
  const warn = createWarn(publish, clock);
  const file = new JournalFile({
    path: options.file,
    clock,
    handle,
    bytes: last?.bytes ?? 0,
    maxBytes,
    keep,
    carryOver: () => [...held.values()].map(stillOpen),
    onTrouble: (error) =>
      warn('error', 'the journal cannot be written; lines wait in memory', {
        file: options.file,
        error: error.message,
      }),
    onRecovered: (lost) => warn('warn', 'the journal can be written again', { file: options.file, lost_lines: lost }),
  });
  if (last?.torn === true) file.append('');
  const lostConnections = last?.lostConnections ?? [];
  if (last !== null) file.append(journalLine(clock.now(), { type: 'last_run_read', died: lostConnections.length }));
  let timer = clock.after(TOUCH_MS, function touch() {
    file.touch();
    timer = clock.after(TOUCH_MS, touch);
  });
  return {
    sink: {
      connection(event) {
        const line = connectionLine(event);
        file.append(line);
        hold(held, event, line);
      },
      process(event) {
        const line = processLine(event);
        if (line !== null) file.append(line);
      },
    },
    lastRunClean: last?.clean ?? null,
    lostConnections,
    async close(deadlineMs) {
      timer.cancel();
      return { lost: await file.close(deadlineMs) };
    },
  };
}

function hold(held: Map<string, string>, event: ConnectionEvent, line: string): void {
  if (event.type === 'connected') held.set(event.connectionId, line);
  if (event.type === 'disconnected' || event.type === 'localClosed') held.delete(event.connectionId);
}

/** A connection that is held while its file is put aside is written down again, under a type of its own: it is no news. */
function stillOpen(line: string): string {
  return line.replace('"type":"connected"', '"type":"still_open"');
}

/** A crash between the two renames of putting aside leaves FILE.next and no FILE. */
async function finishPuttingAside(file: string): Promise<void> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle !== null) return handle.close();
  await rename(`${file}.next`, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

import type { Journal } from '../sinks/journal/open-journal.ts';
import type { Part } from './part.ts';

/** The journal's last lines take a few milliseconds; a disk that hangs does not hold the exit. */
const JOURNAL_STOP_MS = 250;

/** Writes the last lines when everything else has stopped. */
export function journalPart(journal: Journal): Part {
  return {
    name: 'journal',
    sink: journal.sink,
    stop: (deadlineMs) => journal.close(deadlineMs),
    stopMs: JOURNAL_STOP_MS,
    lossMessage: 'journal lines were lost: they could not be written',
  };
}

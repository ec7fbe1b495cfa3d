import { expect, test } from 'vitest';
import type { Journal } from '../../../../src/sinks/journal/open-journal.ts';
import { warnOfLastRun } from '../../../../src/sinks/journal/warn-of-last-run.ts';

function warned(journal: Pick<Journal, 'lastRunClean' | 'lastRunLostLines'>): unknown[] {
  const lines: unknown[] = [];
  const rest = { sink: {}, lostConnections: [], lostLines: () => 0, close: async () => ({ lost: 0 }) };
  warnOfLastRun({ ...rest, ...journal }, (...line) => void lines.push(line));
  return lines;
}

test.each([
  { lastRunClean: null, lastRunLostLines: 0, lines: [] },
  { lastRunClean: true, lastRunLostLines: 0, lines: [] },
  {
    lastRunClean: false,
    lastRunLostLines: 0,
    lines: [['error', 'the last run did not stop in order', { connections: 0 }]],
  },
  {
    lastRunClean: true,
    lastRunLostLines: 7,
    lines: [['warn', 'the journal of the last run is not complete', { lost_lines: 7 }]],
  },
  {
    lastRunClean: false,
    lastRunLostLines: 7,
    lines: [
      [
        'error',
        'the last run did not stop in order; its journal is not complete, so what ended with it is not known',
        { lost_lines: 7 },
      ],
    ],
  },
])('clean: $lastRunClean, lost lines: $lastRunLostLines', ({ lines, ...journal }) => {
  expect(warned(journal)).toEqual(lines);
});

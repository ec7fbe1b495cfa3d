import { expect, test } from 'vitest';
import type { Journal } from '../../../../src/sinks/journal/open-journal.ts';
import { warnOfLastRun } from '../../../../src/sinks/journal/warn-of-last-run.ts';
import { connectedEvent } from '../../../support/sample-finrst-events.ts';

type Read = Pick<Journal, 'lastRunClean' | 'lastRunLostLines'> & Partial<Pick<Journal, 'lostConnections'>>;

function warned(journal: Read): unknown[] {
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

test('a connection that ended with the last run is named with its target labels, those that are not empty', () => {
  const { peer, remote, local, at } = connectedEvent;
  const lost = { group: 'g', peer: peer.peer, remote, local, connectionId: 'c', establishedAt: at, lastSeenAt: at };
  const lostConnections = [
    { ...lost, labels: { team: 'payments', tier: '' }, reason: 'process_died' },
    { ...lost, labels: {}, reason: 'process_died' },
  ] as const;
  const [, labelled, plain] = warned({ lastRunClean: false, lastRunLostLines: 0, lostConnections });
  expect(labelled).toMatchObject(['warn', 'a connection ended with the last run', { labels: { team: 'payments' } }]);
  expect(labelled).not.toHaveProperty('2.labels.tier');
  expect(plain).not.toHaveProperty('2.labels');
});

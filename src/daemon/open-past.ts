import { createWarn } from '../domain/events/create-warn.ts';
import type { Publish } from '../events/bus.ts';
import { EventNumbers, largestNumber } from '../events/event-numbers.ts';
import { openJournal } from '../sinks/journal/open-journal.ts';
import { createRecentEvents, createRestoredEvents } from '../sinks/status/recent-events.ts';
import type { DaemonOptions } from './daemon-options.ts';

/** The journal, where one is kept, and the events of the runs before that it has. */
export async function openPast({ eventsFile: file = null, clock }: DaemonOptions, publish: Publish) {
  const restored = createRestoredEvents(largestNumber(clock.now()));
  const opened =
    file === null ? null : await openJournal({ file, clock, publish, onLine: (line) => restored.add(line) });
  if (opened?.kind === 'unusable') return opened;
  const { skipped } = restored;
  if (skipped > 0) {
    const message = 'lines of the journal are no events of ours, and are left out';
    createWarn(publish, clock)('warn', message, { file: file ?? '', lines: skipped });
  }
  const numbers = new EventNumbers(clock.now(), restored.lastId);
  const recent = createRecentEvents({ lastId: numbers.last, restored });
  return { kind: 'opened', journal: opened?.journal ?? null, numbers, recent } as const;
}

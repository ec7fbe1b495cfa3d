import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { ObservedEvent } from '../../../../src/domain/events/observed-events.ts';
import { EventNumbers, largestNumber } from '../../../../src/events/event-numbers.ts';
import { createRecentEvents, createRestoredEvents } from '../../../../src/sinks/status/recent-events.ts';
import { connectionLine, incidentLine, observedLine } from '../../../../src/sinks/journal/journal-line.ts';
import { numbered } from '../../../support/numbered.ts';
import { publishTo } from '../../../support/publish-to.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
  observedErrorEvent,
} from '../../../support/sample-finrst-events.ts';

type Line = Readonly<Record<string, unknown>>;
type Written = { readonly lines: readonly Line[]; readonly listed: readonly unknown[]; readonly lastId: number };

/** A run that began at `startedAt`: the lines it wrote, and what it listed. */
function run(events: readonly FinrstEvent[], startedAt = 1): Written {
  const numbers = new EventNumbers(startedAt);
  const recent = createRecentEvents({ lastId: numbers.last });
  const lines: Line[] = [];
  const journal = {
    connection: (event: Parameters<typeof connectionLine>[0]) =>
      void lines.push(JSON.parse(connectionLine(event)) as Line),
    incident: (event: Parameters<typeof incidentLine>[0]) => void lines.push(JSON.parse(incidentLine(event)) as Line),
    observed: (event: ObservedEvent) => {
      if (event.type === 'observedEnded') lines.push(JSON.parse(observedLine(event)) as Line);
    },
  };
  events.forEach(numbered(publishTo(recent.sink, journal), numbers));
  return { lines, listed: [...recent.query({ limit: 1000 })].map(parse), lastId: numbers.last };
}

function restart(lines: readonly (Line | null)[], startedAt = 10) {
  const restored = createRestoredEvents(largestNumber(startedAt));
  for (const line of lines) restored.add(line);
  const numbers = new EventNumbers(startedAt, restored.lastId);
  const recent = createRecentEvents({ lastId: numbers.last, restored });
  const publish = numbered(publishTo(recent.sink), numbers);
  const list = (sinceId = 0) => [...recent.query({ limit: 5000, sinceId })].map(parse);
  return { restored, recent, numbers, publish, list, ids: () => list().map(({ id }) => Number(id)) };
}

const parse = (text: string) => JSON.parse(text) as Readonly<Record<string, unknown>>;
const times = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
const everyKind: readonly FinrstEvent[] = [
  connectedEvent,
  {
    ...disconnectedEvent,
    peer: { ...disconnectedEvent.peer, labels: { team: 'payments', none: '' } },
    hint: { name: 'path_dead' },
    goodbye: 'going_away',
    trace: { traceId: 'a', spanId: 'b', recorded: true },
  },
  { ...connectFailedEvent, tried: connectFailedEvent.tried.flatMap((one) => [one, one]), detail: 'd' },
  localClosedEvent,
  explainedEvent,
  { ...explainedEvent, by: 'incident', incident: '7', endedAt: 1 },
  incidentEvent,
  { ...incidentEvent, scope: { kind: 'process', value: '' }, isObserved: true },
  observedErrorEvent,
  {
    ...observedErrorEvent,
    peer: { ...disconnectedEvent.peer, labels: { team: 'payments' } },
    connection: { ...observedErrorEvent.connection, owner: { pid: 1, executable: 'a"b', pod: 'uid' } },
    errorsInARow: 4,
    trace: { traceId: 'a', spanId: 'b', recorded: true },
  },
];

test('each kind of event is listed after a restart as it was before', () => {
  const before = run(everyKind);
  const after = restart(before.lines);
  expect(after.list()).toEqual(before.listed);
  expect(after.restored.skipped).toBe(0);
});

test('ids go on above those of the run before, also where the clock was set back', () => {
  const before = run(everyKind, 1000);
  for (const startedAt of [2000, 500]) {
    const after = restart(before.lines, startedAt);
    after.publish(connectedEvent);
    expect(after.ids()[0]).toBe(Math.max(startedAt * 4096, before.lastId) + 1);
    expect(after.recent.lastId()).toBe(after.ids()[0]);
  }
});

test('an event of the run before still says what came after it, and one that is in no journal says that some may be missing', () => {
  const before = run(times(3, connectedEvent));
  const after = restart(before.lines);
  after.publish(disconnectedEvent);
  const [first, last] = [before.lastId - 2, before.lastId];
  expect([first - 2, first - 1, first, last, last + 1].map((id) => after.recent.isGapAfter(id))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
  expect(after.list(last)).toMatchObject([{ type: 'disconnected' }]);
  expect(after.recent.after(first, 100).map(({ id }) => id)).toEqual([first + 1, last, after.numbers.last]);
  expect(after.recent.isGapAfter(after.numbers.last + 1)).toBe(true);
});

test('where the journal lost lines, what came after an event before them is not known as a whole', () => {
  const before = run(times(3, connectedEvent));
  const [one, two, three] = before.lines;
  const after = restart([one ?? null, { type: 'lines_lost', lost: 5 }, two ?? null, three ?? null]);
  const first = before.lastId - 2;
  expect([first, first + 1, first + 2].map((id) => after.recent.isGapAfter(id))).toEqual([true, false, false]);
  expect(after.list()).toHaveLength(3);
});

test('the last thousand are kept, and abnormal ends besides', () => {
  const before = run([disconnectedEvent, ...times(1500, connectedEvent)]);
  const after = restart(before.lines);
  expect(after.ids()).toHaveLength(1001);
  expect(after.list().at(-1)).toMatchObject({ type: 'disconnected', reason: 'reset' });
  expect(after.recent.isGapAfter(before.lastId - 1001)).toBe(true);
  expect(after.recent.isGapAfter(before.lastId - 1000)).toBe(false);
});

test('what is no event of ours is left out and counted', () => {
  const [line = {}] = run([disconnectedEvent]).lines;
  const hostile: readonly (Line | null)[] = [
    null,
    { ...line, id: 5 },
    { ...line, id: '-5' },
    { ...line, id: '9007199254740991' },
    { ...line, id: '1e3' },
    { ...line, id: '5000', time: 7 },
    { ...line, id: '5000', class: 'strange' },
    { ...line, id: '5000', group: null },
    { ...line, id: '5000', peer: ['a'] },
    { ...line, id: '0' },
  ];
  const after = restart([...hostile, line, line]);
  expect(after.restored.skipped).toBe(hostile.length + 1);
  expect(after.list()).toEqual(run([disconnectedEvent]).listed);
});

test('other lines, and events of releases that gave no ids, are left out and not counted', () => {
  const [line = {}] = run([connectedEvent]).lines;
  const { id: _, ...old } = line;
  const after = restart([{ type: 'started' }, { ...line, type: 'still_open' }, old, {}]);
  expect([after.list(), after.restored.skipped]).toEqual([[], 0]);
});

test('of what others wrote into an event only keys of ours are taken, as what they should be', () => {
  const [line = {}] = run([disconnectedEvent]).lines;
  const strange = {
    ...line,
    secret: 'x',
    errno: { a: 1 },
    idle_s: '5',
    labels: { team: 'a', bad: 5 },
    detail: '\u2028</script>',
  };
  const [event = {}] = restart([strange]).list();
  expect(event).toMatchObject({ labels: { team: 'a' }, detail: '\u2028</script>' });
  for (const key of ['secret', 'errno', 'idle_s']) expect(event).not.toHaveProperty(key);
});

test('errors of applications push out nothing of ours, and are no gap', () => {
  const before = run([connectedEvent, ...times(1500, observedErrorEvent)]);
  const after = restart(before.lines);
  const first = before.lastId - 1500;
  expect(after.ids().at(-1)).toBe(first);
  expect(after.recent.isGapAfter(first)).toBe(false);
  expect(after.ids()).toHaveLength(1001);
});

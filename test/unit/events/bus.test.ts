import { expect, test } from 'vitest';
import { EVENT_GROUPS, type EventGroup, type FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import { createEventBus, type Sink } from '../../../src/events/bus.ts';
import { connectedEvent } from '../../support/sample-finrst-events.ts';

const GROUPS = ['connection', 'peer', 'sample', 'discovery', 'observed', 'incident', 'process'] as const;
const stalled: FinrstEvent = { type: 'loopStalled', at: 0, durationMs: 20 };
const noErrors = () => expect.fail('no sink throws here');

/** A sink that takes all groups, and notes which function got which type. */
function recordingSink(seen: string[], name = ''): Required<Sink> {
  const into = (group: EventGroup) => (event: FinrstEvent) => void seen.push(`${name}${group} ${event.type}`);
  return {
    connection: into('connection'),
    peer: into('peer'),
    sample: into('sample'),
    discovery: into('discovery'),
    observed: into('observed'),
    incident: into('incident'),
    process: into('process'),
  };
}

test.each(Object.entries(EVENT_GROUPS))('%s goes to the function for %s events, and to no other', (type, group) => {
  const seen: string[] = [];
  // The bus looks at the type alone.
  createEventBus({ all: recordingSink(seen) }, noErrors).publish({ type } as FinrstEvent);
  expect(seen).toEqual([`${group} ${type}`]);
});

test.each(GROUPS)('a sink without a function for %s events is left alone', (group) => {
  const { [group]: _, ...others } = recordingSink([]);
  const publish = createEventBus({ others }, noErrors).publish;
  for (const [type, itsGroup] of Object.entries(EVENT_GROUPS)) {
    if (itsGroup === group) publish({ type } as FinrstEvent);
  }
});

test('sinks get the event in the order they were given, before publish returns', () => {
  const seen: string[] = [];
  const { publish } = createEventBus({ a: recordingSink(seen, 'a '), b: recordingSink(seen, 'b ') }, noErrors);
  publish(connectedEvent);
  expect(seen).toEqual(['a connection connected', 'b connection connected']);
});

test('a sink that throws loses that event alone, and the others are served', () => {
  const seen: string[] = [];
  const errors: unknown[][] = [];
  const bug = new TypeError('a bug');
  const broken: Sink = {
    ...recordingSink(seen, 'broken '),
    connection() {
      throw bug;
    },
  };
  const sinks = { before: recordingSink(seen, 'before '), broken, after: recordingSink(seen, 'after ') };
  const { publish } = createEventBus(sinks, (...error) => errors.push(error));
  publish(connectedEvent);
  publish(stalled);
  expect(errors).toEqual([['broken', bug, connectedEvent]]);
  expect(seen).toEqual([
    'before connection connected',
    'after connection connected',
    'before sample loopStalled',
    'broken sample loopStalled',
    'after sample loopStalled',
  ]);
});

test('a sink may be an object with state of its own', () => {
  class Counter {
    #count = 0;
    sample(): void {
      this.#count += 1;
    }
    get count(): number {
      return this.#count;
    }
  }
  const counter = new Counter();
  createEventBus({ counter }, noErrors).publish(stalled);
  expect(counter.count).toBe(1);
});

test('what a sink publishes while it is served reaches everybody', () => {
  const seen: string[] = [];
  const warned: FinrstEvent = { type: 'warned', at: 0, level: 'warn', message: 'm' };
  const onStall = () => bus.publish(warned);
  const bus = createEventBus({ first: { sample: onStall }, second: recordingSink(seen) }, noErrors);
  bus.publish(stalled);
  expect(seen).toEqual(['process warned', 'sample loopStalled']);
});

test('an event can be given to one sink at a time, in the same order, whatever the others do', () => {
  const seen: string[] = [];
  const broken: Sink = {
    connection() {
      throw new TypeError('a bug');
    },
  };
  const errors: string[] = [];
  const sinks = {
    a: recordingSink(seen, 'a '),
    samples: { sample: () => undefined },
    broken,
    b: recordingSink(seen, 'b '),
  };
  const { publishTo } = createEventBus(sinks, (sink) => errors.push(sink));
  expect(publishTo(0, connectedEvent)).toBe(true);
  expect(seen.splice(0)).toEqual(['a connection connected']);
  expect(publishTo(1, connectedEvent)).toBe(true);
  expect(errors).toEqual(['broken']);
  expect(publishTo(2, connectedEvent)).toBe(false);
  expect(seen.splice(0)).toEqual(['b connection connected']);
});

test('an event that no sink takes has no first one, either', () => {
  const { publishTo } = createEventBus({ samples: { sample: () => undefined } }, noErrors);
  expect(publishTo(0, connectedEvent)).toBe(false);
});

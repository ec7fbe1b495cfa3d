import { expect, test } from 'vitest';
import { EventStream } from '../../../src/daemon/event-stream.ts';
import { sinkPart } from '../../../src/daemon/part.ts';
import type { FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import type { Sink } from '../../../src/events/bus.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { connectedEvent, disconnectedEvent } from '../../support/sample-finrst-events.ts';

const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), recorded: true };
const stopping: FinrstEvent = { type: 'stopping', at: 1, signal: 'SIGTERM' };

const complete = (event: FinrstEvent) => event;

function recorder() {
  const events: FinrstEvent[] = [];
  const keep = (event: FinrstEvent) => void events.push(event);
  return { events, sink: { connection: keep, process: keep } satisfies Sink };
}

test('events that come before the sinks wait for them, and the spans of a connection are made first', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: {} });
  stream.publish(stopping);
  stream.connect([sinkPart('log', log.sink)], { complete, record: () => trace });
  stream.publish(connectedEvent);
  expect(log.events).toEqual([stopping, { ...connectedEvent, trace }]);
});

test('a sink that throws is reported once, to the others, and costs them nothing', () => {
  const log = recorder();
  const broken: Sink = {
    process() {
      throw new TypeError('no');
    },
  };
  const clock = createFakeClock();
  const stream = new EventStream({ clock, sinks: { broken, log: log.sink } });
  stream.connect([sinkPart('broken', broken), sinkPart('log', log.sink)], { complete, record: () => undefined });
  stream.publish(stopping);
  stream.publish(stopping);
  const message = 'a bug in Finrst: broken could not take a stopping event: TypeError: no';
  expect(log.events).toEqual([{ type: 'warned', at: clock.now(), level: 'error', message }, stopping, stopping]);
});

test('a bug in the spans is reported, and the event arrives without a trace', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: { log: log.sink } });
  stream.connect([sinkPart('log', log.sink)], {
    complete,
    record: () => {
      throw new TypeError('no');
    },
  });
  stream.publish(connectedEvent);
  expect(log.events).toMatchObject([{ type: 'warned', message: expect.stringContaining('traces') }, connectedEvent]);
});

test('what the events before an end show is added before its spans are made and any sink has it', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: {} });
  const hinted = { ...disconnectedEvent, hint: { name: 'path_dead' } } as const;
  const recorded: FinrstEvent[] = [];
  stream.connect([sinkPart('log', log.sink)], {
    complete: (event) => (event === disconnectedEvent ? hinted : event),
    record: (event) => void recorded.push(event),
  });
  stream.publish(disconnectedEvent);
  expect(recorded).toEqual([hinted]);
  expect(log.events).toEqual([hinted]);
});

import { describe, expect, test } from 'vitest';
import { PacedWork } from '../../../src/clock/paced-work.ts';
import { EventStream } from '../../../src/daemon/event-stream.ts';
import { sinkPart } from '../../../src/daemon/part.ts';
import type { FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import type { Sink } from '../../../src/events/bus.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { connectedEvent, disconnectedEvent } from '../../support/sample-finrst-events.ts';

const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), recorded: true };
const stopping: FinrstEvent = { type: 'stopping', at: 1, signal: 'SIGTERM' };

const complete = (event: FinrstEvent) => event;

const METRICS = sinkPart('metrics', {});

function recorder() {
  const events: FinrstEvent[] = [];
  const keep = (event: FinrstEvent) => void events.push(event);
  return { events, sink: { connection: keep, process: keep } satisfies Sink };
}

test('events that come before the sinks wait for them, and the spans of a connection are made first', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: {} });
  stream.publish(stopping);
  stream.connect({ first: METRICS, all: [sinkPart('log', log.sink)] }, { complete, record: () => trace });
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
  stream.connect(
    { first: METRICS, all: [sinkPart('broken', broken), sinkPart('log', log.sink)] },
    { complete, record: () => undefined },
  );
  stream.publish(stopping);
  stream.publish(stopping);
  const message = 'a bug in Finrst: broken could not take a stopping event: TypeError: no';
  expect(log.events).toEqual([{ type: 'warned', at: clock.now(), level: 'error', message }, stopping, stopping]);
});

test('a bug in the spans is reported, and the event arrives without a trace', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: { log: log.sink } });
  stream.connect(
    { first: METRICS, all: [sinkPart('log', log.sink)] },
    {
      complete,
      record: () => {
        throw new TypeError('no');
      },
    },
  );
  stream.publish(connectedEvent);
  expect(log.events).toMatchObject([{ type: 'warned', message: expect.stringContaining('traces') }, connectedEvent]);
});

test('what the events before an end show is added before its spans are made and any sink has it', () => {
  const log = recorder();
  const stream = new EventStream({ clock: createFakeClock(), sinks: {} });
  const hinted = { ...disconnectedEvent, hint: { name: 'path_dead' } } as const;
  const recorded: FinrstEvent[] = [];
  stream.connect(
    { first: METRICS, all: [sinkPart('log', log.sink)] },
    {
      complete: (event) => (event === disconnectedEvent ? hinted : event),
      record: (event) => void recorded.push(event),
    },
  );
  stream.publish(disconnectedEvent);
  expect(recorded).toEqual([hinted]);
  expect(log.events).toEqual([hinted]);
});

describe('beside ends that are counted', () => {
  /** A stream whose work runs when it is told to: `pass` is what one phase of the event loop has time for. */
  function paced() {
    let now = 0;
    const phases: (() => void)[] = [];
    const work = new PacedWork({
      monotonic: () => now,
      afterPoll(callback) {
        phases.push(callback);
        return { cancel: () => undefined };
      },
    });
    const seen: string[] = [];
    /** A sink that takes a while for each event. */
    const see = (who: string, tookMs: number): Sink => {
      const keep = (event: FinrstEvent): void => {
        seen.push(`${who} ${event.type} ${event.at}`);
        now += tookMs;
      };
      return { connection: keep, process: keep };
    };
    const stream = new EventStream({ clock: createFakeClock(), sinks: {}, work });
    const first = sinkPart('metrics', see('metrics', 0));
    const all = [first, sinkPart('log', see('log', 0.6)), sinkPart('pages', see('pages', 0.6))];
    stream.connect({ first, all }, { complete, record: () => undefined });
    /** An end that takes 2 ms to be served. */
    const end = (at: number): void =>
      work.run(() => {
        now += 2;
        stream.publish({ ...disconnectedEvent, at });
      });
    const pass = (): void => {
      now += 100;
      phases.splice(0).forEach((callback) => callback());
    };
    const takeSeen = (): readonly string[] => seen.splice(0);
    return { stream, end, pass, takeSeen };
  }

  test('the metrics have each end at once, and the others have it behind the next look at the sockets', () => {
    const { end, pass, takeSeen } = paced();
    end(1);
    expect(takeSeen()).toEqual(['metrics disconnected 1']);
    pass();
    expect(takeSeen()).toEqual(['log disconnected 1']);
    pass();
    expect(takeSeen()).toEqual(['pages disconnected 1']);
  });

  test('an end that comes meanwhile is counted behind one sink, not behind all that is made of the one before', () => {
    const { end, pass, takeSeen } = paced();
    for (const at of [1, 2, 3, 4]) end(at);
    // The slice of this phase took two of them.
    expect(takeSeen()).toEqual(['metrics disconnected 1', 'metrics disconnected 2']);
    pass();
    expect(takeSeen()).toEqual(['metrics disconnected 3', 'metrics disconnected 4']);
    pass();
    expect(takeSeen()).toEqual(['log disconnected 1']);
    end(5);
    expect(takeSeen()).toEqual(['metrics disconnected 5']);
    pass();
    pass();
    expect(takeSeen()).toEqual(['pages disconnected 1', 'log disconnected 2']);
  });

  test('no event overtakes another on its way to a sink', () => {
    const { stream, end, pass, takeSeen } = paced();
    end(1);
    stream.publish({ ...stopping, at: 2 });
    expect(takeSeen()).toEqual(['metrics disconnected 1', 'metrics stopping 2']);
    for (let phase = 0; phase < 4; phase++) pass();
    expect(takeSeen()).toEqual(['log disconnected 1', 'pages disconnected 1', 'log stopping 2', 'pages stopping 2']);
    stream.publish({ ...stopping, at: 3 });
    expect(takeSeen()).toEqual(['metrics stopping 3', 'log stopping 3', 'pages stopping 3']);
  });

  test('a connection that is established while nothing else is done does not wait for the sockets', () => {
    const { stream, pass, takeSeen } = paced();
    stream.publish({ ...connectedEvent, at: 1 });
    expect(takeSeen()).toEqual(['metrics connected 1', 'log connected 1']);
    pass();
    expect(takeSeen()).toEqual(['pages connected 1']);
  });

  test('whoever ends the process has all events delivered', async () => {
    const { stream, end, pass, takeSeen } = paced();
    for (const at of [1, 2, 3, 4, 5]) end(at);
    pass();
    await stream.part.stop(1000);
    expect(takeSeen().filter((text) => text.startsWith('pages'))).toEqual(
      [1, 2, 3, 4, 5].map((at) => `pages disconnected ${at}`),
    );
    pass();
    expect(takeSeen()).toEqual([]);
  });
});

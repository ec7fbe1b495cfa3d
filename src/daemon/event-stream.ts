import type { Clock } from '../clock/clock.ts';
import { AGAIN, type PacedWork } from '../clock/paced-work.ts';
import { Queue } from '../clock/queue.ts';
import type { ConnectionOutcome } from '../domain/events/connection-events.ts';
import { createWarn } from '../domain/events/create-warn.ts';
import { EVENT_GROUPS, type FinrstEvent } from '../domain/events/finrst-event.ts';
import type { ObservedEnded } from '../domain/events/observed-events.ts';
import { createEventBus, type EventBus, type OnSinkError, type Publish, type Sink } from '../events/bus.ts';
import type { Part } from './part.ts';

export type StreamOptions = {
  readonly clock: Clock;
  /** Where ends are served. Absent: nothing waits for them. */
  readonly work?: Work;
  /** Those that report the bug of another sink to people. */
  readonly sinks: Readonly<Record<string, Sink>>;
};

type Work = Pick<PacedWork, 'runLater' | 'finish'>;

/** What there can be spans of. */
type TracedEvent = ConnectionOutcome | ObservedEnded;

/** Makes the spans of an event. Undefined: there are none. */
export type RecordTrace = (event: TracedEvent) => TracedEvent['trace'];

/** What is made of an event before any sink has it. */
export type Stages = {
  /** Adds what only the events before it show. */
  readonly complete: (event: FinrstEvent) => FinrstEvent;
  readonly record: RecordTrace;
};

/** Who has events. */
export type Receivers = {
  /** Has each event at once, whatever happens: the metrics. */
  readonly first: Part;
  /** All others: what happens to connections, and all that comes behind it, waits until no end is to be counted. */
  readonly all: readonly Part[];
};

/**
 * The way of an event from where it happens to the sinks. Events that come while parts are still being built wait for
 * `connect`. Its hint is decided and its spans are made before any sink has it, so that the log and the exemplars can name its trace.
 */
export class EventStream {
  readonly #onSinkError: OnSinkError;
  readonly #work: Work | undefined;
  /** Events that not all of the others have yet. */
  readonly #late = new Queue<FinrstEvent>();
  /** How many of the others have the first of these. */
  #served = 0;
  readonly #early: FinrstEvent[] = [];
  #deliver: Publish = (event) => void this.#early.push(event);

  constructor(options: StreamOptions) {
    this.#onSinkError = reportOnce(options);
    this.#work = options.work;
  }

  /** Stops once nothing is left to be counted: whoever still waits for events has all of them then. */
  readonly part: Part = {
    name: 'events',
    stop: async () => {
      if (!this.#late.isEmpty) this.#work?.finish();
      return { lost: 0 };
    },
  };

  readonly publish: Publish = (event) => this.#deliver(event);

  /** From now on events reach the sinks of these parts, the others in their order; those that waited come first. */
  connect({ first, all }: Receivers, { complete, record }: Stages): void {
    const firstBus = this.#busOf([first]);
    const otherBus = this.#busOf(all.filter((part) => part !== first));
    const goOn = (): unknown => this.#serveOne(otherBus);
    this.#deliver = (event) => {
      const made = this.#withTrace(complete(event), record);
      firstBus.publish(made);
      if (this.#work !== undefined && this.#mustWait(made)) this.#putOff(made, goOn, this.#work);
      else otherBus.publish(made);
    };
    this.#early.splice(0).forEach(this.publish);
  }

  #busOf(parts: readonly Part[]): EventBus {
    const sinks = parts.flatMap(({ name, sink }) => (sink === undefined ? [] : [[name, sink] as const]));
    return createEventBus(Object.fromEntries(sinks), this.#onSinkError);
  }

  /** What is made of an end costs ten times as much as its count; and an event never overtakes another. */
  #mustWait(event: FinrstEvent): boolean {
    return EVENT_GROUPS[event.type] === 'connection' || !this.#late.isEmpty;
  }

  #putOff(event: FinrstEvent, goOn: () => unknown, work: Work): void {
    const isUnderWay = !this.#late.isEmpty;
    this.#late.push(event);
    if (!isUnderWay) work.runLater(goOn);
  }

  /** One event to one sink. */
  #serveOne(bus: EventBus): unknown {
    const event = this.#late.head;
    if (event !== undefined && bus.publishTo(this.#served++, event)) return AGAIN;
    this.#served = 0;
    this.#late.shift();
    return this.#late.isEmpty ? undefined : AGAIN;
  }

  #withTrace(event: FinrstEvent, record: RecordTrace): FinrstEvent {
    if (!isTraced(event)) return event;
    try {
      const trace = record(event);
      return trace === undefined ? event : { ...event, trace };
    } catch (error) {
      this.#onSinkError('traces', error, event);
      return event;
    }
  }
}

function isTraced(event: FinrstEvent): event is TracedEvent {
  const isOutcome = EVENT_GROUPS[event.type] === 'connection' && event.type !== 'explained';
  return isOutcome || event.type === 'observedEnded';
}

/** A sink that throws is a bug of ours: reported once for each sink, to the given sinks other than that one. */
function reportOnce({ sinks, clock }: StreamOptions): OnSinkError {
  const reported = new Set<string>();
  return (sink, error, event) => {
    if (reported.has(sink)) return;
    reported.add(sink);
    const others = Object.fromEntries(Object.entries(sinks).filter(([name]) => name !== sink));
    const message = `a bug in Finrst: ${sink} could not take a ${event.type} event: ${String(error)}`;
    createWarn(createEventBus(others, () => {}).publish, clock)('error', message);
  };
}

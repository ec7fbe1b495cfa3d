import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { DiscoveryEvent } from '../domain/events/discovery-events.ts';
import { EVENT_GROUPS, type EventGroup, type FinrstEvent } from '../domain/events/finrst-event.ts';
import type { IncidentChanged } from '../domain/events/incident-event.ts';
import type { ObservedEvent } from '../domain/events/observed-events.ts';
import type { PeerEvent } from '../domain/events/peer-events.ts';
import type { ProcessEvent } from '../domain/events/process-events.ts';
import type { SampleEvent } from '../domain/events/sample-events.ts';

/** Publishes an event to every sink that takes its group. That of a bus returns when they have it; `EventStream` may let some wait. */
export type Publish = (event: FinrstEvent) => void;

/**
 * A fold over the event stream: one function for each group of events that it takes, none for the others. A function must
 * not throw; when it does, the other sinks still get the event.
 */
export type Sink = {
  readonly connection?: (event: ConnectionEvent) => void;
  readonly peer?: (event: PeerEvent) => void;
  readonly sample?: (event: SampleEvent) => void;
  readonly discovery?: (event: DiscoveryEvent) => void;
  readonly observed?: (event: ObservedEvent) => void;
  readonly incident?: (event: IncidentChanged) => void;
  readonly process?: (event: ProcessEvent) => void;
};

/** Called when a sink threw; the other sinks still get the event. */
export type OnSinkError = (sink: string, error: unknown, event: FinrstEvent) => void;

/** Brings each event to the sinks that take its group, in the order of the sinks. */
export type EventBus = {
  /** Hands the event to every sink that takes its group, in the order the sinks were given, before it returns. */
  readonly publish: Publish;
  /** Hands it to one of those sinks alone, 0 being the first. True: there is another one behind it. */
  readonly publishTo: (place: number, event: FinrstEvent) => boolean;
};

type Receiver = { readonly sink: string; readonly receive: Publish };

/**
 * The one way from what happened to what is made of it. A sink that throws loses that event alone: the error goes to
 * `onSinkError` with the sink's name, and the other sinks are served. Publishing allocates nothing.
 */
export function createEventBus(sinks: Readonly<Record<string, Sink>>, onSinkError: OnSinkError): EventBus {
  const receivers: Readonly<Record<EventGroup, readonly Receiver[]>> = {
    connection: receiversOf(sinks, 'connection'),
    peer: receiversOf(sinks, 'peer'),
    sample: receiversOf(sinks, 'sample'),
    discovery: receiversOf(sinks, 'discovery'),
    observed: receiversOf(sinks, 'observed'),
    incident: receiversOf(sinks, 'incident'),
    process: receiversOf(sinks, 'process'),
  };
  const give = ({ sink, receive }: Receiver, event: FinrstEvent): void => {
    try {
      receive(event);
    } catch (error) {
      onSinkError(sink, error, event);
    }
  };
  return {
    publish(event) {
      for (const receiver of receivers[EVENT_GROUPS[event.type]]) give(receiver, event);
    },
    publishTo(place, event) {
      const all = receivers[EVENT_GROUPS[event.type]];
      const receiver = all[place];
      if (receiver !== undefined) give(receiver, event);
      return place + 1 < all.length;
    },
  };
}

function receiversOf(sinks: Readonly<Record<string, Sink>>, group: EventGroup): readonly Receiver[] {
  return Object.entries(sinks).flatMap(([name, sink]) => {
    // The type of a function per group does not survive the table; EVENT_GROUPS, which does not compile without each type, does.
    const receive = sink[group] as Publish | undefined;
    return receive === undefined ? [] : [{ sink: name, receive: (event: FinrstEvent) => receive.call(sink, event) }];
  });
}

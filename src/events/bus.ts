import type { FinrstEvent } from '../domain/events/finrst-event.ts';

/** A fold over the event stream. It must not throw; when it does, the others still get the event. */
export type Sink = (event: FinrstEvent) => void;

export type EventBus = {
  /** Hands the event to every sink in the order they were given, at once. */
  readonly publish: Sink;
};

/**
 * The one road from what happened to who wants to know. A sink that throws loses that event alone: the error goes to
 * `onSinkError` with the sink's name, and the other sinks are served.
 */
export function createEventBus(
  sinks: Readonly<Record<string, Sink>>,
  onSinkError: (sink: string, error: unknown, event: FinrstEvent) => void,
): EventBus {
  const entries = Object.entries(sinks);
  return {
    publish(event) {
      for (const [name, sink] of entries) {
        try {
          sink(event);
        } catch (error) {
          onSinkError(name, error, event);
        }
      }
    },
  };
}

import { createEventBus, type Publish, type Sink } from '../../src/events/bus.ts';

/** A bus to these sinks alone. What a sink throws reaches the test. */
export function publishTo(...sinks: readonly Sink[]): Publish {
  const rethrow = (_sink: string, error: unknown) => {
    throw error;
  };
  return createEventBus(Object.fromEntries(sinks.map((sink, index) => [`sink ${index}`, sink])), rethrow).publish;
}

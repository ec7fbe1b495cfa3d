import { createNameLookup } from '../connections/dial/name-lookup.ts';
import type { Publish } from '../events/bus.ts';
import { Observer } from '../observe/observer.ts';
import type { DaemonOptions } from './daemon-options.ts';
import type { Part } from './part.ts';

/** Where a container that may look has the host's, then where it is elsewhere. Only the first one that is there is opened. */
const TRACEFS = ['/host/tracing', '/sys/kernel/tracing'] as const;
/** The same for the names of pods: where the kubelet keeps their logs. */
export const POD_LOGS = ['/host/pods', '/var/log/pods'] as const;
/** Names of observed peers are looked up at leisure. */
const OBSERVED_LOOKUPS = 4;

/** Null: connections of other processes are not to be observed. */
export function createObserver({ clock, random, observe = 'off' }: DaemonOptions, publish: Publish): Observer | null {
  if (observe === 'off') return null;
  const lookup = createNameLookup({ clock, places: OBSERVED_LOOKUPS });
  const resolve = (host: string): Promise<readonly string[] | null> =>
    new Promise((answer) => {
      lookup(host, 'any', (result) => answer(result.kind === 'found' ? result.addresses : null));
    });
  return new Observer({ clock, random, publish, resolve, tracefs: TRACEFS, proc: '/proc', podLogs: POD_LOGS });
}

/** The observer as a part: it learns from the events which peers there are. */
export function observerPart(observer: Observer): Part {
  return {
    name: 'observer',
    sink: { peer: (event) => observer.peer(event) },
    async stop(deadlineMs) {
      await observer.stop(deadlineMs);
      return { lost: 0 };
    },
  };
}

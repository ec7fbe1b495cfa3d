import { PacedWork } from '../clock/paced-work.ts';
import type { Publish } from '../events/bus.ts';
import { IncidentIds } from '../insight/incidents/incident-ids.ts';
import { IncidentWatch } from '../insight/incidents/incident-watch.ts';
import type { DaemonOptions } from './daemon-options.ts';
import type { Part } from './part.ts';

/** They stop first: what this process does to its connections from then on is no incident. */
export function incidentParts(options: DaemonOptions, publish: Publish, isObserving: boolean): readonly Part[] {
  const { clock, work = new PacedWork(clock) } = options;
  const ids = new IncidentIds();
  const part = (name: string, of: 'held' | 'observed'): Part => {
    const incidents = new IncidentWatch({ clock, publish, work, ids, of });
    return {
      name,
      sink: incidents.sink,
      async stop() {
        incidents.stop();
        return { lost: 0 };
      },
    };
  };
  return [part('incidents', 'held'), ...(isObserving ? [part('observed incidents', 'observed')] : [])];
}

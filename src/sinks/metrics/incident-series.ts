import type { IncidentChanged } from '../../domain/events/incident-event.ts';
import { SCOPE_KINDS } from '../../domain/incident-scope.ts';
import { ordinaryCounter, ordinaryFamily, ordinaryGauge } from './ordinary-metric.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** How many incidents there were, and how many run. */
export class IncidentSeries {
  readonly families: readonly SlicedFamily[];
  readonly #total = ordinaryCounter('finrst_incidents_total');
  readonly #active = ordinaryGauge('finrst_incident_active');
  readonly #running = new Set<string>();
  /** One that runs again was counted before. Those that cannot run again are forgotten with the oldest. */
  readonly #counted = new Set<string>();

  constructor() {
    for (const scope of SCOPE_KINDS) this.#total.inc({ scope }, 0);
    this.#active.set({}, 0);
    this.families = [this.#total, this.#active].map(ordinaryFamily);
  }

  incident({ id, state, scope }: IncidentChanged): void {
    if (state === 'running') this.#running.add(id);
    else {
      this.#running.delete(id);
      this.#count(id, scope.kind);
    }
    this.#active.set({}, this.#running.size);
  }

  #count(id: string, scope: string): void {
    if (this.#counted.has(id)) return;
    this.#total.inc({ scope });
    this.#counted.add(id);
    const [oldest] = this.#counted;
    if (this.#counted.size > MOST_COUNTED && oldest !== undefined) this.#counted.delete(oldest);
  }
}

/** More than can run again within ten minutes. */
const MOST_COUNTED = 1000;

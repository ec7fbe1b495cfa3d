import type {
  ApiOutcome,
  ApiRequested,
  ApiResource,
  DiscoveryEvent,
  ObjectChanged,
} from '../../domain/events/discovery-events.ts';
import { ordinaryCounter, ordinaryFamily } from './ordinary-metric.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** What targets are made from. */
const RESOURCES = ['endpointslices', 'pods', 'services'] as const satisfies readonly ApiResource[];
const VERBS = ['list', 'watch'] as const satisfies readonly ApiRequested['verb'][];
const OUTCOMES = [
  'ok',
  'expired',
  'unauthorized',
  'forbidden',
  'throttled',
  'server_error',
  'network',
] as const satisfies readonly ApiOutcome[];
const EVENTS = ['add', 'update', 'delete'] as const satisfies readonly ObjectChanged['event'][];

/** The families about the API servers of Kubernetes. Their series exist from the first group that has targets from there. */
export class KubernetesSeries {
  readonly families: readonly SlicedFamily[];
  readonly #requests = ordinaryCounter('finrst_sd_kubernetes_requests_total');
  readonly #events = ordinaryCounter('finrst_sd_kubernetes_events_total');
  #isUsed = false;

  constructor() {
    this.families = [this.#requests, this.#events].map(ordinaryFamily);
  }

  discovery(event: DiscoveryEvent): void {
    switch (event.type) {
      case 'sourcesConfigured':
        if (event.sources.some(({ mechanism }) => mechanism === 'kubernetes')) this.#begin();
        return;
      case 'apiRequested':
        return this.#requests.inc({ resource: event.resource, verb: event.verb, outcome: event.outcome });
      case 'objectChanged':
        return this.#events.inc({ resource: event.resource, event: event.event });
      case 'sourcesRemoved':
      case 'sourceRefreshed':
      case 'sourceFailed':
      case 'targetsApplied':
      case 'targetRefused':
      case 'labelsLeftOut':
      case 'limitExceeded':
        return;
    }
  }

  #begin(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    for (const resource of RESOURCES) {
      for (const verb of VERBS) for (const outcome of OUTCOMES) this.#requests.inc({ resource, verb, outcome }, 0);
      for (const event of EVENTS) this.#events.inc({ resource, event }, 0);
    }
  }
}

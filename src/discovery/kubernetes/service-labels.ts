import { type GatheredLabels, setMeta, setObjectMeta } from './meta-labels.ts';
import type { Service } from './watched-objects.ts';

/** Sets what a Service has as a whole. */
export function setServiceLabels(labels: GatheredLabels, service: Service): void {
  setMeta(labels, 'namespace', service.meta.namespace);
  setObjectMeta(labels, 'service', service.meta);
}

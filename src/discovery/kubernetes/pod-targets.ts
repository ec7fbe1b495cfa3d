import { formatHostPort } from '../../text/host-port.ts';
import type { TargetGroup } from '../peer-source.ts';
import { type GatheredLabels, setMeta } from './meta-labels.ts';
import { setContainerLabels, setContainerPortLabels, setPodLabels } from './pod-labels.ts';
import { terminatingLabel } from './terminating-label.ts';
import type { Container, Pod } from './watched-objects.ts';

/**
 * One target for each TCP port that a container declares. A container that declares no port gives one target without a
 * port, which a rule on `__address__` can add. A pod without an address gives none.
 */
export function podTargets(source: string, pod: Pod): TargetGroup {
  if (pod.ip === '') return { source, targets: [], labels: {} };
  const labels: GatheredLabels = { ...terminatingLabel(pod.isTerminating) };
  setMeta(labels, 'namespace', pod.meta.namespace);
  setPodLabels(labels, pod);
  return { source, targets: pod.containers.flatMap((container) => containerTargets(pod.ip, container)), labels };
}

function containerTargets(ip: string, container: Container): readonly GatheredLabels[] {
  const common: GatheredLabels = {};
  setContainerLabels(common, container);
  setMeta(common, 'pod_container_id', container.id);
  if (container.ports.length === 0) return [{ __address__: ip, ...common }];
  const ports = container.ports.filter(({ protocol }) => protocol === 'TCP');
  return ports.map((port) => {
    const labels = { __address__: formatHostPort(ip, port.port), ...common };
    setContainerPortLabels(labels, port);
    return labels;
  });
}

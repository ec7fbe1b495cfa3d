import { type GatheredLabels, setMeta, setObjectMeta } from './meta-labels.ts';
import type { Container, ContainerPort, Pod } from './watched-objects.ts';

/** Sets what a pod has as a whole, without its namespace. */
export function setPodLabels(labels: GatheredLabels, pod: Pod): void {
  setObjectMeta(labels, 'pod', pod.meta);
  setMeta(labels, 'pod_ip', pod.ip);
  setMeta(labels, 'pod_ready', pod.ready.toLowerCase());
  setMeta(labels, 'pod_phase', pod.phase);
  setMeta(labels, 'pod_node_name', pod.nodeName);
  setMeta(labels, 'pod_host_ip', pod.hostIp);
  setMeta(labels, 'pod_uid', pod.uid);
  if (pod.controller === null) return;
  if (pod.controller.kind !== '') setMeta(labels, 'pod_controller_kind', pod.controller.kind);
  if (pod.controller.name !== '') setMeta(labels, 'pod_controller_name', pod.controller.name);
}

/** Sets what a container has as a whole, without its id. */
export function setContainerLabels(labels: GatheredLabels, container: Container): void {
  setMeta(labels, 'pod_container_name', container.name);
  setMeta(labels, 'pod_container_image', container.image);
  setMeta(labels, 'pod_container_init', String(container.isInit));
}

export function setContainerPortLabels(labels: GatheredLabels, port: ContainerPort): void {
  setMeta(labels, 'pod_container_port_name', port.name);
  setMeta(labels, 'pod_container_port_number', String(port.port));
  setMeta(labels, 'pod_container_port_protocol', port.protocol);
}

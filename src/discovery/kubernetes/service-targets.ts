import { formatHostPort } from '../../text/host-port.ts';
import type { TargetGroup } from '../peer-source.ts';
import { type GatheredLabels, setMeta } from './meta-labels.ts';
import { setServiceLabels } from './service-labels.ts';
import type { Service } from './watched-objects.ts';

/** One target for each TCP port of a Service, by its name in the cluster's DNS. Nothing in a Service announces an end. */
export function serviceTargets(source: string, service: Service): TargetGroup {
  const { meta, ports } = service;
  const labels: GatheredLabels = {};
  setServiceLabels(labels, service);
  const tcp = ports.filter(({ protocol }) => protocol === 'TCP');
  const targets = tcp.map((port) => {
    const target: GatheredLabels = { __address__: formatHostPort(`${meta.name}.${meta.namespace}.svc`, port.port) };
    setMeta(target, 'service_port_name', port.name);
    setMeta(target, 'service_port_number', String(port.port));
    setMeta(target, 'service_port_protocol', port.protocol);
    setMeta(target, 'service_type', service.type);
    if (service.type === 'ExternalName') setMeta(target, 'service_external_name', service.externalName);
    else setMeta(target, 'service_cluster_ip', service.clusterIp);
    if (service.type === 'LoadBalancer') setMeta(target, 'service_loadbalancer_ip', service.loadBalancerIp);
    return target;
  });
  return { source, targets, labels };
}

import type { IpFamily } from '../../settings/peer-settings.ts';
import { formatHostPort } from '../../text/host-port.ts';
import type { TargetGroup } from '../peer-source.ts';
import { type GatheredLabels, setMeta, setObjectMeta, setTexts } from './meta-labels.ts';
import { setContainerLabels, setContainerPortLabels, setPodLabels } from './pod-labels.ts';
import { setServiceLabels } from './service-labels.ts';
import { terminatingLabel } from './terminating-label.ts';
import type { EndpointSlice, Pod, Service, SliceEndpoint, SlicePort } from './watched-objects.ts';

/** What a slice refers to. */
export type SliceContext = {
  /** Undefined: it is not known (yet). */
  readonly service: Service | undefined;
  /** By NAMESPACE/NAME; undefined: it is not known, or pods are not watched. */
  readonly pod: (key: string) => Pod | undefined;
  /** Of the group. */
  readonly ipFamily: IpFamily;
};

/** The label by which a slice names its Service. */
const SERVICE_NAME = 'kubernetes.io/service-name';

/** The Service of a slice as NAMESPACE/NAME; null where it has none. */
export function serviceKeyOf({ meta }: EndpointSlice): string | null {
  const name = meta.labels.find(([label]) => label === SERVICE_NAME)?.[1];
  return name === undefined ? null : `${meta.namespace}/${name}`;
}

/** The pod of an endpoint as NAMESPACE/NAME; null where it is no pod. */
export function podKeyOf({ target }: SliceEndpoint): string | null {
  return target?.kind === 'Pod' ? `${target.namespace}/${target.name}` : null;
}

/**
 * One target for each address and TCP port of a slice. Container ports that the Service does not name give none: nobody
 * asked for a connection there. Of a dual-stack Service only the slices of its first family are taken, or those of the
 * family that the group is limited to.
 */
export function sliceTargets(source: string, slice: EndpointSlice, context: SliceContext): TargetGroup {
  if (!isOfFamily(slice, context)) return { source, targets: [], labels: {} };
  const labels: GatheredLabels = {};
  setMeta(labels, 'namespace', slice.meta.namespace);
  setMeta(labels, 'endpointslice_address_type', slice.addressType);
  setObjectMeta(labels, 'endpointslice', slice.meta);
  if (context.service !== undefined) setServiceLabels(labels, context.service);
  const ports = slice.ports.filter(({ protocol }) => protocol === null || protocol === 'TCP');
  const targets = slice.endpoints.flatMap((endpoint) => {
    const key = podKeyOf(endpoint);
    const pod = key === null ? undefined : context.pod(key);
    return ports.flatMap((port) =>
      endpoint.addresses.map((address) => endpointTarget(address, { endpoint, port, pod })),
    );
  });
  return { source, targets, labels };
}

const FAMILIES: Readonly<Record<Exclude<IpFamily, 'any'>, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

function isOfFamily({ addressType }: EndpointSlice, { service, ipFamily }: SliceContext): boolean {
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return true;
  const wanted = ipFamily === 'any' ? service?.ipFamilies[0] : FAMILIES[ipFamily];
  return wanted === undefined || wanted === addressType;
}

type EndpointFacts = {
  readonly endpoint: SliceEndpoint;
  readonly port: SlicePort;
  readonly pod: Pod | undefined;
};

function endpointTarget(address: string, { endpoint, port, pod }: EndpointFacts): GatheredLabels {
  const isTerminating = endpoint.terminating === true || pod?.isTerminating === true;
  const labels: GatheredLabels = {
    __address__: port.port === null ? address : formatHostPort(address, port.port),
    ...terminatingLabel(isTerminating),
  };
  setMeta(labels, 'endpointslice_port_name', port.name);
  setMeta(labels, 'endpointslice_port_protocol', port.protocol);
  setMeta(labels, 'endpointslice_port', textOf(port.port));
  setMeta(labels, 'endpointslice_port_app_protocol', port.appProtocol);
  setMeta(labels, 'endpointslice_endpoint_conditions_ready', textOf(endpoint.ready));
  setMeta(labels, 'endpointslice_endpoint_conditions_serving', textOf(endpoint.serving));
  setMeta(labels, 'endpointslice_endpoint_conditions_terminating', textOf(endpoint.terminating));
  setMeta(labels, 'endpointslice_endpoint_hostname', endpoint.hostname);
  setMeta(labels, 'endpointslice_endpoint_node_name', endpoint.nodeName);
  setMeta(labels, 'endpointslice_endpoint_zone', endpoint.zone);
  setMeta(labels, 'endpointslice_address_target_kind', endpoint.target?.kind ?? null);
  setMeta(labels, 'endpointslice_address_target_name', endpoint.target?.name ?? null);
  const topology = ['endpointslice_endpoint_topology_', 'endpointslice_endpoint_topology_present_'] as const;
  setTexts(labels, topology, endpoint.topology);
  if (pod === undefined) return labels;
  setPodLabels(labels, pod);
  for (const container of pod.containers) {
    const declared = container.ports.find((each) => each.port === port.port);
    if (declared === undefined) continue;
    setContainerLabels(labels, container);
    setContainerPortLabels(labels, declared);
  }
  return labels;
}

function textOf(value: number | boolean | null): string | null {
  return value === null ? null : String(value);
}

import {
  booleanOrNull,
  type JsonMap,
  listOf,
  mapOf,
  textOf,
  textOrNull,
  textsOf,
  wholeNumberOrNull,
} from './json-value.ts';
import type { Container, EndpointSlice, ObjectMeta, Pod, Service, StatefulSet } from './watched-objects.ts';

/** kubectl keeps the whole manifest in it: as long as the object, and of no use in a label. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What of an object's metadata is kept beside what always is. */
export type MetadataWanted = {
  /** Whether the annotation with the manifest that kubectl applied is kept. */
  readonly lastApplied: boolean;
};

/** What a kind of object is reduced to. Any value will do for a raw object: what is not as it should be is left out. */
export type Projection<Kept> = (raw: JsonMap, wanted: MetadataWanted) => Kept;

export const projectEndpointSlice: Projection<EndpointSlice> = (raw, wanted) => ({
  meta: projectMeta(raw, wanted),
  addressType: textOf(raw['addressType']),
  endpoints: listOf(raw['endpoints']).map(projectEndpoint),
  ports: listOf(raw['ports'])
    .map(mapOf)
    .map((port) => ({
      name: textOrNull(port['name']),
      port: wholeNumberOrNull(port['port']),
      protocol: textOrNull(port['protocol']),
      appProtocol: textOrNull(port['appProtocol']),
    })),
});

export const projectService: Projection<Service> = (raw, wanted) => {
  const spec = mapOf(raw['spec']);
  return {
    meta: projectMeta(raw, wanted),
    type: textOf(spec['type']),
    clusterIp: textOf(spec['clusterIP']),
    externalName: textOf(spec['externalName']),
    loadBalancerIp: textOf(spec['loadBalancerIP']),
    ipFamilies: listOf(spec['ipFamilies']).map(textOf),
    ports: listOf(spec['ports']).map(mapOf).map(projectPort('port')),
  };
};

export const projectPod: Projection<Pod> = (raw, wanted) => {
  const [spec, status] = [mapOf(raw['spec']), mapOf(raw['status'])];
  const conditions = listOf(status['conditions']).map(mapOf);
  const statusOf = (type: string): string => textOf(conditions.find((each) => each['type'] === type)?.['status']);
  const metadata = mapOf(raw['metadata']);
  const controller = listOf(metadata['ownerReferences'])
    .map(mapOf)
    .find((each) => each['controller'] === true);
  return {
    meta: projectMeta(raw, wanted),
    uid: textOf(metadata['uid']),
    ip: textOf(status['podIP']),
    hostIp: textOf(status['hostIP']),
    nodeName: textOf(spec['nodeName']),
    phase: textOf(status['phase']),
    ready: statusOf('Ready') || 'Unknown',
    isTerminating: textOf(metadata['deletionTimestamp']) !== '' || statusOf('DisruptionTarget') === 'True',
    controller:
      controller === undefined ? null : { kind: textOf(controller['kind']), name: textOf(controller['name']) },
    containers: [
      ...projectContainers(spec['containers'], { statuses: status['containerStatuses'], isInit: false }),
      ...projectContainers(spec['initContainers'], { statuses: status['initContainerStatuses'], isInit: true }),
    ],
  };
};

export const projectStatefulSet: Projection<StatefulSet> = (raw, wanted) => {
  const [spec, status] = [mapOf(raw['spec']), mapOf(raw['status'])];
  return {
    meta: projectMeta(raw, wanted),
    // The API server fills in 1 where none is written.
    replicas: wholeNumberOrNull(spec['replicas']) ?? 1,
    firstOrdinal: wholeNumberOrNull(mapOf(spec['ordinals'])['start']) ?? 0,
    readyReplicas: wholeNumberOrNull(status['readyReplicas']) ?? 0,
  };
};

function projectMeta(raw: JsonMap, { lastApplied }: MetadataWanted): ObjectMeta {
  const metadata = mapOf(raw['metadata']);
  return {
    namespace: textOf(metadata['namespace']),
    name: textOf(metadata['name']),
    labels: textsOf(metadata['labels']),
    annotations: textsOf(metadata['annotations']).filter(([name]) => lastApplied || name !== LAST_APPLIED),
  };
}

function projectEndpoint(value: unknown): EndpointSlice['endpoints'][number] {
  const raw = mapOf(value);
  const conditions = mapOf(raw['conditions']);
  const target = mapOf(raw['targetRef']);
  return {
    addresses: listOf(raw['addresses'])
      .map(textOf)
      .filter((address) => address !== ''),
    ready: booleanOrNull(conditions['ready']),
    serving: booleanOrNull(conditions['serving']),
    terminating: booleanOrNull(conditions['terminating']),
    hostname: textOrNull(raw['hostname']),
    nodeName: textOrNull(raw['nodeName']),
    zone: textOrNull(raw['zone']),
    topology: textsOf(raw['deprecatedTopology']),
    target:
      raw['targetRef'] === undefined || raw['targetRef'] === null
        ? null
        : { kind: textOf(target['kind']), namespace: textOf(target['namespace']), name: textOf(target['name']) },
  };
}

type ContainerFacts = { readonly statuses: unknown; readonly isInit: boolean };

function projectContainers(value: unknown, { statuses, isInit }: ContainerFacts): readonly Container[] {
  const ids = new Map(
    listOf(statuses)
      .map(mapOf)
      .map((status) => [textOf(status['name']), textOf(status['containerID'])]),
  );
  return listOf(value)
    .map(mapOf)
    .map((raw) => ({
      name: textOf(raw['name']),
      id: ids.get(textOf(raw['name'])) ?? '',
      image: textOf(raw['image']),
      isInit,
      ports: listOf(raw['ports']).map(mapOf).map(projectPort('containerPort')),
    }));
}

/** A port without a protocol is TCP. */
function projectPort(key: 'port' | 'containerPort') {
  return (raw: JsonMap) => ({
    name: textOf(raw['name']),
    port: wholeNumberOrNull(raw[key]) ?? 0,
    protocol: textOf(raw['protocol']) || 'TCP',
  });
}

import type { ApiResource } from '../../domain/events/discovery-events.ts';
import {
  type Projection,
  projectEndpointSlice,
  projectPod,
  projectService,
  projectStatefulSet,
} from './project-object.ts';
import type { EndpointSlice, Pod, Service, StatefulSet } from './watched-objects.ts';

/** What is kept of the objects of each resource. */
export type KeptOf = {
  readonly endpointslices: EndpointSlice;
  readonly pods: Pod;
  readonly services: Service;
  readonly statefulsets: StatefulSet;
};

export type WatchedResource = keyof KeptOf & ApiResource;

type ResourceFacts<Resource extends WatchedResource> = {
  /** Where the API server has its group. */
  readonly prefix: string;
  readonly project: Projection<KeptOf[Resource]>;
};

const RESOURCES: { readonly [Resource in WatchedResource]: ResourceFacts<Resource> } = {
  endpointslices: { prefix: '/apis/discovery.k8s.io/v1', project: projectEndpointSlice },
  pods: { prefix: '/api/v1', project: projectPod },
  services: { prefix: '/api/v1', project: projectService },
  statefulsets: { prefix: '/apis/apps/v1', project: projectStatefulSet },
};

/** Which objects are watched. */
export type WatchScope<Resource extends WatchedResource = WatchedResource> = {
  readonly resource: Resource;
  /** Null: all of them. */
  readonly namespace: string | null;
  /** Selectors as the API server takes them; empty: all objects. */
  readonly label: string;
  readonly field: string;
  /** Whether the annotation with the manifest that kubectl applied is kept. */
  readonly lastApplied: boolean;
};

export function projectionOf<Resource extends WatchedResource>(resource: Resource): Projection<KeptOf[Resource]> {
  return RESOURCES[resource].project;
}

/** The path and query of a request for these objects. */
export function pathOf(
  { resource, namespace, label, field }: WatchScope,
  query: Readonly<Record<string, string>>,
): string {
  const within = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const parameters = new URLSearchParams({
    ...(label !== '' && { labelSelector: label }),
    ...(field !== '' && { fieldSelector: field }),
    ...query,
  });
  return `${RESOURCES[resource].prefix}${within}/${resource}?${parameters.toString()}`;
}

/** Which objects these are, for messages: `pods in namespace payments`. */
export function describeScope({ resource, namespace }: WatchScope): string {
  return `${resource} in ${namespace === null ? 'all namespaces' : `namespace ${namespace}`}`;
}

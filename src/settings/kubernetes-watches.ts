import type { KubernetesRole, KubernetesSourceSettings } from './kubernetes-settings.ts';

/** The resources of the API server that targets are made from. */
export type KubernetesResource = 'endpointslices' | 'pods' | 'services';

/** What is watched for an entry, in each of its namespaces. */
export type KubernetesWatch = {
  readonly resource: KubernetesResource;
  /** Selectors as the API server takes them; empty: all objects. */
  readonly label: string;
  readonly field: string;
};

const RESOURCE_OF: Readonly<Record<KubernetesRole, KubernetesResource>> = {
  endpointslice: 'endpointslices',
  pod: 'pods',
  service: 'services',
};

/** What targets of a role are made from: the first of what is watched. */
export function mainResource(role: KubernetesRole): KubernetesResource {
  return RESOURCE_OF[role];
}

/** Everything that an entry watches, the objects its targets are made from first. The rights it needs are for just these. */
export function kubernetesWatches(settings: KubernetesSourceSettings): readonly KubernetesWatch[] {
  return rolesWatched(settings).map((role) => {
    const selector = settings.selectors.find((each) => each.role === role);
    return { resource: RESOURCE_OF[role], label: selector?.label ?? '', field: selector?.field ?? '' };
  });
}

function rolesWatched({ role, watchesPods }: KubernetesSourceSettings): readonly KubernetesRole[] {
  switch (role) {
    case 'endpointslice':
      return watchesPods ? ['endpointslice', 'service', 'pod'] : ['endpointslice', 'service'];
    case 'pod':
    case 'service':
      return [role];
  }
}

import type { KubernetesServer, KubernetesSourceSettings } from '../../settings/kubernetes-settings.ts';
import { type KubernetesResource, kubernetesWatches } from '../../settings/kubernetes-watches.ts';

/** Where a right is needed: a namespace, the one that Finrst runs in, or all of them. */
export type RightsScope =
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'own' }
  | { readonly kind: 'all' };

/** What has to be allowed in one place: `list` and `watch` on these resources. */
export type KubernetesRights = {
  readonly scope: RightsScope;
  /** In the order of their names. */
  readonly resources: readonly KubernetesResource[];
};

/** The verbs that Finrst uses. It reads whole collections and never a single object. */
export const KUBERNETES_VERBS = ['list', 'watch'] as const;

/** The API group of each resource; the core has none. */
const API_GROUPS: Readonly<Record<KubernetesResource, string>> = {
  endpointslices: 'discovery.k8s.io',
  pods: '',
  services: '',
};

/** The rights that these entries need, no more: what is allowed everywhere is not repeated for a namespace. */
export function kubernetesRights(entries: readonly KubernetesSourceSettings[]): readonly KubernetesRights[] {
  const places = new Map<string, { readonly scope: RightsScope; readonly resources: Set<KubernetesResource> }>();
  for (const entry of entries) {
    for (const scope of scopesOf(entry)) {
      const key = scopeKey(scope);
      const place = places.get(key) ?? { scope, resources: new Set() };
      for (const { resource } of kubernetesWatches(entry)) place.resources.add(resource);
      places.set(key, place);
    }
  }
  const everywhere = places.get('')?.resources ?? new Set();
  return [...places.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { scope, resources }]) => ({
      scope,
      resources: [...resources].filter((each) => scope.kind === 'all' || !everywhere.has(each)).toSorted(),
    }))
    .filter(({ resources }) => resources.length > 0);
}

/** One rule of a Role or ClusterRole. */
export type RbacRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly KubernetesResource[];
  readonly verbs: readonly string[];
};

/** The rules of a Role or ClusterRole that give these rights, one for each API group. */
export function rbacRules({ resources }: KubernetesRights): readonly RbacRule[] {
  const groups = Map.groupBy(resources, (resource) => API_GROUPS[resource]);
  return Array.from(groups, ([group, those]) => ({ apiGroups: [group], resources: those, verbs: KUBERNETES_VERBS }));
}

/**
 * The Roles and ClusterRoles that these entries need, as YAML for `kubectl apply`. For each API server by itself. Without an
 * entry, and where no right is needed, a comment says so.
 */
export function kubernetesRbac(entries: readonly KubernetesSourceSettings[]): string {
  if (entries.length === 0) return '# No kubernetes_sd_configs: no rights are needed.\n';
  const servers = Map.groupBy(entries, ({ server }) => describeServer(server));
  return Array.from(servers, ([server, those]) => {
    const documents = kubernetesRights(those).map(roleYaml);
    return `# ${server}. Bind them to whom Finrst is there.\n${documents.join('---\n')}`;
  }).join('---\n');
}

function scopesOf({ namespaces, ownNamespace }: KubernetesSourceSettings): readonly RightsScope[] {
  if (namespaces.length === 0 && !ownNamespace) return [{ kind: 'all' }];
  const own: readonly RightsScope[] = ownNamespace ? [{ kind: 'own' }] : [];
  return [...own, ...namespaces.map((namespace) => ({ kind: 'namespace', namespace }) as const)];
}

/** All sort first, then the own one. */
function scopeKey(scope: RightsScope): string {
  switch (scope.kind) {
    case 'all':
      return '';
    case 'own':
      return '.';
    case 'namespace':
      return `/${scope.namespace}`;
  }
}

function describeServer(server: KubernetesServer): string {
  return server.kind === 'inCluster' ? 'In the cluster that Finrst runs in' : `In the cluster of ${server.url}`;
}

/** Names of namespaces are quoted: `on` and `123` are names, too. */
function roleYaml(rights: KubernetesRights): string {
  const { scope } = rights;
  const kind = scope.kind === 'all' ? 'ClusterRole' : 'Role';
  const lines = ['apiVersion: rbac.authorization.k8s.io/v1', `kind: ${kind}`, 'metadata:', '  name: finrst-discovery'];
  if (scope.kind === 'namespace') lines.push(`  namespace: '${scope.namespace}'`);
  if (scope.kind === 'own') lines.push('  # no namespace: apply it in the one that Finrst runs in');
  lines.push('rules:');
  for (const { apiGroups, resources, verbs } of rbacRules(rights)) {
    lines.push(
      `  - apiGroups: [${apiGroups.map((group) => `'${group}'`).join(', ')}]`,
      `    resources: [${resources.join(', ')}]`,
      `    verbs: [${verbs.join(', ')}]`,
    );
  }
  return `${lines.join('\n')}\n`;
}

import type { KubernetesObject, Loose } from './rendered-chart.ts';

/**
 * References between the objects of one installation that lead nowhere, one sentence each.
 *
 * `outside` are names of Secrets and ConfigMaps that the installer brings. Optional references are not followed.
 */
export function danglingReferences(
  objects: readonly KubernetesObject[],
  outside: readonly string[] = [],
): readonly string[] {
  const set = objects.find(({ kind }) => kind === 'StatefulSet');
  if (set === undefined) return ['there is no StatefulSet'];
  const pod: Loose = set['spec'].template;
  const found = new Graph(objects, pod, outside);
  return [
    ...fromSet(set, pod, found),
    ...objects.flatMap((object) => fromSelectors(object, pod, found)),
    ...fromPod(pod.spec, claimsOf(set), found),
    ...fromBindings(objects, found),
    ...fromMonitors(objects),
    ...fromDashboards(objects),
  ];
}

class Graph {
  readonly #names: ReadonlySet<string>;
  readonly ports: ReadonlySet<string | number>;
  constructor(objects: readonly KubernetesObject[], pod: Loose, outside: readonly string[]) {
    this.#names = new Set([...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...outside]);
    this.ports = new Set(
      pod.spec.containers.flatMap((each: Loose) =>
        (each.ports ?? []).flatMap((port: Loose) => [port.name, port.containerPort]),
      ),
    );
  }
  has(kind: string, name: string): boolean {
    return this.#names.has(`${kind}/${name}`);
  }
}

function fromSet(set: KubernetesObject, pod: Loose, found: Graph): readonly string[] {
  return [
    ...(selects(set['spec'].selector, pod.metadata.labels)
      ? []
      : ["the StatefulSet's selector does not match its pod"]),
    ...(found.has('Service', set['spec'].serviceName)
      ? []
      : [`the StatefulSet's Service ${set['spec'].serviceName} is missing`]),
  ];
}

function fromSelectors(object: KubernetesObject, pod: Loose, found: Graph): readonly string[] {
  const { kind, spec } = object;
  const labels = pod.metadata.labels;
  if (kind === 'Service') {
    return [
      ...(selects({ matchLabels: spec.selector }, labels) ? [] : ['the Service selects no pod']),
      ...spec.ports
        .filter(({ targetPort }: Loose) => !found.ports.has(targetPort))
        .map(() => 'the Service names a port that no container has'),
    ];
  }
  if (kind === 'PodDisruptionBudget')
    return selects(spec.selector, labels) ? [] : ['the PodDisruptionBudget selects no pod'];
  if (kind !== 'NetworkPolicy') return [];
  const named = spec.ingress
    .flatMap(({ ports = [] }: Loose) => ports)
    .filter(({ port }: Loose) => typeof port === 'string');
  return [
    ...(selects(spec.podSelector, labels) ? [] : ['the NetworkPolicy selects no pod']),
    ...named
      .filter(({ port }: Loose) => !found.ports.has(port))
      .map(() => 'the NetworkPolicy names a port that no container has'),
  ];
}

/** Volumes that each pod of the set gets for itself. */
function claimsOf(set: KubernetesObject): readonly string[] {
  return (set['spec'].volumeClaimTemplates ?? []).map(({ metadata }: Loose) => metadata.name);
}

function fromBindings(objects: readonly KubernetesObject[], found: Graph): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'RoleBinding')
    .flatMap(({ roleRef, subjects }) => [
      ...(found.has(roleRef.kind, roleRef.name) ? [] : [`the ${roleRef.kind} ${roleRef.name} is missing`]),
      ...(subjects as Loose[])
        .filter(({ kind, name }) => name !== 'default' && !found.has(kind, name))
        .map(({ kind, name }) => `the ${kind} ${name} is missing`),
    ]);
}

function fromPod(spec: Loose, claims: readonly string[], found: Graph): readonly string[] {
  const volumes = new Set([...claims, ...(spec.volumes ?? []).map(({ name }: Loose) => name)]);
  const probes = spec.containers.flatMap((each: Loose) => [each.livenessProbe, each.readinessProbe, each.startupProbe]);
  const account = spec.serviceAccountName;
  return [
    ...(account === 'default' || found.has('ServiceAccount', account)
      ? []
      : [`the service account ${account} is missing`]),
    ...probes
      .filter((probe: Loose) => probe?.httpGet && !found.ports.has(probe.httpGet.port))
      .map(() => 'a probe asks a port that no container has'),
    ...spec.containers
      .flatMap((each: Loose) => each.volumeMounts ?? [])
      .filter(({ name }: Loose) => !volumes.has(name))
      .map(({ name }: Loose) => `a mount names the volume ${name}, which is missing`),
    ...(spec.volumes ?? []).flatMap(({ secret, configMap, persistentVolumeClaim: claim }: Loose) => {
      if (claim && !found.has('PersistentVolumeClaim', claim.claimName))
        return [`the claim ${claim.claimName} is missing`];
      if (secret && !found.has('Secret', secret.secretName)) return [`the Secret ${secret.secretName} is missing`];
      if (configMap && !found.has('ConfigMap', configMap.name)) return [`the ConfigMap ${configMap.name} is missing`];
      return [];
    }),
  ];
}

function fromMonitors(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap(({ kind, spec, metadata }) => {
    if (kind !== 'ServiceMonitor' && kind !== 'PodMonitor') return [];
    const inNamespace = objects.filter((each) => spec.namespaceSelector.matchNames.includes(each.metadata.namespace));
    const services = inNamespace
      .filter((each) => each.kind === 'Service')
      .map((each) => ({ labels: each.metadata.labels, ports: each['spec'].ports }));
    const pods = inNamespace
      .filter((each) => each.kind === 'StatefulSet')
      .map((each) => each['spec'].template)
      .map(({ metadata: meta, spec: pod }: Loose) => ({
        labels: meta.labels,
        ports: pod.containers.flatMap((each: Loose) => each.ports ?? []),
      }));
    const targets = (kind === 'ServiceMonitor' ? services : pods).filter(({ labels }: Loose) =>
      selects(spec.selector, labels),
    );
    if (targets.length !== 1) return [`the ${kind} ${metadata.name} selects ${targets.length} targets`];
    const [{ labels, ports }] = targets as [Loose];
    const names = ports.map(({ name }: Loose) => name);
    return [
      ...(spec.endpoints ?? spec.podMetricsEndpoints)
        .filter(({ port }: Loose) => !names.includes(port))
        .map(() => `the ${kind} asks a port that is not there`),
      ...(labels[spec.jobLabel] === undefined ? [`the ${kind}'s jobLabel is no label of its target`] : []),
    ];
  });
}

function fromDashboards(objects: readonly KubernetesObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'GrafanaDashboard')
    .filter(({ spec, metadata }) => {
      const map = objects.find((each) => each.kind === 'ConfigMap' && each.metadata.name === spec.configMapRef.name);
      return map?.metadata.namespace !== metadata.namespace || map?.['data'][spec.configMapRef.key] === undefined;
    })
    .map(({ metadata }) => `the GrafanaDashboard ${metadata.name} names a key that no ConfigMap has`);
}

function selects(selector: Loose, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

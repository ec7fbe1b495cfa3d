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
  const workloads = objects.filter(({ kind }) => kind === 'StatefulSet' || kind === 'DaemonSet');
  const pods: readonly Loose[] = workloads.map(({ spec }) => spec.template);
  const found = new Graph(objects, pods, outside);
  return [
    ...workloads.flatMap(fromWorkload),
    ...(found.has('Service', set['spec'].serviceName)
      ? []
      : [`the StatefulSet's Service ${set['spec'].serviceName} is missing`]),
    ...objects.flatMap((object) => fromSelectors(object, pods, found)),
    ...pods.flatMap(({ spec }) => fromPod(spec, claimsOf(set), found)),
    ...fromBindings(objects, found),
    ...fromMonitors(objects, workloads.length),
    ...fromDashboards(objects),
  ];
}

class Graph {
  readonly #names: ReadonlySet<string>;
  readonly ports: ReadonlySet<string | number>;
  constructor(objects: readonly KubernetesObject[], pods: readonly Loose[], outside: readonly string[]) {
    this.#names = new Set([...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...outside]);
    this.ports = new Set(
      pods.flatMap(({ spec }) =>
        spec.containers.flatMap((each: Loose) =>
          (each.ports ?? []).flatMap((port: Loose) => [port.name, port.containerPort]),
        ),
      ),
    );
  }
  has(kind: string, name: string): boolean {
    return this.#names.has(`${kind}/${name}`);
  }
}

function fromWorkload({ kind, spec }: KubernetesObject): readonly string[] {
  return selects(spec.selector, spec.template.metadata.labels) ? [] : [`the ${kind}'s selector does not match its pod`];
}

function fromSelectors(object: KubernetesObject, pods: readonly Loose[], found: Graph): readonly string[] {
  const { kind, spec } = object;
  const count = (selector: Loose): number => pods.filter(({ metadata }) => selects(selector, metadata.labels)).length;
  if (kind === 'Service') {
    return [
      ...(count({ matchLabels: spec.selector }) === 1 ? [] : ['the Service selects no pod, or more than one']),
      ...spec.ports
        .filter(({ targetPort }: Loose) => !found.ports.has(targetPort))
        .map(() => 'the Service names a port that no container has'),
    ];
  }
  if (kind === 'PodDisruptionBudget')
    return count(spec.selector) === 1 ? [] : ['the PodDisruptionBudget selects no pod, or more than one'];
  if (kind !== 'NetworkPolicy') return [];
  const named = spec.ingress
    .flatMap(({ ports = [] }: Loose) => ports)
    .filter(({ port }: Loose) => typeof port === 'string');
  return [
    ...(count(spec.podSelector) === pods.length ? [] : ['the NetworkPolicy selects no pod, or not all']),
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
      if (configMap?.optional === true) return [];
      if (configMap && !found.has('ConfigMap', configMap.name)) return [`the ConfigMap ${configMap.name} is missing`];
      return [];
    }),
  ];
}

/** Each monitor finds all kinds of pods. */
function fromMonitors(objects: readonly KubernetesObject[], wanted: number): readonly string[] {
  return objects.flatMap(({ kind, spec, metadata }) => {
    if (kind !== 'ServiceMonitor' && kind !== 'PodMonitor') return [];
    const inNamespace = objects.filter((each) => spec.namespaceSelector.matchNames.includes(each.metadata.namespace));
    const services = inNamespace
      .filter((each) => each.kind === 'Service')
      .map((each) => ({ labels: each.metadata.labels, ports: each['spec'].ports }));
    const pods = inNamespace
      .filter((each) => each.kind === 'StatefulSet' || each.kind === 'DaemonSet')
      .map((each) => each['spec'].template)
      .map(({ metadata: meta, spec: pod }: Loose) => ({
        labels: meta.labels,
        ports: pod.containers.flatMap((each: Loose) => each.ports ?? []),
      }));
    const targets = (kind === 'ServiceMonitor' ? services : pods).filter(({ labels }: Loose) =>
      selects(spec.selector, labels),
    );
    if (targets.length !== wanted) return [`the ${kind} ${metadata.name} selects ${targets.length} targets`];
    return targets.flatMap(({ labels, ports }: Loose) => {
      const names = ports.map(({ name }: Loose) => name);
      return [
        ...(spec.endpoints ?? spec.podMetricsEndpoints)
          .filter(({ port }: Loose) => !names.includes(port))
          .map(() => `the ${kind} asks a port that is not there`),
        ...(labels[spec.jobLabel] === undefined ? [`the ${kind}'s jobLabel is no label of its target`] : []),
      ];
    });
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
  const among: readonly Loose[] = selector?.matchExpressions ?? [];
  return (
    wanted.length > 0 &&
    wanted.every(([name, value]) => labels[name] === value) &&
    among.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key]))
  );
}

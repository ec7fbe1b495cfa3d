import type { KubernetesObject, Loose } from './rendered-chart.ts';

type Rule = (pod: Loose, containers: readonly Loose[], object: KubernetesObject) => boolean;

/** Volumes that the restricted level of Pod Security permits. */
const RESTRICTED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
/** Sysctls that the baseline level permits: the kubelet's "safe" ones. */
const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
];

/** Whether it asks how many pods share the peers. */
const isShard = (containers: readonly Loose[]): boolean =>
  containers.some(({ args = [] }) => args.some((each: string) => each.startsWith('--shard.statefulset=')));

/** Restricted Pod Security, and what kube-linter asks by default. Each rule is true where a pod keeps it. */
const RULES: Readonly<Record<string, Rule>> = {
  'runs as non-root, by number': (pod, containers) =>
    containers.every((each) => {
      const user = each.securityContext?.runAsUser ?? pod.securityContext?.runAsUser;
      return (each.securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true && user > 0;
    }),
  'read-only root': (_pod, containers) =>
    containers.every((each) => each.securityContext?.readOnlyRootFilesystem === true),
  'no privilege escalation': (_pod, containers) =>
    containers.every((each) => each.securityContext?.allowPrivilegeEscalation === false),
  'not privileged': (_pod, containers) => containers.every((each) => each.securityContext?.privileged !== true),
  'drops all capabilities and adds none': (_pod, containers) =>
    containers.every(({ securityContext }) => {
      const { drop = [], add = [] } = securityContext?.capabilities ?? {};
      return drop.includes('ALL') && add.every((each: string) => each === 'NET_BIND_SERVICE');
    }),
  'seccomp profile': (pod, containers) =>
    containers.every((each) =>
      ['RuntimeDefault', 'Localhost'].includes(
        each.securityContext?.seccompProfile?.type ?? pod.securityContext?.seccompProfile?.type,
      ),
    ),
  'no host namespaces': (pod) => pod.hostNetwork !== true && pod.hostPID !== true && pod.hostIPC !== true,
  'no host ports': (_pod, containers) =>
    containers.every((each) => (each.ports ?? []).every((port: Loose) => !port.hostPort)),
  'restricted volumes': (pod) =>
    (pod.volumes ?? []).every((volume: Loose) =>
      Object.keys(volume).every((key) => key === 'name' || RESTRICTED_VOLUMES.includes(key)),
    ),
  'safe sysctls': (pod) => (pod.securityContext?.sysctls ?? []).every(({ name }: Loose) => SAFE_SYSCTLS.includes(name)),
  'default proc mount and no SELinux or AppArmor override': (pod, containers) =>
    [pod, ...containers].every(
      ({ securityContext = {} }) =>
        (securityContext.procMount ?? 'Default') === 'Default' &&
        securityContext.seLinuxOptions === undefined &&
        securityContext.appArmorProfile?.type !== 'Unconfined',
    ),
  'a tag or a digest, not latest': (_pod, containers) =>
    containers.every(({ image }) => /[^/]+(:[^:/]+|@sha256:[0-9a-f]{64})$/.test(image) && !image.endsWith(':latest')),
  'no service account token, but for a shard': (pod, containers) =>
    pod.automountServiceAccountToken === isShard(containers),
  'no deprecated serviceAccount field': (pod) => pod.serviceAccount === undefined,
  'no variable twice': (_pod, containers) =>
    containers.every((each) => {
      const names = (each.env ?? []).map(({ name }: Loose) => name);
      return new Set(names).size === names.length;
    }),
  'no secret in a variable': (_pod, containers) =>
    containers.every((each) =>
      (each.env ?? []).every(
        (variable: Loose) => !variable.valueFrom?.secretKeyRef && !/password|token|secret/i.test(variable.name),
      ),
    ),
  'no mount by subPath': (_pod, containers) =>
    containers.every((each) => (each.volumeMounts ?? []).every((mount: Loose) => !mount.subPath && !mount.subPathExpr)),
};

/** Rules for what runs for ever; a test pod and a job are exempt. */
const SERVER_RULES: Readonly<Record<string, Rule>> = {
  'has liveness and readiness probes': (pod) =>
    pod.containers[0].livenessProbe !== undefined && pod.containers[0].readinessProbe !== undefined,
  'at most one pod that holds, but for shards': (_pod, containers, { kind, spec }) =>
    kind === 'DaemonSet'
      ? containers.some(({ args = [] }) => args.includes('--observe=only'))
      : (spec.replicas <= 1 || isShard(containers)) && (kind === 'StatefulSet' || spec.strategy?.type === 'Recreate'),
};

/** Names of the rules that these objects break, with the object's name. Empty: all is well. */
export function policyViolations(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap((object) => {
    const spec: Loose = object.kind === 'Pod' ? object['spec'] : object['spec']?.template?.spec;
    if (spec?.containers === undefined) return [];
    const containers = [...(spec.initContainers ?? []), ...spec.containers];
    const rules = ['Pod', 'Job'].includes(object.kind) ? RULES : { ...RULES, ...SERVER_RULES };
    return Object.entries(rules)
      .filter(([, keeps]) => !keeps(spec, containers, object))
      .map(([name]) => `${object.kind}/${object.metadata.name}: ${name}`);
  });
}

/** Every rule's name, so that a test can show that each of them bites. */
export const POLICY_RULES = [...Object.keys(RULES), ...Object.keys(SERVER_RULES)];

/** What a pod that observes cannot keep; its capabilities are those of `observer.owners`. */
const OBSERVER_BREAKS = [
  'drops all capabilities and adds none',
  'no host namespaces',
  'restricted volumes',
  'runs as non-root, by number',
];

/** The violations that these objects may have: those of the pods that observe. */
export function violationsOfObservers(objects: readonly KubernetesObject[]): readonly string[] {
  const observers = objects.filter(({ kind }) => kind === 'DaemonSet');
  return observers.flatMap(({ metadata }) => OBSERVER_BREAKS.map((rule) => `DaemonSet/${metadata.name}: ${rule}`));
}

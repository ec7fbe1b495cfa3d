import { describe, expect, test } from 'vitest';
import { danglingReferences } from './dangling-references.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { schemaProblems, unknownFields } from './object-schemas.ts';
import { POLICY_RULES, policyViolations, violationsOfObservers } from './pod-policy.ts';
import { type KubernetesObject, type Loose, VALUES_FILES, renderObjects, the } from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);
/** What the installer of ci/everything-values.yaml brings along. */
const OUTSIDE = ['Secret/finrst-config', 'Secret/finrst-web', 'Secret/redis-tls'];

/** Breaks objects; `of` finds the one of a kind. */
type Fault = (of: (kind: string) => Loose, objects: KubernetesObject[]) => void;
const POLICY_FAULTS: readonly (readonly [string, Fault])[] = [
  ['runs as non-root, by number', (of) => (of('StatefulSet').spec.template.spec.securityContext.runAsUser = 0)],
  [
    'read-only root',
    (of) => delete of('StatefulSet').spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem,
  ],
  [
    'no privilege escalation',
    (of) => delete of('StatefulSet').spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation,
  ],
  ['not privileged', (of) => (of('StatefulSet').spec.template.spec.containers[0].securityContext.privileged = true)],
  [
    'drops all capabilities and adds none',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].securityContext.capabilities.add = ['NET_RAW']),
  ],
  ['seccomp profile', (of) => delete of('StatefulSet').spec.template.spec.securityContext.seccompProfile],
  ['no host namespaces', (of) => (of('StatefulSet').spec.template.spec.hostNetwork = true)],
  ['no host ports', (of) => (of('StatefulSet').spec.template.spec.containers[0].ports[0].hostPort = 10_346)],
  [
    'restricted volumes',
    (of) => of('StatefulSet').spec.template.spec.volumes.push({ name: 'host', hostPath: { path: '/' } }),
  ],
  [
    'safe sysctls',
    (of) =>
      (of('StatefulSet').spec.template.spec.securityContext.sysctls = [{ name: 'net.core.somaxconn', value: '1' }]),
  ],
  [
    'default proc mount and no SELinux or AppArmor override',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].securityContext.procMount = 'Unmasked'),
  ],
  [
    'a tag or a digest, not latest',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].image = 'finrst:latest'),
  ],
  [
    'no service account token, but for a shard',
    (of) => delete of('StatefulSet').spec.template.spec.automountServiceAccountToken,
  ],
  ['no deprecated serviceAccount field', (of) => (of('StatefulSet').spec.template.spec.serviceAccount = 'finrst')],
  [
    'no variable twice',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].env = [{ name: 'A' }, { name: 'A' }]),
  ],
  [
    'no secret in a variable',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].env = [{ name: 'DB_PASSWORD', value: 'x' }]),
  ],
  [
    'no mount by subPath',
    (of) => (of('StatefulSet').spec.template.spec.containers[0].volumeMounts[0].subPath = 'finrst.yml'),
  ],
  [
    'has liveness and readiness probes',
    (of) => delete of('StatefulSet').spec.template.spec.containers[0].livenessProbe,
  ],
  ['at most one pod that holds, but for shards', (of) => (of('StatefulSet').spec.replicas = 2)],
];

describe.skipIf(lack.skip)(`the rendered objects${lack.note}`, () => {
  describe.each(VALUES_FILES)('with the values of %s', (values) => {
    const objects = lack.skip ? [] : renderObjects({ values: [values] });

    test('pass the schemas of Kubernetes and of prometheus-operator', () => {
      expect(schemaProblems(objects)).toEqual([]);
    });

    test('have no field that their kind does not know', async () => {
      expect(await unknownFields(objects)).toEqual([]);
    });

    test('meet restricted Pod security and the policies, but for what the observer cannot do without', () => {
      expect(policyViolations(objects).toSorted()).toEqual(violationsOfObservers(objects));
    });

    test('refer to nothing that is missing', () => {
      expect(danglingReferences(objects, values === 'everything' ? OUTSIDE : [])).toEqual([]);
    });

    test('have different names where they are of one kind', () => {
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    });
  });
});

describe.skipIf(lack.skip)(`the checks bite${lack.note}`, () => {
  const sound = lack.skip ? [] : renderObjects({ values: ['operator'] });
  const broken = (breakIt: Fault): readonly KubernetesObject[] => {
    const objects = structuredClone([...sound]);
    breakIt((kind) => the(kind, objects), objects);
    return objects;
  };

  test.each(POLICY_FAULTS)('policy: %s', (rule, breakIt) => {
    expect(policyViolations(broken(breakIt))).toContainEqual(expect.stringContaining(rule));
  });

  test('every policy has its planted fault', () => {
    expect(POLICY_FAULTS.map(([rule]) => rule)).toEqual(POLICY_RULES);
  });

  test.each<[string, Fault]>([
    [
      'selector does not match its pod',
      (of) => (of('StatefulSet').spec.template.metadata.labels['app.kubernetes.io/name'] = 'x'),
    ],
    ['Service x is missing', (of) => (of('StatefulSet').spec.serviceName = 'x')],
    ['the Service selects no pod', (of) => (of('Service').spec.selector = { app: 'x' })],
    ['the Service names a port', (of) => (of('Service').spec.ports[0].targetPort = 'http')],
    ['the PodDisruptionBudget selects no pod', (of) => (of('PodDisruptionBudget').spec.selector = {})],
    [
      'the NetworkPolicy selects no pod',
      (of) => (of('NetworkPolicy').spec.podSelector = { matchLabels: { app: 'x' } }),
    ],
    ['the NetworkPolicy names a port', (of) => (of('NetworkPolicy').spec.ingress[0].ports[0].port = 'http')],
    ['service account x is missing', (of) => (of('StatefulSet').spec.template.spec.serviceAccountName = 'x')],
    [
      'a probe asks a port',
      (of) => (of('StatefulSet').spec.template.spec.containers[0].livenessProbe.httpGet.port = 'http'),
    ],
    [
      'volume x, which is missing',
      (of) => (of('StatefulSet').spec.template.spec.containers[0].volumeMounts[0].name = 'x'),
    ],
    ['ConfigMap x is missing', (of) => (of('StatefulSet').spec.template.spec.volumes[0].configMap.name = 'x')],
    [
      'the claim x is missing',
      (of) =>
        of('StatefulSet').spec.template.spec.volumes.push({
          name: 'journal',
          persistentVolumeClaim: { claimName: 'x' },
        }),
    ],
    ['selects 0 targets', (of) => (of('ServiceMonitor').spec.selector.matchLabels = { app: 'x' })],
    ['selects 0 targets', (of) => (of('ServiceMonitor').spec.namespaceSelector.matchNames = ['elsewhere'])],
    ['asks a port that is not there', (of) => (of('ServiceMonitor').spec.endpoints[0].port = 'http')],
    ['jobLabel is no label', (of) => (of('ServiceMonitor').spec.jobLabel = 'job')],
  ])('dangling: %s', (said, breakIt) => {
    expect(danglingReferences(broken(breakIt))).toContainEqual(expect.stringContaining(said));
  });

  test('schema: a wrong type, a missing field, an unknown kind', () => {
    const problems = schemaProblems(
      broken((of, objects) => {
        of('StatefulSet').spec.replicas = 'one';
        of('PrometheusRule').spec.groups[0].rules[0].expr = null;
        objects.push({ apiVersion: 'v1', kind: 'Podd', metadata: { name: 'x' } });
      }),
    );
    for (const each of ['StatefulSet/', 'PrometheusRule/', 'Podd/']) {
      expect(problems).toContainEqual(expect.stringContaining(each));
    }
  });

  test('literals: a field that does not exist', async () => {
    const lines = await unknownFields(
      broken((of) => {
        of('StatefulSet').spec.template.spec.containers[0].volumeMount = [];
        of('ServiceMonitor').spec.endpoints[0].scrapeInterval = '15s';
      }),
    );
    expect(lines).toContainEqual(expect.stringContaining('volumeMount'));
    expect(lines).toContainEqual(expect.stringContaining('scrapeInterval'));
  });
});

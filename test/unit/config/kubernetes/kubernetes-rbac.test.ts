import { expect, test } from 'vitest';
import { kubernetesRbac, kubernetesRights, rbacRules } from '../../../../src/config/kubernetes/kubernetes-rbac.ts';
import type { KubernetesSourceSettings } from '../../../../src/settings/kubernetes-settings.ts';
import { kubernetesEntry } from '../../../support/kubernetes-entry.ts';

const rightsOf = (...entries: readonly Partial<KubernetesSourceSettings>[]) =>
  kubernetesRights(entries.map(kubernetesEntry));

test('each role needs what its targets and labels are made from', () => {
  expect(rightsOf({ role: 'endpointslice' })).toEqual([
    { scope: { kind: 'all' }, resources: ['endpointslices', 'services'] },
  ]);
  expect(rightsOf({ role: 'endpointslice', watchesPods: true })).toEqual([
    { scope: { kind: 'all' }, resources: ['endpointslices', 'pods', 'services'] },
  ]);
  expect(rightsOf({ role: 'pod' })).toEqual([{ scope: { kind: 'all' }, resources: ['pods'] }]);
  expect(rightsOf({ role: 'service' })).toEqual([{ scope: { kind: 'all' }, resources: ['services'] }]);
});

test('entries of one namespace share a Role, and what is allowed everywhere is not repeated', () => {
  expect(
    rightsOf(
      { role: 'service', namespaces: ['b', 'a'] },
      { role: 'pod', namespaces: ['b'], ownNamespace: true },
      { role: 'service' },
    ),
  ).toEqual([
    { scope: { kind: 'all' }, resources: ['services'] },
    { scope: { kind: 'own' }, resources: ['pods'] },
    { scope: { kind: 'namespace', namespace: 'b' }, resources: ['pods'] },
  ]);
});

test('the verbs are list and watch, by API group', () => {
  const [rights] = rightsOf({ role: 'endpointslice', watchesPods: true });
  if (rights === undefined) throw new TypeError('no rights');
  expect(rbacRules(rights)).toEqual([
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
  ]);
});

test('the YAML has a Role for each namespace, quoted since a namespace may be called on', () => {
  expect(kubernetesRbac([kubernetesEntry({ role: 'pod', namespaces: ['on'], ownNamespace: true })])).toBe(
    `# In the cluster that Finrst runs in. Bind them to whom Finrst is there.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: finrst-discovery
  # no namespace: apply it in the one that Finrst runs in
rules:
  - apiGroups: ['']
    resources: [pods]
    verbs: [list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: finrst-discovery
  namespace: 'on'
rules:
  - apiGroups: ['']
    resources: [pods]
    verbs: [list, watch]
`,
  );
});

test('each cluster is given its own', () => {
  const url = 'https://10.0.0.1:6443';
  const tls = {
    ca: null,
    cert: null,
    key: null,
    serverName: null,
    minVersion: 'TLSv1.2',
    insecureSkipVerify: false,
  } as const;
  const server = { kind: 'url', url, tls, login: { kind: 'none' } } as const;
  const yaml = kubernetesRbac([kubernetesEntry({ role: 'pod' }), kubernetesEntry({ role: 'service', server })]);
  expect(yaml.split('\n').filter((line) => /^#|kind|resources/.test(line))).toEqual([
    '# In the cluster that Finrst runs in. Bind them to whom Finrst is there.',
    'kind: ClusterRole',
    '    resources: [pods]',
    '# In the cluster of https://10.0.0.1:6443. Bind them to whom Finrst is there.',
    'kind: ClusterRole',
    '    resources: [services]',
  ]);
});

test('without an entry nothing is needed', () => {
  expect(kubernetesRbac([])).toBe('# No kubernetes_sd_configs: no rights are needed.\n');
});

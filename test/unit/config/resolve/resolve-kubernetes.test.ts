import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/config/load-config.ts';
import type { KubernetesSourceSettings } from '../../../../src/settings/kubernetes-settings.ts';
import { kubernetesEntry } from '../../../support/kubernetes-entry.ts';
import { formatAll } from '../problems-of.ts';

const KUBECONFIG = `
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://10.0.0.1:6443', certificate-authority: ca.pem}}]
users: [{name: u, user: {token: secret}}]
`;

function load(entry: string, group = '') {
  const text = `groups: [{name: a, ${group} kubernetes_sd_configs: [${entry}]}]`;
  const result = parseConfig(text, '/etc/finrst/finrst.yml', (path) =>
    path === '/etc/finrst/kubeconfig'
      ? { kind: 'read', bytes: Buffer.from(KUBECONFIG) }
      : { kind: 'unreadable', why: 'ENOENT' },
  );
  if (result.kind === 'invalid') throw new Error(formatAll(result.problems));
  return result.config;
}

function settingsOf(entry: string, group?: string): readonly KubernetesSourceSettings[] {
  const sources = load(entry, group).groups[0]?.sources ?? [];
  return sources.flatMap((source) => (source.kind === 'kubernetes' ? [source.settings] : []));
}

test('an entry that says no more than its role is in-cluster, everywhere, and lingers 30 s', () => {
  expect(settingsOf('{role: endpointslice}, {role: service, linger: 0s}')).toEqual([
    kubernetesEntry(),
    kubernetesEntry({ role: 'service', lingerMs: 0 }),
  ]);
});

test('namespaces and selectors are as written, each namespace once', () => {
  const entry = `{role: endpointslice, namespaces: {names: [b, a, b], own_namespace: true}, selectors: [{role: endpointslice, label: 'a in (b)', field: metadata.name=c}]}`;
  expect(settingsOf(entry)).toEqual([
    kubernetesEntry({
      namespaces: ['a', 'b'],
      ownNamespace: true,
      selectors: [{ role: 'endpointslice', label: 'a in (b)', field: 'metadata.name=c' }],
    }),
  ]);
});

test('the address family of the group decides over slices', () => {
  expect(settingsOf('{role: endpointslice}', 'ip_family: ipv6,')).toEqual([kubernetesEntry({ ipFamily: 'ipv6' })]);
});

test('pods are watched beside slices where a selector names them', () => {
  expect(settingsOf('{role: endpointslice, selectors: [{role: pod, label: a=b}]}')[0]?.watchesPods).toBe(true);
  expect(settingsOf('{role: service}')[0]?.watchesPods).toBe(false);
});

test('a kubeconfig gives server and login, its files beside it', () => {
  expect(settingsOf('{role: service, kubeconfig_file: kubeconfig}')[0]?.server).toMatchObject({
    kind: 'url',
    url: 'https://10.0.0.1:6443',
    tls: { ca: { kind: 'file', path: '/etc/finrst/ca.pem' } },
    login: { kind: 'token', token: { kind: 'text', text: 'secret' } },
  });
});

test('an API server has the client keys of HTTP, with paths that can be opened', () => {
  const entry = (more: string): string => `{role: service, api_server: 'https://h:6443', ${more}}`;
  expect(settingsOf(entry('authorization: {credentials_file: token}'))[0]?.server).toEqual({
    kind: 'url',
    url: 'https://h:6443',
    tls: { ca: null, cert: null, key: null, serverName: null, minVersion: 'TLSv1.2', insecureSkipVerify: false },
    login: { kind: 'token', scheme: 'Bearer', token: { kind: 'file', path: '/etc/finrst/token' } },
  });
  const tls = 'tls_config: {server_name: api, insecure_skip_verify: true, min_version: TLS13}';
  expect(settingsOf(entry(`basic_auth: {username: u, password_file: p}, ${tls}`))[0]?.server).toMatchObject({
    tls: { serverName: 'api', minVersion: 'TLSv1.3', insecureSkipVerify: true },
    login: {
      kind: 'basic',
      username: { kind: 'text', text: 'u' },
      password: { kind: 'file', path: '/etc/finrst/p' },
    },
  });
});

test('who watches every pod of a cluster is warned', () => {
  const warning = (entry: string): readonly string[] => load(entry).warnings;
  expect(warning('{role: pod}')).toEqual([
    expect.stringMatching(
      /^\/etc\/finrst\/finrst\.yml:1:\d+: warning: groups\[0\]\.kubernetes_sd_configs\[0\] watches every pod of the cluster; name namespaces or selectors$/,
    ),
  ]);
  expect(warning('{role: pod, namespaces: {names: [a]}}')).toEqual([]);
  expect(warning('{role: pod, namespaces: {own_namespace: true}}')).toEqual([]);
  expect(warning('{role: pod, selectors: [{role: pod, label: a}]}')).toEqual([]);
  expect(warning('{role: endpointslice}')).toEqual([]);
});

test('a rule that may see a label of a pod has pods watched beside slices', () => {
  const rules = (rule: string): string => `relabel_configs: [${rule}],`;
  const pods = '{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}';
  const services = '{action: labelmap, regex: __meta_kubernetes_service_label_(.+)}';
  expect(settingsOf('{role: endpointslice}', rules(pods))[0]?.watchesPods).toBe(true);
  expect(settingsOf('{role: endpointslice}', rules(services))[0]?.watchesPods).toBe(false);
});

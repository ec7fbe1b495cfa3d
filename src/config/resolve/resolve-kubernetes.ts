import type { HttpClientSettings } from '../../settings/http-client-settings.ts';
import type {
  KubernetesLogin,
  KubernetesRole,
  KubernetesSecret,
  KubernetesSelector,
  KubernetesServer,
  KubernetesSourceSettings,
} from '../../settings/kubernetes-settings.ts';
import type { IpFamily } from '../../settings/peer-settings.ts';
import type { RelabelRule } from '../../settings/relabel-rule.ts';
import type { SourceSettings } from '../../settings/source-settings.ts';
import type { Path } from '../../yaml/path.ts';
import { readKubeconfig } from '../kubernetes/read-kubeconfig.ts';
import { rulesNameLastApplied, rulesSeePods } from '../kubernetes/rules-see.ts';
import { fieldSelectorProblem, labelSelectorProblem } from '../kubernetes/selector-problem.ts';
import { serverUrlProblem } from '../kubernetes/server-url-problem.ts';
import type { KubernetesConfigValues } from '../schema/kubernetes-configs.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { readNamedFile } from './read-named-file.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';
import { resolveHttpClient } from './resolve-http-client.ts';

type Values = Partially<KubernetesConfigValues>;

/** What of its group an entry depends on. */
export type KubernetesGroup = {
  readonly rules: readonly RelabelRule[];
  readonly ipFamily: IpFamily;
};

/** Selectors that make sense for an entry: of its own objects, and of those watched beside them. */
const SELECTABLE: Readonly<Record<KubernetesRole, readonly KubernetesRole[]>> = {
  endpointslice: ['endpointslice', 'service', 'pod'],
  pod: ['pod'],
  service: ['service'],
};

/** A source for each entry of `kubernetes_sd_configs`. What is wrong is noted; the result is of use only when nothing was. */
export function resolveKubernetesSources(
  context: ResolveContext,
  path: Path,
  { entries, group }: { readonly entries: readonly (Values | undefined)[]; readonly group: KubernetesGroup },
): readonly SourceSettings<'kubernetes'>[] {
  return entries.flatMap((values, index) =>
    values === undefined
      ? []
      : [{ kind: 'kubernetes', settings: resolveEntry(context, [...path, index], { values, group }) } as const],
  );
}

function resolveEntry(
  context: ResolveContext,
  path: Path,
  { values, group }: { readonly values: Values; readonly group: KubernetesGroup },
): KubernetesSourceSettings {
  const role = values.role ?? 'endpointslice';
  const selectors = resolveSelectors(context, [...path, 'selectors'], { role, values });
  const { names = [], own_namespace: ownNamespace = false } = values.namespaces ?? {};
  const server = resolveServer(context, path, values);
  if (ownNamespace && server.kind !== 'inCluster') {
    const key = (values.api_server ?? '') === '' ? 'kubeconfig_file' : 'api_server';
    const message = `is true beside ${key}; Finrst's own namespace is known only in a cluster`;
    addProblem(context, [...path, 'namespaces', 'own_namespace'], message);
  }
  return {
    lingerMs: values.linger ?? 0,
    role,
    server,
    namespaces: [...new Set(names.filter((name) => name !== undefined))].toSorted(),
    ownNamespace,
    selectors,
    ipFamily: group.ipFamily,
    watchesPods:
      role === 'endpointslice' && (rulesSeePods(group.rules) || selectors.some((each) => each.role === 'pod')),
    keepsLastApplied: rulesNameLastApplied(group.rules),
  };
}

type SelectorScope = { readonly role: KubernetesRole; readonly values: Values };

function resolveSelectors(
  context: ResolveContext,
  path: Path,
  { role, values }: SelectorScope,
): readonly KubernetesSelector[] {
  const selectors: KubernetesSelector[] = [];
  for (const [index, selector] of (values.selectors ?? []).entries()) {
    if (selector?.role === undefined) continue;
    const selected = selector.role;
    const { label = '', field = '' } = selector;
    const own: Path = [...path, index];
    if (!SELECTABLE[role].includes(selected)) {
      const message = `is "${selected}"; an entry with role ${role} takes selectors for ${SELECTABLE[role].join(', ')}`;
      addProblem(context, [...own, 'role'], message);
    } else if (selectors.some((each) => each.role === selected)) {
      addProblem(context, [...own, 'role'], `is "${selected}" a second time; write one selector with commas`);
    }
    const labelProblem = labelSelectorProblem(label);
    if (labelProblem !== null) addProblem(context, [...own, 'label'], labelProblem);
    const fieldProblem = fieldSelectorProblem(field);
    if (fieldProblem !== null) addProblem(context, [...own, 'field'], fieldProblem);
    selectors.push({ role: selected, label, field });
  }
  return selectors;
}

const IN_CLUSTER: KubernetesServer = { kind: 'inCluster' };

function resolveServer(context: ResolveContext, path: Path, values: Values): KubernetesServer {
  const { api_server: url = '', kubeconfig_file: kubeconfig = '' } = values;
  const client = resolveHttpClient(context, path, values);
  if (url !== '' && kubeconfig !== '') {
    addProblem(context, [...path, 'kubeconfig_file'], 'stands beside api_server; expected one of the two');
    return IN_CLUSTER;
  }
  if (url === '') {
    for (const key of ['basic_auth', 'authorization', 'tls_config'] as const) {
      if (values[key] !== undefined)
        addProblem(context, [...path, key], 'is only for an api_server; set it, or remove this');
    }
    return kubeconfig === '' ? IN_CLUSTER : fromKubeconfig(context, [...path, 'kubeconfig_file'], kubeconfig);
  }
  const problem = serverUrlProblem(url);
  if (problem !== null && isValid(context, [...path, 'api_server']))
    addProblem(context, [...path, 'api_server'], problem);
  return { kind: 'url', url, ...toTlsAndLogin(client) };
}

function fromKubeconfig(context: ResolveContext, path: Path, name: string): KubernetesServer {
  const bytes = readNamedFile(context, path, name);
  if (bytes === null) return IN_CLUSTER;
  const located = context.files.locate(name);
  const result = readKubeconfig(Buffer.from(bytes).toString(), located);
  if (result.kind === 'server') return result.server;
  addProblem(context, path, `names ${located}, which ${result.why}`);
  return IN_CLUSTER;
}

function toTlsAndLogin({ authentication, tls }: HttpClientSettings) {
  const { serverName, minVersion, insecureSkipVerify } = tls;
  const [ca, cert, key] = [tls.caFile, tls.certFile, tls.keyFile].map(fileOrNull);
  return {
    tls: { serverName, minVersion, insecureSkipVerify, ca: ca ?? null, cert: cert ?? null, key: key ?? null },
    login: toLogin(authentication),
  };
}

function toLogin(authentication: HttpClientSettings['authentication']): KubernetesLogin {
  switch (authentication?.kind) {
    case undefined:
      return { kind: 'none' };
    case 'credentials': {
      const { type, credentialsFile } = authentication;
      return { kind: 'token', scheme: type, token: { kind: 'file', path: credentialsFile } };
    }
    case 'basic': {
      const { username, usernameFile, passwordFile } = authentication;
      return {
        kind: 'basic',
        username: fileOrNull(usernameFile) ?? { kind: 'text', text: username },
        password: fileOrNull(passwordFile) ?? { kind: 'text', text: '' },
      };
    }
  }
}

function fileOrNull(path: string | null): KubernetesSecret | null {
  return path === null ? null : { kind: 'file', path };
}

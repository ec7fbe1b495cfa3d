import { dirname, isAbsolute, join } from 'node:path';
import type {
  KubernetesLogin,
  KubernetesSecret,
  KubernetesServer,
  KubernetesTls,
} from '../../settings/kubernetes-settings.ts';
import { DEFAULT_TLS_SETTINGS } from '../../settings/tls-settings.ts';
import { quoteValue } from '../../text/quote-value.ts';
import { isPlainList, isPlainMap, type Plain, type PlainMap } from '../../yaml/plain.ts';
import { readYaml } from '../../yaml/yaml-source.ts';
import { serverUrlProblem } from './server-url-problem.ts';

/** What a kubeconfig gives, or what is wrong with it, as a sentence about the file. */
export type KubeconfigResult =
  | { readonly kind: 'server'; readonly server: KubernetesServer }
  | { readonly kind: 'unusable'; readonly why: string };

type Unusable = Extract<KubeconfigResult, { readonly kind: 'unusable' }>;

/**
 * The API server and the login of the current context of a kubeconfig. Files that it names are not read here but at each
 * request; relative names start at its folder. What Finrst does not do (programs that give a token, proxies, speaking for
 * somebody else) is refused.
 *
 * @param path absolute
 */
export function readKubeconfig(text: string, path: string): KubeconfigResult {
  const { root, problems } = readYaml(text, path);
  const [first] = problems;
  if (first !== undefined) return unusable(`is not usable: ${first.line}:${first.column ?? 1}: ${first.message}`);
  if (!isPlainMap(root)) return unusable('is no kubeconfig; expected a map with clusters, contexts and users');
  const current = textAt(root, 'current-context');
  if (current === '') return unusable('has no current-context');
  const context = named(root['contexts'], current, 'context');
  if (context === null) return unusable(`has no context ${quoteValue(current)}, which is its current-context`);
  const [clusterName, userName] = [textAt(context, 'cluster'), textAt(context, 'user')];
  const cluster = named(root['clusters'], clusterName, 'cluster');
  if (cluster === null) return unusable(`has no cluster ${quoteValue(clusterName)}`);
  const user = userName === '' ? {} : named(root['users'], userName, 'user');
  if (user === null) return unusable(`has no user ${quoteValue(userName)}`);
  const refused = clusterProblem(cluster, clusterName) ?? userProblem(user, userName);
  if (refused !== null) return unusable(refused);
  return toServer({ cluster, user, folder: dirname(path) });
}

function unusable(why: string): Unusable {
  return { kind: 'unusable', why };
}

/** The entry of a list with this name: `[{name: N, KIND: {...}}]`. */
function named(list: Plain | undefined, name: string, kind: string): PlainMap | null {
  if (!isPlainList(list)) return null;
  for (const entry of list) {
    if (!isPlainMap(entry) || entry['name'] !== name) continue;
    const value = entry[kind];
    return isPlainMap(value) ? value : {};
  }
  return null;
}

function textAt(map: PlainMap, key: string): string {
  const value = map[key];
  return typeof value === 'string' ? value : '';
}

function clusterProblem(cluster: PlainMap, name: string): string | null {
  const where = `has the cluster ${quoteValue(name)}`;
  if (textAt(cluster, 'proxy-url') !== '') return `${where} with proxy-url, which is not built`;
  const problem = serverUrlProblem(textAt(cluster, 'server'));
  return problem === null ? null : `${where}, whose server ${problem}`;
}

function userProblem(user: PlainMap, name: string): string | null {
  const where = `has the user ${quoteValue(name)}`;
  if (isPlainMap(user['exec'])) {
    const program = quoteValue(textAt(user['exec'], 'command'));
    return `${where}, who needs the program ${program}, which Finrst does not run; use a token`;
  }
  if (isPlainMap(user['auth-provider'])) {
    const provider = quoteValue(textAt(user['auth-provider'], 'name'));
    return `${where}, who needs the provider ${provider}, which Finrst does not have; use a token`;
  }
  const speaksFor = ['as', 'as-uid', 'as-groups', 'as-user-extra'].find((key) => user[key] !== undefined);
  return speaksFor === undefined ? null : `${where} with ${speaksFor}, which is not built`;
}

type Parts = { readonly cluster: PlainMap; readonly user: PlainMap; readonly folder: string };

function toServer({ cluster, user, folder }: Parts): KubeconfigResult {
  const secrets: Record<'ca' | 'cert' | 'key', KubernetesSecret | null> = { ca: null, cert: null, key: null };
  for (const [key, map, name] of [
    ['ca', cluster, 'certificate-authority'],
    ['cert', user, 'client-certificate'],
    ['key', user, 'client-key'],
  ] as const) {
    const pem = pemOf(map, name, folder);
    if (pem?.kind === 'unusable') return pem;
    secrets[key] = pem;
  }
  if ((secrets.cert === null) !== (secrets.key === null))
    return unusable('has a user with only one of client-certificate and client-key');
  const tls: KubernetesTls = {
    ...secrets,
    serverName: textAt(cluster, 'tls-server-name') || null,
    minVersion: DEFAULT_TLS_SETTINGS.minVersion,
    insecureSkipVerify: cluster['insecure-skip-tls-verify'] === true,
  };
  return { kind: 'server', server: { kind: 'url', url: textAt(cluster, 'server'), tls, login: loginOf(user, folder) } };
}

/** The data win over the file, as in the reference client. */
function pemOf(map: PlainMap, name: string, folder: string): KubernetesSecret | Unusable | null {
  const data = textAt(map, `${name}-data`);
  if (data !== '') {
    const pem = Buffer.from(data, 'base64').toString();
    return pem.includes('-----BEGIN ') ? { kind: 'text', text: pem } : unusable(`has ${name}-data that hold no PEM`);
  }
  const file = textAt(map, name);
  return file === '' ? null : { kind: 'file', path: locate(folder, file) };
}

/** A file with a token wins over a token, as in the reference client. */
function loginOf(user: PlainMap, folder: string): KubernetesLogin {
  const [file, token] = [textAt(user, 'tokenFile'), textAt(user, 'token')];
  if (file !== '') return { kind: 'token', scheme: 'Bearer', token: { kind: 'file', path: locate(folder, file) } };
  if (token !== '') return { kind: 'token', scheme: 'Bearer', token: { kind: 'text', text: token } };
  const [name, password] = [textAt(user, 'username'), textAt(user, 'password')];
  if (name === '') return { kind: 'none' };
  return { kind: 'basic', username: { kind: 'text', text: name }, password: { kind: 'text', text: password } };
}

function locate(folder: string, name: string): string {
  return isAbsolute(name) ? name : join(folder, name);
}

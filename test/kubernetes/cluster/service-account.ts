import { createSign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** Makes a service account with a Role of these rules in its namespace. */
export async function createServiceAccount(
  cluster: Cluster,
  { namespace, name, rules }: { readonly namespace: string; readonly name: string; readonly rules: readonly object[] },
): Promise<void> {
  const metadata = { namespace, name };
  const group = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      subjects,
      roleRef: { apiGroup: group, kind: 'Role', name },
    },
  ];
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** Writes a token of a service account, signed with the cluster's key: the API itself gives none for less than ten minutes. */
export async function writeToken(
  cluster: Cluster,
  { namespace, name, seconds }: { readonly namespace: string; readonly name: string; readonly seconds: number },
): Promise<string> {
  const uid = await cluster.kubectl(
    '-n',
    namespace,
    'get',
    'serviceaccount',
    name,
    '--output=jsonpath={.metadata.uid}',
  );
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    aud: [ISSUER],
    sub: `system:serviceaccount:${namespace}:${name}`,
    iat: now - 600,
    nbf: now - 600,
    exp: now + seconds,
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
  };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`;
  const key = readFileSync(join(cluster.machine.folder, 'keys/service-accounts.key'));
  const signature = createSign('sha256').update(signed).sign(key).toString('base64url');
  const file = join(cluster.machine.folder, `${namespace}-${name}.token`);
  writeFileSync(file, `${signed}.${signature}`);
  return file;
}

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../deploy/rendered-chart.ts';
import type { Cluster } from './cluster.ts';

/** Grants Finrst's service account in a namespace what `finrst check --rbac` prints for a configuration in one namespace. */
export async function grantPrintedRights(
  cluster: Cluster,
  { config, from, to }: { readonly config: object; readonly from: string; readonly to: string },
): Promise<void> {
  const file = join(cluster.machine.folder, `${to}-rights.yml`);
  writeFileSync(file, JSON.stringify(config));
  const command = [join(ROOT, 'src/main.ts'), 'check', '--rbac', file];
  await cluster.apply(execFileSync(process.execPath, command, { encoding: 'utf8', stdio: 'pipe' }));
  const group = 'rbac.authorization.k8s.io';
  const binding = {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'finrst-discovery', namespace: from },
    roleRef: { apiGroup: group, kind: 'Role', name: 'finrst-discovery' },
    subjects: [{ kind: 'ServiceAccount', name: 'finrst', namespace: to }],
  };
  await cluster.apply(JSON.stringify(binding));
}

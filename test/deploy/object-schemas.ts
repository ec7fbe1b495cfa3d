import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { DaemonSet, StatefulSet } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import {
  ConfigMap,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-models/v1';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type KubernetesObject, ROOT } from './rendered-chart.ts';

/** Kind to the package that has its schema and its type. GrafanaDashboard has none that can be had. */
const MODELS = {
  ConfigMap: [ConfigMap, 'kubernetes-models/v1'],
  DaemonSet: [DaemonSet, 'kubernetes-models/apps/v1'],
  Job: [Job, 'kubernetes-models/batch/v1'],
  Namespace: [Namespace, 'kubernetes-models/v1'],
  NetworkPolicy: [NetworkPolicy, 'kubernetes-models/networking.k8s.io/v1'],
  PersistentVolumeClaim: [PersistentVolumeClaim, 'kubernetes-models/v1'],
  Pod: [Pod, 'kubernetes-models/v1'],
  PodDisruptionBudget: [PodDisruptionBudget, 'kubernetes-models/policy/v1'],
  PodMonitor: [PodMonitor, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
  PrometheusRule: [PrometheusRule, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
  Role: [Role, 'kubernetes-models/rbac.authorization.k8s.io/v1'],
  RoleBinding: [RoleBinding, 'kubernetes-models/rbac.authorization.k8s.io/v1'],
  Secret: [Secret, 'kubernetes-models/v1'],
  Service: [Service, 'kubernetes-models/v1'],
  ServiceAccount: [ServiceAccount, 'kubernetes-models/v1'],
  ServiceMonitor: [ServiceMonitor, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
  StatefulSet: [StatefulSet, 'kubernetes-models/apps/v1'],
} as const;

/** What the Kubernetes and prometheus-operator schemas say against these objects: wrong types, missing fields, bad values. */
export function schemaProblems(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap((object) => {
    const name = `${object.kind}/${object.metadata.name}`;
    const model = MODELS[object.kind as keyof typeof MODELS];
    if (model === undefined)
      return object.kind === 'GrafanaDashboard' ? dashboardProblems(object) : [`${name}: unknown kind`];
    try {
      new (model[0] as new (data: unknown) => { validate(): void })(structuredClone(object)).validate();
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/**
 * What the compiler says when each object is written out as a literal of its type: fields that do not exist, which the
 * schemas let pass and an API server drops or refuses. One line per problem.
 */
export async function unknownFields(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  // Below the root, so that the packages resolve.
  const folder = await mkdtemp(join(ROOT, '.cache/literals-'));
  try {
    const typed = objects.filter(({ kind }) => kind in MODELS);
    await writeFile(join(folder, 'literals.ts'), typed.map(literalOf).join(''));
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--ignoreConfig',
      '--target',
      'es2024',
      '--module',
      'nodenext',
    ];
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const run = promisify(execFile);
    await run(process.execPath, [compiler, ...flags, 'literals.ts'], { cwd: folder });
    return [];
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (stdout === undefined || stdout === '') throw error;
    return stdout.split('\n').filter((line) => line.startsWith('literals.ts'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function literalOf(object: KubernetesObject, index: number): string {
  const [, module] = MODELS[object.kind as keyof typeof MODELS];
  const type = `import('${module}').I${object.kind}`;
  return `export const object${index}: ${type} = ${JSON.stringify(object)};\n`;
}

/** grafana-operator's schema is in no package: the fields of its v1beta1 that the chart uses, from its documentation. */
const DASHBOARD_FIELDS: Readonly<Record<string, string>> = {
  instanceSelector: 'object',
  allowCrossNamespaceImport: 'boolean',
  folder: 'string',
  resyncPeriod: 'string',
  configMapRef: 'object',
};

function dashboardProblems({ metadata, apiVersion, spec }: KubernetesObject): readonly string[] {
  const name = `GrafanaDashboard/${metadata.name}`;
  return [
    ...(apiVersion === 'grafana.integreatly.org/v1beta1' ? [] : [`${name}: apiVersion ${apiVersion}`]),
    ...Object.entries(spec as Record<string, unknown>)
      .filter(([field, value]) => typeof value !== DASHBOARD_FIELDS[field])
      .map(([field]) => `${name}: ${field}`),
  ];
}

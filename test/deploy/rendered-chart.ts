import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type HelmVersion, helm } from './kubernetes-tools.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const CHART = join(ROOT, 'deploy/chart');
/** The values files that stand for ways of installing the chart, by name. */
export const VALUES_FILES = readdirSync(join(CHART, 'ci')).map((file) => file.replace('-values.yaml', ''));

/** A part of an object of any kind; the schema tests check its shape. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: Loose;
};

export type RenderOptions = {
  readonly helm?: HelmVersion;
  /** Names out of VALUES_FILES. */
  readonly values?: readonly string[];
  /** Values on top, as a map. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly kubeVersion?: string;
  readonly release?: string;
  readonly namespace?: string;
  readonly more?: readonly string[];
};

/** What `helm template` prints. Throws with Helm's own words when it refuses. */
export function renderText(options: RenderOptions = {}): string {
  const { status, stdout, stderr } = runHelm('template', options);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** What Helm says when it refuses these values; fails when it takes them. */
export function refusal(options: RenderOptions): string {
  const { status, stderr } = runHelm('template', options);
  if (status === 0) throw new Error('helm took values that it should refuse');
  return stderr;
}

/** The rendered objects, test hooks included. */
export function renderObjects(options: RenderOptions = {}): readonly KubernetesObject[] {
  return objectsIn(renderText(options));
}

/** The objects of a stream of YAML documents. Throws on a syntax error or a duplicate key. */
export function objectsIn(text: string): readonly KubernetesObject[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  return [...documents].flatMap((document) => {
    if ('errors' in document && document.errors[0] !== undefined) throw document.errors[0];
    const value = ('toJS' in document ? document.toJS() : null) as KubernetesObject | null;
    return value === null ? [] : [value];
  });
}

/** The only object of that kind. */
export function the(kind: string, objects: readonly KubernetesObject[]): KubernetesObject {
  const found = objects.filter(
    (each) => each.kind === kind && each.metadata.annotations?.['helm.sh/hook'] === undefined,
  );
  if (found[0] === undefined || found.length > 1)
    throw new Error(`${found.length} objects of kind ${kind}, expected one`);
  return found[0];
}

/** `helm lint --strict`: its exit code and all it said. */
export function lint(options: RenderOptions): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = runHelm('lint', options, ['--strict']);
  return { status, said: stdout + stderr };
}

/** The text that `helm install` shows, rendered without a cluster. */
export function renderNotes(options: RenderOptions): string {
  const path = helm(options.helm ?? 'helm-4');
  const said = execFileSync(path, ['install', 'finrst', CHART, '--dry-run=client', ...flagsOf(options)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    input: '',
  });
  return said.slice(said.indexOf('NOTES:'));
}

function runHelm(command: 'template' | 'lint', options: RenderOptions, more: readonly string[] = []) {
  const name = command === 'template' ? [options.release ?? 'finrst'] : [];
  const path = helm(options.helm ?? 'helm-4');
  // Values go by a file on standard input: --set would turn "007" into a number and "a.b" into a path.
  const set = options.set === undefined ? [] : ['--values', '-'];
  return spawnSync(path, [command, ...name, CHART, ...flagsOf(options), ...set, ...more], {
    encoding: 'utf8',
    input: JSON.stringify(options.set ?? {}),
    maxBuffer: 64 * 1024 * 1024,
  });
}

function flagsOf({ values = [], kubeVersion, namespace, more = [] }: RenderOptions): readonly string[] {
  return [
    ...values.flatMap((name) => ['--values', join(CHART, 'ci', `${name}-values.yaml`)]),
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...more,
  ];
}

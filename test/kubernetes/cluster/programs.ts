import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

/** Kubernetes 1.34 is the last that runs on cgroups of version 1 without complaint. */
const KUBERNETES = '1.34.4';
const VERSION_PACKAGE = 'k8s.io/component-base/version';
const [MAJOR = '', MINOR = ''] = KUBERNETES.split('.');
/** Without them the API server says that it is v0.0.0, and clients refuse it. */
const VERSION_FLAGS = { gitVersion: `v${KUBERNETES}`, gitMajor: MAJOR, gitMinor: MINOR, gitTreeState: 'clean' };

const KUBERNETES_PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;
const OTHER_PROGRAMS = { etcd: 'kubernetes', coredns: 'coredns', pod: 'pod' } as const;

type Module = 'kubernetes' | 'coredns' | 'pod';
type ProgramName = (typeof KUBERNETES_PROGRAMS)[number] | keyof typeof OTHER_PROGRAMS;
/** Where each program of the cluster lies. */
export type ClusterPrograms = Readonly<Record<ProgramName, string>>;

/**
 * Builds the programs of the cluster with the Go toolchain, those of each module below `programs/` once for its content, and
 * keeps them in the user's cache. A cold build takes ten minutes and more on two cores.
 */
export async function buildClusterPrograms(): Promise<ClusterPrograms> {
  const version = Object.entries(VERSION_FLAGS).map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  const commands = KUBERNETES_PROGRAMS.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  await build('kubernetes', { programs: KUBERNETES_PROGRAMS, packages: commands, linkerFlags: version });
  await build('kubernetes', { programs: ['etcd'], packages: ['go.etcd.io/etcd/server/v3'] });
  await build('coredns', { programs: ['coredns'], packages: ['.'] });
  await build('pod', { programs: ['pod'], packages: ['.'] });
  const ofKubernetes = KUBERNETES_PROGRAMS.map((name): [string, Module] => [name, 'kubernetes']);
  const all = [...ofKubernetes, ...Object.entries(OTHER_PROGRAMS)];
  return Object.fromEntries(all.map(([name, module]) => [name, join(cacheOf(module), name)])) as ClusterPrograms;
}

type Build = {
  readonly programs: readonly string[];
  readonly packages: readonly string[];
  readonly linkerFlags?: readonly string[];
};

/** One command for several programs compiles what they share once and uses all processors. */
async function build(module: Module, { programs, packages, linkerFlags = [] }: Build): Promise<void> {
  const folder = cacheOf(module);
  if (programs.every((name) => existsSync(join(folder, name)))) return;
  const unfinished = join(folder, `unfinished-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  const [only = ''] = programs;
  const output = programs.length > 1 ? `${unfinished}/` : join(unfinished, only);
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', `-ldflags=${['-s -w', ...linkerFlags].join(' ')}`];
  await promisify(execFile)('go', ['build', ...flags, '-o', output, ...packages], {
    cwd: moduleFolder(module),
    env: { ...process.env, CGO_ENABLED: '0' },
    maxBuffer: 1 << 26,
  });
  for (const name of programs) renameSync(join(unfinished, name), join(folder, name));
  rmdirSync(unfinished);
}

function cacheOf(module: Module): string {
  const folder = moduleFolder(module);
  const hash = createHash('sha256').update(JSON.stringify(VERSION_FLAGS));
  for (const file of readdirSync(folder).toSorted()) hash.update(readFileSync(join(folder, file)));
  return cacheFolder(`cluster-${module}-${hash.digest('hex').slice(0, 16)}`);
}

function moduleFolder(module: Module): string {
  return join(import.meta.dirname, 'programs', module);
}

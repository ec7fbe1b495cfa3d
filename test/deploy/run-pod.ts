import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entrypointOfDockerfile } from './built-image.ts';
import { type MountedFiles, mountFiles } from './mounted-files.ts';
import { type PodNetwork, createPodNetwork } from './pod-network.ts';
import { type KubernetesObject, type Loose, ROOT, the } from './rendered-chart.ts';
import { type Mount, type RunningContainer, runContainer } from './run-container.ts';
import { writeRuntimeRoot } from './stand-in-bases.ts';

/** What running a pod takes of the machine. */
export const POD_NEEDS = ['root', 'ldd', 'ip', 'unshare', 'nsenter', 'setpriv', 'chroot'] as const;

export type PodOptions = {
  /** The rendered chart. */
  readonly objects: readonly KubernetesObject[];
  /** Changes the configuration on its way into the volume: a test's peers have ports that no chart could know. */
  readonly rewrite?: (text: string) => string;
  /** A folder that stands for the PersistentVolumeClaim. */
  readonly claim?: string;
};

export type RunningPod = {
  readonly container: RunningContainer;
  readonly network: PodNetwork;
  /** The volume with finrst.yml. */
  readonly config: MountedFiles;
  /** finrst.yml as the chart rendered it. */
  readonly renderedConfig: string;
  /** What the kubelet asks: GET on the probe's port, path and scheme. Its status. */
  probe(kind: 'startupProbe' | 'livenessProbe' | 'readinessProbe'): Promise<number>;
  /** GET on the pod's address at a named port. */
  get(port: string, path: string): Promise<Response>;
  /** SIGTERM, the grace period, then SIGKILL; the exit code. */
  stop(): Promise<number>;
  remove(): Promise<void>;
};

/**
 * Runs the only pod of a rendered chart as a kubelet would: its image's entry point with its exact arguments, environment,
 * user, mounts and read-only root, in its own network. The image is this tree, compiled, on a base made of this machine's Node.
 */
export async function runPod({ objects, rewrite = (text) => text, claim }: PodOptions): Promise<RunningPod> {
  const network = createPodNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'finrst-pod-'));
  const release = (): void => {
    network.remove();
    rmSync(folder, { recursive: true });
  };
  try {
    const spec: Loose = the('StatefulSet', objects)['spec'].template.spec;
    const renderedConfig = configIn(objects);
    const config = mountFiles(join(folder, 'config'), { 'finrst.yml': rewrite(renderedConfig) });
    const root = writeImage(join(folder, 'root'));
    const container = startContainer({ objects, root, network, config, ...(claim === undefined ? {} : { claim }) });
    return {
      ...podOf({ spec, container, network }),
      config,
      renderedConfig,
      remove: async () => container.kill().then(release),
    };
  } catch (error) {
    release();
    throw error;
  }
}

type Parts = { readonly spec: Loose; readonly container: RunningContainer; readonly network: PodNetwork };

function podOf({ spec, container, network }: Parts): Omit<RunningPod, 'config' | 'renderedConfig' | 'remove'> {
  const [main] = spec.containers as [Loose];
  const get = async (port: string, path: string, scheme = 'http'): Promise<Response> => {
    const number = main.ports.find(({ name }: Loose) => name === port).containerPort;
    return fetch(`${scheme}://${network.podIp}:${number}${path}`);
  };
  return {
    container,
    network,
    get,
    async probe(kind) {
      const { port, path, scheme } = main[kind].httpGet;
      return (await get(port, path, scheme.toLowerCase())).status;
    },
    async stop() {
      container.signal('SIGTERM');
      const patience = setTimeout(() => container.signal('SIGKILL'), spec.terminationGracePeriodSeconds * 1000);
      const code = await container.exited;
      clearTimeout(patience);
      return code;
    },
  };
}

type Start = {
  readonly objects: readonly KubernetesObject[];
  readonly root: string;
  readonly network: PodNetwork;
  readonly config: MountedFiles;
  readonly claim?: string;
};

function startContainer({ objects, root, network, config, claim }: Start): RunningContainer {
  const spec: Loose = the('StatefulSet', objects)['spec'].template.spec;
  const [main] = spec.containers as [Loose];
  const folders = new Map([['config', config.folder]]);
  if (claim !== undefined) {
    // What the kubelet does for fsGroup.
    chownSync(claim, 0, spec.securityContext.fsGroup);
    chmodSync(claim, 0o2775);
    folders.set('journal', claim);
  }
  const mounts = (main.volumeMounts as Loose[]).map(({ name, mountPath, readOnly = false }): Mount => {
    const from = folders.get(name);
    if (from === undefined) throw new Error(`the test has nothing for the volume ${name}`);
    mkdirSync(join(root, mountPath), { recursive: true });
    return { from, to: mountPath, readOnly };
  });
  const { runAsUser, runAsGroup, fsGroup = runAsGroup } = spec.securityContext;
  return runContainer({
    root,
    argv: [...entrypointOfDockerfile(), ...(main.args as string[])],
    env: environmentOf(objects, main),
    uid: runAsUser,
    gid: runAsGroup,
    groups: [fsGroup],
    mounts: [...mounts, { from: join(ROOT, 'node_modules'), to: '/app/node_modules', readOnly: true }],
    network: network.name,
  });
}

function writeImage(root: string): string {
  mkdirSync(root);
  writeRuntimeRoot(root);
  for (const folder of ['app/node_modules', 'proc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'app/package.json'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.json'), '--outDir', join(root, 'app/dist')]);
  return root;
}

function configIn(objects: readonly KubernetesObject[]): string {
  const { name, configMap, secret } = the('StatefulSet', objects)['spec'].template.spec.volumes[0];
  const [kind, wanted] = configMap === undefined ? ['Secret', secret.secretName] : ['ConfigMap', configMap.name];
  const object = objects.find((each) => each.kind === kind && each.metadata.name === wanted);
  const text = (object?.['data'] ?? object?.['stringData'])?.['finrst.yml'] as string | undefined;
  if (name !== 'config' || text === undefined)
    throw new Error('the pod has no volume named config with finrst.yml in it');
  return text;
}

/** The image's variables, the kubelet's own, and those of the pod. */
function environmentOf(objects: readonly KubernetesObject[], container: Loose): Record<string, string> {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  if (!dockerfile.includes('ENV NODE_ENV=production')) throw new Error('the Dockerfile sets another environment now');
  const own = (container.env ?? []).map(({ name, value }: Loose) => [name, value] as const) as [string, string][];
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE_ENV: 'production',
    FINRST_REVISION: 'unknown',
    HOSTNAME: `${the('StatefulSet', objects).metadata.name}-0`,
    KUBERNETES_SERVICE_HOST: '192.0.2.1',
    KUBERNETES_SERVICE_PORT: '443',
    ...Object.fromEntries(own),
  };
}

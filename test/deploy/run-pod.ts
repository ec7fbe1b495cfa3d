import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entrypointOfDockerfile } from './built-image.ts';
import { type MountedFiles, mountFiles } from './mounted-files.ts';
import { type PodNetwork, createPodNetwork } from './pod-network.ts';
import { type KubernetesObject, type Loose, ROOT, the } from './rendered-chart.ts';
import { type RunningContainer, runContainer } from './run-container.ts';
import { writeRuntimeRoot } from './stand-in-bases.ts';

/** What running a pod takes of the machine. */
export const POD_NEEDS = ['root', 'ldd', 'ip', 'unshare', 'nsenter', 'setpriv', 'chroot'] as const;

export type RunningPod = {
  readonly container: RunningContainer;
  readonly network: PodNetwork;
  /** The volume with finrst.yml. */
  readonly config: MountedFiles;
  /** What the kubelet asks: GET on the probe's port, path and scheme. Its status. */
  probe(kind: 'livenessProbe' | 'readinessProbe'): Promise<number>;
  /** GET on the pod's address at a named port. */
  get(port: string, path: string): Promise<Response>;
  /** SIGTERM, the grace period, then SIGKILL; the exit code. */
  stop(): Promise<number>;
  remove(): Promise<void>;
};

/**
 * Runs the only pod of a rendered chart as a kubelet would: its image's entry point with its exact arguments, environment,
 * user, mounts and read-only root, in its own network. `rewrite` changes the configuration on its way into the volume:
 * a test's peers have ports that no chart could know. The image is this tree, compiled, on a base made of this machine's Node.
 */
export async function runPod(
  objects: readonly KubernetesObject[],
  rewrite: (text: string, network: PodNetwork) => string,
): Promise<RunningPod> {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-pod-'));
  const network = createPodNetwork();
  const spec: Loose = the('StatefulSet', objects)['spec'].template.spec;
  const container: Loose = spec.containers[0];
  const remove = (): void => {
    network.remove();
    rmSync(folder, { recursive: true });
  };
  try {
    const root = join(folder, 'root');
    writeImage(root);
    const volumes = layOutVolumes({ objects, folder, rewrite: (text) => rewrite(text, network) });
    const mounts = (container.volumeMounts as Loose[]).map(({ name, mountPath }) => ({
      from: volumes.get(name)?.folder ?? '',
      to: mountPath as string,
    }));
    for (const { to } of mounts) mkdirSync(join(root, to), { recursive: true });
    mounts.push({ from: join(ROOT, 'node_modules'), to: '/app/node_modules' });
    const running = runContainer({
      root,
      argv: [...entrypointOfDockerfile(), ...(container.args as string[])],
      env: environmentOf(objects, container),
      uid: spec.securityContext.runAsUser,
      gid: spec.securityContext.runAsGroup,
      mounts,
      network: network.name,
    });
    const config = volumes.get('config');
    if (config === undefined) throw new Error('the pod has no volume named config');
    const get = async (port: string, path: string, scheme = 'http'): Promise<Response> => {
      const number = container.ports.find(({ name }: Loose) => name === port).containerPort;
      return fetch(`${scheme}://${network.podIp}:${number}${path}`);
    };
    return {
      container: running,
      network,
      config,
      get,
      async probe(kind) {
        const { port, path, scheme } = container[kind].httpGet;
        return (await get(port, path, scheme.toLowerCase())).status;
      },
      async stop() {
        running.signal('SIGTERM');
        const patience = setTimeout(() => running.signal('SIGKILL'), spec.terminationGracePeriodSeconds * 1000);
        const code = await running.exited;
        clearTimeout(patience);
        return code;
      },
      async remove() {
        await running.kill();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function writeImage(root: string): void {
  mkdirSync(root);
  writeRuntimeRoot(root);
  for (const folder of ['app/node_modules', 'proc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'app/package.json'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.json'), '--outDir', join(root, 'app/dist')]);
}

type Layout = {
  readonly objects: readonly KubernetesObject[];
  readonly folder: string;
  readonly rewrite: (text: string) => string;
};

function layOutVolumes({ objects, folder, rewrite }: Layout): ReadonlyMap<string, MountedFiles> {
  const { volumes } = the('StatefulSet', objects)['spec'].template.spec;
  return new Map(
    (volumes as Loose[]).map(({ name, configMap, secret }) => {
      const [kind, wanted] = configMap === undefined ? ['Secret', secret.secretName] : ['ConfigMap', configMap.name];
      const object = objects.find((each) => each.kind === kind && each.metadata.name === wanted);
      const data = (object?.['data'] ?? object?.['stringData'] ?? {}) as Record<string, string>;
      const files = Object.entries(data).map(([key, text]) => [key, key === 'finrst.yml' ? rewrite(text) : text]);
      return [
        name as string,
        mountFiles(join(folder, `volume-${name}`), Object.fromEntries(files) as Record<string, string>),
      ];
    }),
  );
}

/** The image's variables, the kubelet's own, and those of the pod. */
function environmentOf(objects: readonly KubernetesObject[], container: Loose): Record<string, string> {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  if (!dockerfile.includes('ENV NODE_ENV=production')) throw new Error('the Dockerfile sets another environment now');
  const own = Object.fromEntries((container.env ?? []).map(({ name, value }: Loose) => [name, value])) as Record<
    string,
    string
  >;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE_ENV: 'production',
    FINRST_REVISION: 'unknown',
    HOSTNAME: `${the('StatefulSet', objects).metadata.name}-0`,
    KUBERNETES_SERVICE_HOST: '192.0.2.1',
    KUBERNETES_SERVICE_PORT: '443',
    ...own,
  };
}

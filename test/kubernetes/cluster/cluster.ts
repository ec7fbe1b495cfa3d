import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helm, kubectl } from '../../deploy/kubernetes-tools.ts';
import { NODE } from './addresses.ts';
import { asAdmin, killApiServer, startApiServer, startControlPlane } from './control-plane.ts';
import { finrstImage } from './finrst-image.ts';
import { podImages } from './images.ts';
import { writeKeys } from './keys.ts';
import { type Machine, type OwnedMachine, openMachine, runInside } from './machine.ts';
import { startNode } from './node.ts';
import { buildClusterPrograms } from './programs.ts';
import { waitUntil } from './wait-until.ts';

/** The administrator's way into a running cluster. */
export type Cluster = {
  readonly machine: Machine;
  kubectl(...args: readonly string[]): Promise<string>;
  helm(...args: readonly string[]): Promise<string>;
  /** kubectl with what it reads. */
  kubectlReading(input: string, ...args: readonly string[]): Promise<string>;
  /** Kills the API server, does something meanwhile, and starts it again. */
  restartApiServer(meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Creates or changes the objects of a text in YAML or JSON. */
  apply(objects: string): Promise<void>;
};

/** Builds what is not in the cache and starts a cluster of one node; resolves once pods run and names resolve. */
export async function startCluster(report: (step: string) => void): Promise<OwnedMachine> {
  const programs = await buildClusterPrograms();
  report('programs');
  const images = [...podImages(programs), await finrstImage()];
  report('images');
  const machine = await openMachine(programs.pod);
  try {
    writeKeys(machine.folder);
    await startControlPlane(machine, programs, kubectl());
    report('control plane');
    await startNode(machine, programs, images);
    const cluster = clusterOn(machine);
    await waitUntil('the node', () => cluster.kubectl('wait', '--for=condition=Ready', `node/${NODE}`, '--timeout=5s'));
    report('node');
    await cluster.apply(readFileSync(join(import.meta.dirname, 'dns.yaml'), 'utf8'));
    await cluster.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=240s');
    report('DNS');
  } catch (error) {
    await machine.close();
    throw error;
  }
  return machine;
}

/** The cluster that runs on a machine, from any process. */
export function clusterOn(machine: Machine): Cluster {
  const { folder } = machine;
  const run = (input: string, ...args: readonly string[]): Promise<string> =>
    runInside(machine, [kubectl(), ...asAdmin(folder), ...args], input);
  return {
    machine,
    kubectl: (...args) => run('', ...args),
    kubectlReading: run,
    helm: (...args) => runInside(machine, [helm('helm-4'), ...asAdmin(folder), ...args]),
    restartApiServer: async (meanwhile) => {
      await killApiServer(machine);
      await meanwhile?.();
      await startApiServer(machine, await buildClusterPrograms(), kubectl());
    },
    apply: async (objects) => void (await run(objects, 'apply', '-f', '-')),
  };
}

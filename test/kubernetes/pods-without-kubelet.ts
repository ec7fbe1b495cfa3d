import type { Cluster } from './cluster/cluster.ts';
import { fetchInside } from './cluster/fetch-inside.ts';
import { runInside, startInside } from './cluster/machine.ts';
import { buildClusterPrograms } from './cluster/programs.ts';

/** So many pods that differ from others by this number: in name, address and port. */
export type Generation = { readonly number: number; readonly pods: number };

/**
 * Pods of a node that no kubelet serves: the API server, the controllers and Finrst see no difference, and hundreds cost
 * nothing. Their addresses belong to the cluster's machine, where one process of the suite's peer serves each generation.
 */
export class PodsWithoutKubelet {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly node: string;

  constructor(cluster: Cluster, namespace: string, node: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.node = node;
  }

  /** Makes the node and a Service of its pods. */
  async create(): Promise<void> {
    await runInside(this.#cluster.machine, ['ip', 'route', 'replace', 'local', '10.200.0.0/16', 'dev', 'lo']);
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: this.node }, spec: { unschedulable: true } };
    await this.#cluster.apply(JSON.stringify(node));
    const spec = { selector: { node: this.node }, ports: [{ name: 'peer', port: 7000, targetPort: 'peer' }] };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: this.node }, spec };
    await this.#inNamespace('apply', '-f', '-', JSON.stringify(service));
  }

  /** The peers that Finrst makes of a generation, sorted. */
  peersOf(generation: Generation): readonly string[] {
    return podsOf(generation)
      .map(({ address }) => `${address}:${portOf(generation)}`)
      .toSorted();
  }

  /** Starts the process of a generation, then its pods, which are ready at once. */
  async start(generation: Generation): Promise<void> {
    const { pod } = await buildClusterPrograms();
    const peer = [`-port=${portOf(generation)}`, `-commands=${commandsOf(generation)}`];
    startInside(this.#cluster.machine, `peers-${generation.number}`, [pod, 'peer', ...peer]);
    const pods = podsOf(generation).map(({ name, address }) => this.#pod(name, address, generation));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods });
    await this.#inNamespace('create', '-f', '-', list);
    // A status that is sent with a new pod is thrown away.
    await this.#inNamespace('replace', '--subresource=status', '-f', '-', list);
  }

  /** Asks for the end of its pods. They stay and are terminating, as no kubelet ends them. */
  async askToEnd(generation: Generation): Promise<void> {
    await this.#delete(generation, 30);
  }

  /** The process of the generation resets all its connections and exits. */
  async reset(generation: Generation): Promise<void> {
    // It exits before it answers.
    await fetchInside(this.#cluster.machine, `http://127.0.0.1:${commandsOf(generation)}/exit`).catch(() => undefined);
  }

  /** Takes its pods away, as a kubelet does behind the end of their processes. */
  async remove(generation: Generation): Promise<void> {
    await this.#delete(generation, 0);
  }

  /** In one request: kubectl by itself sends one for each pod. */
  async #delete({ number }: Generation, graceSeconds: number): Promise<void> {
    const pods = `/api/v1/namespaces/${this.#namespace}/pods?labelSelector=generation%3D${number}`;
    await this.#cluster.kubectl('delete', '--raw', `${pods}&gracePeriodSeconds=${graceSeconds}`);
  }

  #pod(name: string, address: string, generation: Generation): object {
    const ports = [{ name: 'peer', containerPort: portOf(generation) }];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { node: this.node, generation: String(generation.number) } },
      spec: { nodeName: this.node, containers: [{ name: 'peer', image: 'none', ports }] },
      status: {
        phase: 'Running',
        podIP: address,
        podIPs: [{ ip: address }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    };
  }

  /** kubectl with arguments and, last, what it reads. */
  #inNamespace(...args: readonly string[]): Promise<string> {
    return this.#cluster.kubectlReading(args.at(-1) ?? '', `--namespace=${this.#namespace}`, ...args.slice(0, -1));
  }
}

function portOf({ number }: Generation): number {
  return 7100 + number;
}

function commandsOf({ number }: Generation): number {
  return 8100 + number;
}

function podsOf({ number, pods }: Generation): readonly { readonly name: string; readonly address: string }[] {
  return Array.from({ length: pods }, (_, index) => ({
    name: `pod-${number}-${index}`,
    address: `10.200.${number}.${index + 1}`,
  }));
}

/** The peers of the tests, as objects of Kubernetes: one Deployment and Service for each way of ending. */

type KubernetesObject = { readonly apiVersion: string; readonly kind: string; readonly [field: string]: unknown };

/** What the suite's peer does at SIGTERM, and the name of its Deployment and Service. */
export const PEERS_BY_END = ['exit', 'fin', 'reset', 'ignore'] as const;

const IMAGE = { imagePullPolicy: 'Never' };
const PORTS = [{ name: 'peer', port: 7000 }];

/** All of them, as JSON that `kubectl apply` takes. */
export function peerObjects(namespace: string): string {
  const items = [
    ...PEERS_BY_END.flatMap((end) => [deploymentOf(end, end), serviceOf(end)]),
    deploymentOf('scaled', 'exit'),
    serviceOf('scaled'),
    deploymentOf('headless', 'exit', 3),
    headlessServiceOf('headless'),
    deploymentOf('cut-off', 'exit'),
    headlessServiceOf('cut-off'),
    // Not of a Deployment, which would replace a pod that loses its label.
    barePod('taken-out'),
    serviceOf('taken-out'),
    // Nothing has its label.
    serviceOf('nobody'),
    ...redis(),
  ];
  return listIn(namespace, items);
}

/** Deployments of so many pods, which end by RST and by FIN, and a StatefulSet of one, each with its Service. */
export function discoveredObjects(namespace: string, pods: number): string {
  const deployments = [deploymentOf('resetting', 'reset', pods), deploymentOf('closing', 'fin', pods)];
  const services = ['resetting', 'closing', 'kept'].map(serviceOf);
  return listIn(namespace, [...deployments, statefulSetOf('kept'), ...services]);
}

/** A Deployment of so many pods that reset their connections at SIGTERM, and another of one, each with its Service. */
export function replacedAndLasting(namespace: string, pods: number): string {
  const deployments = [deploymentOf('replaced', 'reset', pods), deploymentOf('lasting', 'reset')];
  return listIn(namespace, [...deployments, serviceOf('replaced'), serviceOf('lasting')]);
}

/** Two pods that stay ended once their process exits, behind a headless Service. */
export function podsInDns(namespace: string): string {
  const pods = ['in-dns-0', 'in-dns-1'].map((name) => barePod(name, { label: 'in-dns', restartPolicy: 'Never' }));
  return listIn(namespace, [...pods, headlessServiceOf('in-dns')]);
}

/** A peer behind a Service, and programs with a connection to it: one closes what the peer has closed, one never does. */
export function observedObjects(namespace: string): string {
  const to = `-to=orders.${namespace}:7000`;
  const clients = [clientOf('tidy', [to]), clientOf('leaky', [to, '-leak'])];
  return listIn(namespace, [deploymentOf('orders', 'fin'), serviceOf('orders'), ...clients]);
}

function clientOf(name: string, args: readonly string[]): KubernetesObject {
  const containers = [{ name: 'client', image: 'localhost/client:1', ...IMAGE, args }];
  const template = { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers } };
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

function listIn(namespace: string, items: readonly KubernetesObject[]): string {
  const placed = items.map((item) => ({ ...item, metadata: { ...(item['metadata'] as object), namespace } }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: placed });
}

function statefulSetOf(name: string): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: podSpec('exit') };
  const spec = { serviceName: name, replicas: 1, selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name }, spec };
}

function deploymentOf(name: string, onTerm: string, replicas = 1): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: podSpec(onTerm) };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

function barePod(name: string, { label = name, restartPolicy = 'Always' } = {}): KubernetesObject {
  const spec = { ...podSpec('exit'), restartPolicy };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: label } }, spec };
}

function podSpec(onTerm: string): object {
  const container = { name: 'peer', image: 'localhost/peer:1', ...IMAGE, args: [`-on-term=${onTerm}`] };
  const readinessProbe = { tcpSocket: { port: 7000 }, periodSeconds: 1 };
  // One of them ignores SIGTERM and is killed at the end of this.
  return { terminationGracePeriodSeconds: 5, containers: [{ ...container, readinessProbe }] };
}

function serviceOf(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports: PORTS } };
}

function headlessServiceOf(name: string): KubernetesObject {
  const spec = { clusterIP: 'None', selector: { app: name }, ports: PORTS };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function redis(): readonly KubernetesObject[] {
  const labels = { app: 'redis' };
  const readinessProbe = { tcpSocket: { port: 6379 }, periodSeconds: 1 };
  const container = { name: 'redis', image: 'localhost/redis:1', ...IMAGE, readinessProbe };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } };
  const spec = { serviceName: 'redis', replicas: 1, selector: { matchLabels: labels }, template };
  const headless = { clusterIP: 'None', selector: labels, ports: [{ name: 'redis', port: 6379 }] };
  return [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'redis' }, spec },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'redis' }, spec: headless },
  ];
}

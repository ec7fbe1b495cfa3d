import { join } from 'node:path';
import { NODE_IP, SERVICE_NETWORK } from './addresses.ts';
import { type Machine, killInside, lastLinesOf, runInside, startInside } from './machine.ts';
import type { ClusterPrograms } from './programs.ts';
import { waitUntil } from './wait-until.ts';

/** Starts etcd, the API server, the controllers and the scheduler, and waits until the API serves. */
export async function startControlPlane(machine: Machine, programs: ClusterPrograms, kubectl: string): Promise<void> {
  const { folder } = machine;
  // Nothing needs to survive a crash of the test machine.
  const etcd = { 'data-dir': join(folder, 'etcd'), 'unsafe-no-fsync': 'true', 'log-level': 'warn' };
  const addresses = {
    'listen-client-urls': 'http://127.0.0.1:2379',
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'listen-peer-urls': 'http://127.0.0.1:2380',
  };
  startInside(machine, 'etcd', [programs.etcd, ...flagsOf({ ...etcd, ...addresses })]);
  await startApiServer(machine, programs, kubectl);
  const key = join(folder, 'keys/service-accounts.key');
  const controllers = {
    kubeconfig: join(folder, 'kube-controller-manager.conf'),
    'leader-elect': 'false',
    'service-account-private-key-file': key,
    'root-ca-file': join(folder, 'keys/ca.crt'),
    'use-service-account-credentials': 'true',
  };
  startInside(machine, 'controllers', [programs['kube-controller-manager'], ...flagsOf(controllers)]);
  const scheduler = { kubeconfig: join(folder, 'kube-scheduler.conf'), 'leader-elect': 'false' };
  startInside(machine, 'scheduler', [programs['kube-scheduler'], ...flagsOf(scheduler)]);
}

/** Starts the API server alone, as after its end, and waits until it serves. */
export async function startApiServer(machine: Machine, programs: ClusterPrograms, kubectl: string): Promise<void> {
  const key = (name: string): string => join(machine.folder, 'keys', name);
  const flags = {
    'etcd-servers': 'http://127.0.0.1:2379',
    'service-cluster-ip-range': SERVICE_NETWORK,
    'advertise-address': NODE_IP,
    'secure-port': '6443',
    'tls-cert-file': key('apiserver.crt'),
    'tls-private-key-file': key('apiserver.key'),
    'client-ca-file': key('ca.crt'),
    'service-account-key-file': key('service-accounts.key'),
    'service-account-signing-key-file': key('service-accounts.key'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'kubelet-client-certificate': key('apiserver-kubelet.crt'),
    'kubelet-client-key': key('apiserver-kubelet.key'),
    'kubelet-certificate-authority': key('ca.crt'),
    'kubelet-preferred-address-types': 'InternalIP',
  };
  startInside(machine, 'apiserver', [programs['kube-apiserver'], ...flagsOf(flags)]);
  const ready = [kubectl, ...asAdmin(machine.folder), 'get', '--raw', '/readyz'];
  try {
    await waitUntil('the API server', () => runInside(machine, ready));
  } catch (error) {
    throw new Error(`the API server does not serve:\n${lastLinesOf(machine, 'apiserver')}`, { cause: error });
  }
}

/** Ends the API server without a word, as a crash does. Resolves once its port is free for the next one. */
export function killApiServer(machine: Machine): Promise<void> {
  return killInside(machine, 'apiserver');
}

/** What makes kubectl and Helm the cluster's administrator. */
export function asAdmin(folder: string): readonly string[] {
  return [`--kubeconfig=${join(folder, 'admin.conf')}`];
}

function flagsOf(flags: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

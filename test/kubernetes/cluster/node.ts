import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DNS_SERVICE, NODE, NODE_IP, POD_NETWORK } from './addresses.ts';
import { type OwnedMachine, runInside, startInside } from './machine.ts';
import type { ClusterPrograms } from './programs.ts';
import { waitUntil } from './wait-until.ts';

/** Starts containerd with these images, then the kubelet and kube-proxy. The node becomes ready a little later. */
export async function startNode(
  machine: OwnedMachine,
  programs: ClusterPrograms,
  images: readonly string[],
): Promise<void> {
  const { folder } = machine;
  writeNetwork(folder);
  writeFileSync(join(folder, 'containerd.toml'), containerdSettings(folder));
  startInside(machine, 'containerd', ['containerd', '--config', join(folder, 'containerd.toml')]);
  await waitUntil('containerd', () => runInside(machine, ['ctr', 'version']));
  for (const image of images) await runInside(machine, ['ctr', '--namespace', 'k8s.io', 'images', 'import', image]);
  write(folder, 'kubelet.yaml', kubeletSettings(machine));
  const kubelet = [
    `--config=${join(folder, 'kubelet.yaml')}`,
    `--kubeconfig=${join(folder, 'kubelet.conf')}`,
    `--root-dir=${join(folder, 'kubelet')}`,
    `--hostname-override=${NODE}`,
    `--node-ip=${NODE_IP}`,
  ];
  startInside(machine, 'kubelet', [programs.kubelet, ...kubelet]);
  write(folder, 'kube-proxy.yaml', proxySettings(folder));
  startInside(machine, 'kube-proxy', [programs['kube-proxy'], `--config=${join(folder, 'kube-proxy.yaml')}`]);
}

/** ptp routes every packet, also between pods of one node, as networks of many nodes do. */
function writeNetwork(folder: string): void {
  mkdirSync(join(folder, 'network'));
  const addresses = {
    type: 'host-local',
    dataDir: join(folder, 'pod-addresses'),
    ranges: [[{ subnet: POD_NETWORK }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const plugins = [{ type: 'ptp', ipMasq: false, ipam: addresses }];
  write(folder, 'network/10-pods.conflist', { cniVersion: '0.4.0', name: 'pods', plugins });
}

/** `restrict_oom_score_adj`: root of some sandboxes may not lower that score, and no container would start. */
function containerdSettings(folder: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[${cri}]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${folder}/network"
`;
}

function kubeletSettings({ folder, cgroup }: OwnedMachine): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: join(folder, 'keys/ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(folder, 'keys/kubelet-server.crt'),
    tlsPrivateKeyFile: join(folder, 'keys/kubelet-server.key'),
    clusterDomain: 'cluster.local',
    clusterDNS: [DNS_SERVICE],
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    podLogsDir: '/var/log/pods',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // Seen with 60 s, the default: a changed ConfigMap takes more than a minute to reach the pod.
    syncFrequency: '10s',
    // No image can be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
}

function proxySettings(folder: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: join(folder, 'kube-proxy.conf') },
    clusterCIDR: POD_NETWORK,
    hostnameOverride: NODE,
    // The limit is the whole machine's.
    conntrack: { maxPerCore: 0 },
  };
}

function write(folder: string, name: string, settings: object): void {
  writeFileSync(join(folder, name), JSON.stringify(settings));
}

import { existsSync } from 'node:fs';
import { HELM_NEEDS, type Lack, lackOf } from '../../deploy/lack-of.ts';

const PROGRAMS = ['go', 'containerd', 'runc', 'ctr', 'buildah', 'nft', 'conntrack', 'ip', 'openssl', 'redis-server'];
const TOOLS = ['unshare', 'nsenter', 'setpriv', 'pgrep', 'ldd', 'find', 'mount'];

/** What the machine lacks for a cluster of its own. */
export function lackOfCluster(): Lack {
  const lack = lackOf([...HELM_NEEDS, 'root', ...PROGRAMS, ...TOOLS]);
  if (lack.note !== '') return lack;
  const isV1 = existsSync('/sys/fs/cgroup/memory/cgroup.procs');
  const canConnectPods = existsSync('/usr/lib/cni/ptp');
  if (isV1 && canConnectPods) return lack;
  const missing = isV1 ? 'containernetworking-plugins' : 'cgroups of version 1';
  return { skip: process.env['CI'] !== 'true', note: ` (needs ${missing})` };
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_SERVICE, NODE, NODE_IP } from './addresses.ts';

const ELLIPTIC = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
const API_NAMES = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map((end) => `DNS:kubernetes${end}`);

/** Makes the keys and certificates of the cluster in `FOLDER/keys` and a kubeconfig for each client in `FOLDER`. */
export function writeKeys(folder: string): void {
  const keys = join(folder, 'keys');
  mkdirSync(keys);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: keys, stdio: 'pipe' });
  openssl(...ELLIPTIC, '-out', 'ca.key');
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-days', '7', '-subj', '/CN=finrst-test', '-out', 'ca.crt');
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'service-accounts.key');
  const sign = (name: string, subject: string, extension: string): void => {
    writeFileSync(join(keys, `${name}.ext`), `${extension}\n`);
    openssl(...ELLIPTIC, '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '7'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  };
  const apiAddresses = [NODE_IP, '127.0.0.1', API_SERVICE].map((address) => `IP:${address}`);
  sign('apiserver', '/CN=kube-apiserver', `subjectAltName=${[...apiAddresses, ...API_NAMES].join(',')}`);
  sign('kubelet-server', `/O=system:nodes/CN=system:node:${NODE}`, `subjectAltName=IP:${NODE_IP},DNS:${NODE}`);
  const clients = {
    admin: '/O=system:masters/CN=admin',
    'apiserver-kubelet': '/O=system:masters/CN=kube-apiserver-kubelet-client',
    kubelet: `/O=system:nodes/CN=system:node:${NODE}`,
    'kube-controller-manager': '/CN=system:kube-controller-manager',
    'kube-scheduler': '/CN=system:kube-scheduler',
    'kube-proxy': '/CN=system:kube-proxy',
  };
  for (const [name, subject] of Object.entries(clients)) {
    sign(name, subject, 'extendedKeyUsage=clientAuth');
    writeFileSync(join(folder, `${name}.conf`), JSON.stringify(kubeconfigOf(keys, name)));
  }
}

function kubeconfigOf(keys: string, name: string): object {
  const cluster = { server: `https://${NODE_IP}:6443`, 'certificate-authority': join(keys, 'ca.crt') };
  const user = { 'client-certificate': join(keys, `${name}.crt`), 'client-key': join(keys, `${name}.key`) };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name, user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  };
}

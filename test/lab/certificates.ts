import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes `ca.pem`, `server.pem/.key` for lab.test, and `stranger.pem/.key` of an authority nobody trusts, into the folder. */
export function makeCertificates(folder: string): void {
  authority(folder, 'ca');
  authority(folder, 'stranger-ca');
  leaf(folder, 'server', 'ca');
  leaf(folder, 'stranger', 'stranger-ca');
}

const DAYS = '2';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

function authority(folder: string, name: string): void {
  openssl(folder, [
    'req',
    '-x509',
    ...KEY,
    '-days',
    DAYS,
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  ]);
}

function leaf(folder: string, name: string, issuer: string): void {
  openssl(folder, ['req', ...KEY, '-subj', '/CN=lab.test', '-keyout', `${name}.key`, '-out', `${name}.csr`]);
  writeFileSync(path.join(folder, 'leaf.ext'), 'subjectAltName=DNS:lab.test\n');
  const signed = [
    '-CA',
    `${issuer}.pem`,
    '-CAkey',
    `${issuer}.key`,
    '-CAcreateserial',
    '-days',
    DAYS,
    '-extfile',
    'leaf.ext',
  ];
  openssl(folder, ['x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`]);
}

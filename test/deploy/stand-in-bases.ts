import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CERTIFICATES, npmSettings } from '../support/npm-settings.ts';

/** Writes the root of an image to build in, as node:24-slim is: Node at /usr/local/bin, npm, a shell, find. */
export function writeBuildRoot(root: string): void {
  copyWithLibraries(process.execPath, root, '/usr/local/bin/node');
  for (const program of ['/bin/sh', '/usr/bin/find', '/usr/bin/env']) copyWithLibraries(program, root, program);
  const npm = dirname(dirname(realpathSync(programOnPath('npm'))));
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  writeEtc(root, 'root:x:0:0:root:/root:/bin/sh\n');
  mkdirSync(join(root, 'root'));
  writeFileSync(join(root, 'root/.npmrc'), npmSettings());
}

/** Writes the root of an image to run in, as distroless is: Node at /nodejs/bin with its libraries, no shell, a user 65532. */
export function writeRuntimeRoot(root: string): void {
  copyWithLibraries(process.execPath, root, '/nodejs/bin/node');
  writeEtc(root, 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n');
}

function writeEtc(root: string, passwd: string): void {
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'tmp'), { mode: 0o1777 });
  writeFileSync(join(root, 'etc/passwd'), passwd);
  if (existsSync(CERTIFICATES)) copyTo(CERTIFICATES, join(root, CERTIFICATES));
}

function copyWithLibraries(program: string, root: string, to: string): void {
  const needed = execFileSync('ldd', [program], { encoding: 'utf8' });
  for (const [library] of needed.matchAll(/\/\S+(?= \()/g)) copyTo(library, join(root, library));
  copyTo(program, join(root, to));
}

function copyTo(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function programOnPath(name: string): string {
  return execFileSync('which', [name], { encoding: 'utf8' }).trim();
}

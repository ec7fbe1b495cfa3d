import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine that a tarball is made for, as Node.js names it. */
export type Architecture = 'x64' | 'arm64';
/** What to make: one tarball for each architecture, in this folder, which is there. */
export type Order = { readonly architectures: readonly Architecture[]; readonly folder: string };

const ROOT = join(import.meta.dirname, '..');
/** What the tarball holds of the sources, and where. dist, node_modules and node come on top. */
const FILES: Readonly<Record<string, string>> = {
  'deploy/tarball/finrst': 'bin/finrst',
  'deploy/systemd': 'systemd',
  'deploy/rules/finrst.rules.yaml': 'prometheus/finrst.rules.yaml',
  'grafana/dashboards': 'grafana',
  // `finrst explain` prints one of its pages.
  docs: 'docs',
  LICENSE: 'LICENSE',
  'README.md': 'README.md',
  'CHANGELOG.md': 'CHANGELOG.md',
  'finrst.schema.json': 'finrst.schema.json',
};
/** What only compilers and readers need, as in the Dockerfile; some packages have their licence in such a file. */
const NEEDLESS = /\.(?:map|md|tsbuildinfo|d\.[cm]?ts)$/;
const LICENCE = /^licen[cs]e/i;
/** Of every file: npm's own date, so that the same sources give the same bytes. SOURCE_DATE_EPOCH replaces it. */
const MTIME = process.env['SOURCE_DATE_EPOCH'] ?? '499162500';

type LockedPackage = {
  readonly version: string;
  readonly integrity: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
};

/**
 * Makes `finrst-VERSION-linux-ARCH.tar.gz` for each architecture and returns their paths in that order: compiled sources,
 * production packages by the lockfile, and the Node.js of `.node-version`, for Linux with glibc. The same sources give the
 * same bytes. Needs npm, GNU tar and gzip; throws with their words when one fails, or when a package is not the locked one.
 */
export function makeTarballs({ architectures, folder }: Order): readonly string[] {
  const work = mkdtempSync(join(tmpdir(), 'finrst-tarball-'));
  try {
    const common = join(work, 'common');
    mkdirSync(common);
    writeCommon(common);
    return architectures.map((architecture) => {
      const name = `finrst-${manifest().version}-linux-${architecture}`;
      cpSync(common, join(work, name), { recursive: true });
      addNative(join(work, name), architecture);
      return pack({ work, name, folder });
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** All that is the same on every machine. */
function writeCommon(folder: string): void {
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT, '--outDir', join(folder, 'dist')]);
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, name), join(folder, name));
  // Native parts are optional packages; each tarball gets its own below.
  run('npm', ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  for (const name of ['package-lock.json', '.npmrc', 'node_modules/.package-lock.json', 'node_modules/.bin'])
    rmSync(join(folder, name), { recursive: true, force: true });
  for (const [from, to] of Object.entries(FILES)) cpSync(join(ROOT, from), join(folder, to), { recursive: true });
  chmodSync(join(folder, 'bin/finrst'), 0o755);
  const { name, version, description, license, type, engines } = manifest();
  const own = { name, version, description, license, type, engines, gitHead: revision() };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
}

/** Node.js, and the packages that are there for one machine only. */
function addNative(folder: string, architecture: Architecture): void {
  const version = readFileSync(join(ROOT, '.node-version'), 'utf8').trim();
  unpack({ spec: `node-linux-${architecture}@${version}`, to: join(folder, 'node'), only: ['bin/node', 'LICENSE'] });
  chmodSync(join(folder, 'node/bin/node'), 0o755);
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  for (const [path, { os, cpu, dev, version: locked, integrity }] of Object.entries(packages)) {
    if (dev === true || os?.includes('linux') !== true || cpu?.includes(architecture) !== true) continue;
    unpack({ spec: `${path.replace(/^.*node_modules\//, '')}@${locked}`, integrity, to: join(folder, path) });
  }
}

type Unpack = {
  readonly spec: string;
  readonly to: string;
  /** What package-lock.json says of it. Where it is not given, npm's own check is the only one. */
  readonly integrity?: string;
  /** Files to take; all of them where it is not given. */
  readonly only?: readonly string[];
};

/** Brings one package, whatever machine it is for; `npm install` would refuse another machine's. */
function unpack({ spec, to, integrity, only = [] }: Unpack): void {
  mkdirSync(to, { recursive: true });
  const packed = run('npm', ['pack', '--silent', '--pack-destination', to, spec]).trim();
  const archive = join(to, packed);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (integrity !== undefined && found !== integrity) throw new Error(`${spec} is ${found}, expected ${integrity}`);
  run('tar', ['-xzf', archive, '-C', to, '--strip-components=1', ...only.map((file) => `package/${file}`)]);
  rmSync(archive);
}

/** Sorted, with one date, one owner and one set of rights, whatever the maker's umask was. */
function pack({ work, name, folder }: { readonly work: string; readonly name: string; readonly folder: string }) {
  const path = join(folder, `${name}.tar.gz`);
  const same = ['--sort=name', `--mtime=@${MTIME}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  removeNeedless(join(work, name, 'node_modules'));
  run('tar', [...same, '--mode=u=rwX,go=rX', '--use-compress-program=gzip -n', '-cf', path, '-C', work, name]);
  return path;
}

function removeNeedless(folder: string): void {
  const listed = run('find', [folder, '-type', 'f']).split('\n');
  for (const file of listed) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    if (NEEDLESS.test(name) && !LICENCE.test(name)) rmSync(file);
  }
}

function manifest() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>> & {
    readonly version: string;
  };
}

/** The commit that the tarball is made from; sources without git have none. */
function revision(): string {
  return existsSync(join(ROOT, '.git')) ? run('git', ['-C', ROOT, 'rev-parse', 'HEAD']).trim() : 'unknown';
}

function run(program: string, args: readonly string[], cwd = ROOT): string {
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
}

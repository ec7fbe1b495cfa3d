import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './rendered-chart.ts';
import { writeBuildRoot, writeRuntimeRoot } from './stand-in-bases.ts';

export type ImageConfig = {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly WorkingDir: string;
};

export type BuiltImage = {
  readonly config: ImageConfig;
  /** The image's files, mounted: may be written to, it is a container's own copy. */
  readonly root: string;
  /** Writes the image into a file that container engines load under this name. */
  save(file: string, name: string): Promise<void>;
  /** Removes image, containers and bases. */
  remove(): Promise<void>;
};

/**
 * Builds the Dockerfile for real with buildah: its own steps, in chroot isolation, on stand-in bases made of this
 * machine's Node, npm and libraries. The bases that the Dockerfile names are not pulled.
 */
export async function buildImage(args: Readonly<Record<string, string>>): Promise<BuiltImage> {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-image-'));
  const buildah = buildahIn(folder);
  try {
    await makeBase(buildah, folder, 'build', writeBuildRoot);
    await makeBase(buildah, folder, 'runtime', writeRuntimeRoot);
    const bases = { NODE_BUILD: 'localhost/build', NODE_RUNTIME: 'localhost/runtime' };
    const flags = Object.entries({ ...bases, ...args }).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    // The docker format keeps HEALTHCHECK; OCI has no place for it.
    await buildah(
      'build',
      '--isolation',
      'chroot',
      '--pull-never',
      '--format',
      'docker',
      ...flags,
      '--tag',
      'finrst',
      ROOT,
    );
    const inspected = JSON.parse(await buildah('inspect', '--type', 'image', 'finrst')) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    const container = await buildah('from', '--pull-never', 'finrst');
    const root = await buildah('mount', container);
    return {
      config: inspected.Docker.config,
      root,
      save: async (file, name) => void (await buildah('push', '--quiet', 'finrst', `docker-archive:${file}:${name}`)),
      remove: () => removeAll(buildah, folder),
    };
  } catch (error) {
    await removeAll(buildah, folder);
    throw error;
  }
}

/** Megabytes of a folder's files. */
export async function megabytesIn(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['--summarize', '--apparent-size', '--block-size=1', folder]);
  return Number.parseInt(stdout, 10) / 1e6;
}

/** The programs that the Dockerfile starts as, without building it. */
export function entrypointOfDockerfile(): readonly string[] {
  const line = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  return JSON.parse(line ?? '[]') as readonly string[];
}

type Buildah = (...args: readonly string[]) => Promise<string>;

/** A store of its own: nothing that this machine keeps is touched. */
function buildahIn(folder: string): Buildah {
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  return async (...args) => {
    try {
      const { stdout } = await promisify(execFile)('buildah', [...store, ...args], { maxBuffer: 64 * 1024 * 1024 });
      return stdout.trim();
    } catch (error) {
      // What a failed step printed is on stdout, which the error does not show.
      const { stdout = '' } = error as { readonly stdout?: string };
      throw new Error(`buildah ${args[0]} failed:\n${stdout.slice(-4000)}`, { cause: error });
    }
  };
}

async function makeBase(buildah: Buildah, folder: string, name: string, write: (root: string) => void): Promise<void> {
  const root = join(folder, name);
  mkdirSync(root);
  write(root);
  const container = await buildah('from', 'scratch');
  await buildah('copy', '--quiet', container, root, '/');
  await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
  await buildah('commit', '--quiet', '--rm', container, name);
  rmSync(root, { recursive: true });
}

async function removeAll(buildah: Buildah, folder: string): Promise<void> {
  try {
    await buildah('rm', '--all');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

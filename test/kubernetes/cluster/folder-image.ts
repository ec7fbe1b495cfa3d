import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type FolderImage = {
  readonly name: string;
  /** Where each program goes; the libraries that it is linked with go where they are here. */
  readonly programs: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
};

/** Writes an image of a few programs of this machine into `file`, in the format of `docker save`: one layer, user 65532. */
export function writeImage(file: string, { name, programs, entrypoint }: FolderImage): void {
  const work = mkdtempSync(join(tmpdir(), 'finrst-image-'));
  try {
    const root = join(work, 'root');
    mkdirSync(join(root, 'tmp'), { recursive: true });
    for (const [to, from] of Object.entries(programs)) {
      copyTo(realpathSync(from), join(root, to));
      for (const library of librariesOf(from)) copyTo(library, join(root, library));
    }
    execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '--mode=a+rX', '-cf', join(work, 'layer.tar'), '.']);
    const layer = createHash('sha256')
      .update(readFileSync(join(work, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: { User: '65532:65532', Entrypoint: entrypoint, Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    };
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    writeFileSync(join(work, 'config.json'), JSON.stringify(config));
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-C', work, '-cf', file, 'manifest.json', 'config.json', 'layer.tar']);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** None of a static program, of which ldd says so by its exit code. */
function librariesOf(program: string): readonly string[] {
  try {
    const needed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' });
    return [...needed.matchAll(/\/\S+(?= \()/g)].map(([library]) => library);
  } catch {
    return [];
  }
}

function copyTo(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

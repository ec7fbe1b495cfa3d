import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type FolderImage, writeImage } from './folder-image.ts';
import { cacheFolder } from './cache-folder.ts';
import type { ClusterPrograms } from './programs.ts';
import { programOf } from '../../support/find-program.ts';

/** Makes the images of the cluster's and the suite's own pods in the user's cache, each once for what it is made of; returns archives. */
export function podImages(programs: ClusterPrograms): readonly string[] {
  const pod = { '/usr/bin/pod': programs.pod };
  const images: readonly FolderImage[] = [
    { name: 'localhost/pause:1', programs: pod, entrypoint: ['/usr/bin/pod', 'pause'] },
    { name: 'localhost/peer:1', programs: pod, entrypoint: ['/usr/bin/pod', 'peer'] },
    { name: 'localhost/client:1', programs: pod, entrypoint: ['/usr/bin/pod', 'client'] },
    { name: 'localhost/coredns:1', programs: { '/coredns': programs.coredns }, entrypoint: ['/coredns'] },
    {
      name: 'localhost/redis:1',
      programs: { '/usr/bin/redis-server': programOf('redis-server') },
      entrypoint: ['/usr/bin/redis-server', '--save', '', '--protected-mode', 'no'],
    },
  ];
  return images.map((image) => {
    const file = join(cacheFolder('cluster-images'), `${image.name.replaceAll(/[/:]/g, '-')}-${stateOf(image)}.tar`);
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true });
      writeImage(`${file}.${process.pid}`, image);
      renameSync(`${file}.${process.pid}`, file);
    }
    return file;
  });
}

/** Differs when a program of the image was built or installed anew. */
function stateOf({ programs }: FolderImage): string {
  const hash = createHash('sha256');
  for (const program of Object.values(programs)) {
    const { size, mtimeMs } = statSync(program);
    hash.update(`${program} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildImage } from '../../deploy/built-image.ts';
import { ROOT } from '../../deploy/rendered-chart.ts';
import { cacheFolder } from './cache-folder.ts';

/** The name under which the chart's values of this suite ask for it. */
export const FINRST_IMAGE = 'localhost/finrst:tested';

/** What the Dockerfile copies. */
const SOURCES = [
  'Dockerfile',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts/launch.cjs',
  'docs/reasons.md',
  'deploy/image/**',
  'src/**',
];

/** The archive of Finrst's image, built from the Dockerfile once for each content of what it copies. */
export async function finrstImage(): Promise<string> {
  const archive = join(cacheFolder(`image-${contentOfSources()}`), 'finrst.tar');
  if (existsSync(archive)) return archive;
  const image = await buildImage({ REVISION: 'tested' });
  try {
    mkdirSync(dirname(archive), { recursive: true });
    await image.save(`${archive}.${process.pid}`, FINRST_IMAGE);
    renameSync(`${archive}.${process.pid}`, archive);
  } finally {
    await image.remove();
  }
  return archive;
}

function contentOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    if (statSync(join(ROOT, file)).isFile()) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

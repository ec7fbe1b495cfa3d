import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programOf } from '../support/find-program.ts';

/** What is fetched, with the version. */
export const KAFKA_POM = fileURLToPath(new URL('kafka-server/pom.xml', import.meta.url));
/** Of the names and the contents of all files that Maven fetches for it. */
const HASH = 'b2fcc48196c70d3426b441af409d799c309f9ac4de52e082b147f8c11b3baaaa';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';

/**
 * The folder with the jars of a broker of Kafka, from Maven Central: 43 MB, once, into the user's cache. Throws when what came
 * is not what this was written with.
 */
export async function fetchKafka(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst');
  const folder = join(cache, `kafka-${HASH.slice(0, 16)}`);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  await mkdir(cache, { recursive: true });
  const unfinished = `${folder}.${randomUUID()}`;
  const args = ['-q', '-B', '-f', KAFKA_POM, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
  await promisify(execFile)(programOf('mvn'), args, { maxBuffer: 1 << 26 });
  const hash = await hashOf(unfinished);
  if (hash !== HASH) throw new Error(`${unfinished} has the hash ${hash}, expected ${HASH}`);
  await rename(unfinished, folder);
  return folder;
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted()) {
    hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex');
}

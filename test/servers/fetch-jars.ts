import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programOf } from '../support/find-program.ts';

/** A server in Java: what is fetched for it, with the version. */
export type Jars = {
  readonly name: string;
  readonly pom: string;
  /** Of the names and the contents of all files that Maven fetches for it. */
  readonly hash: string;
};

/** Those that the suites start. */
export const JARS = {
  kafka: jars('kafka', 'b2fcc48196c70d3426b441af409d799c309f9ac4de52e082b147f8c11b3baaaa'),
  zookeeper: jars('zookeeper', '96885e88d45d674cb1eea9b599a1baf78a5515ec8e45a6f02406414e3e34fb2d'),
  cassandra: jars('cassandra', 'd4ebbd15e0ef219f10929fdf2018ec29b621049d315c3332064897a2ef4e3e59'),
} as const;

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';

/**
 * The folder with the jars of a server, from Maven Central, once, into the user's cache. Throws when what came is not what this
 * was written with.
 */
export async function fetchJars({ name, pom, hash }: Jars): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst');
  const folder = join(cache, `${name}-${hash.slice(0, 16)}`);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  await mkdir(cache, { recursive: true });
  const unfinished = `${folder}.${randomUUID()}`;
  const args = ['-q', '-B', '-f', pom, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
  await promisify(execFile)(programOf('mvn'), args, { maxBuffer: 1 << 26 });
  const came = await hashOf(unfinished);
  if (came !== hash) throw new Error(`${unfinished} has the hash ${came}, expected ${hash}`);
  await rename(unfinished, folder);
  return folder;
}

/** How a row's server is found, and its version told: Maven brings Java with it, and the pom has the version. */
export function javaProgram({ pom }: Jars) {
  return {
    program: 'mvn',
    debianPackage: 'maven',
    versionProgram: 'sed',
    versionArguments: ['-n', String.raw`s/.*<version>\(.*\..*\)<.*/\1/p`, pom],
  };
}

function jars(name: string, hash: string): Jars {
  return { name, pom: fileURLToPath(new URL(`${name}-server/pom.xml`, import.meta.url)), hash };
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted()) {
    hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex');
}

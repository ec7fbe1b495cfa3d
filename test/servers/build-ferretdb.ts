import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = 'v1.24.2';
export const FERRETDB_MODULE = `github.com/FerretDB/FerretDB@${VERSION}`;
/** Of the module, as go.sum files have it. */
const SUM = 'h1:trrUU0LbmusMbyubhPS1IELncvrIwKrsRT2LW1UUWCw=';
/** Only the backend that needs no other server. */
const TAGS = 'ferretdb_no_mysql,ferretdb_no_postgresql';

/**
 * Builds FerretDB from its Go module, once, and resolves with the program's path. Its sources ask for a file with the version,
 * which a module does not have, so they are built from a copy. A cold build takes a minute on two cores.
 */
export async function buildFerretdb(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst', `ferretdb-${VERSION}`);
  const program = join(folder, 'ferretdb');
  const isThere = await access(program).then(
    () => true,
    () => false,
  );
  if (isThere) return program;
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, randomUUID());
  const { stdout } = await run('go', ['mod', 'download', '-json', FERRETDB_MODULE]);
  const { Dir: module, Sum: sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
  if (sum !== SUM) throw new Error(`FerretDB ${VERSION} has the sum ${sum}, expected ${SUM}`);
  const sources = `${unfinished}.sources`;
  await cp(module, sources, { recursive: true });
  // Modules are kept without write bits.
  for (const path of ['', 'build', 'build/version']) await chmod(join(sources, path), 0o755);
  await writeFile(join(sources, 'build', 'version', 'version.txt'), `${VERSION}\n`);
  const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w', '-tags', TAGS, '-o', unfinished, './cmd/ferretdb'];
  await run('go', ['build', ...flags], { cwd: sources, maxBuffer: 1 << 26 });
  await run('chmod', ['-R', 'u+w', sources]);
  await rm(sources, { recursive: true });
  await rename(unfinished, program);
  return program;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A Go module and the hash of all its files, as go.sum writes it. */
export type GoModule = { readonly path: string; readonly version: string; readonly hash: string };

/** The folder of a module's source, downloaded where it is not there yet. Throws when its hash is another one. */
export async function goModuleFolder({ path, version, hash }: GoModule): Promise<string> {
  const args = ['mod', 'download', '-json', `${path}@${version}`];
  const { stdout } = await promisify(execFile)('go', args, { maxBuffer: 1 << 26 });
  const found = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
  if (found.Sum !== hash) throw new Error(`${path}@${version} has the hash ${found.Sum}, expected ${hash}`);
  return found.Dir;
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder of the user's cache, where the suites keep what takes long to build. It need not exist. */
export function cacheFolder(name: string): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst', name);
}

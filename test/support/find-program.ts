import { accessSync, constants, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/**
 * Debian keeps daemons in sbin, which is on root's path only, and PostgreSQL in a folder for each version; Go installs itself
 * beside the path.
 */
function folders(): readonly string[] {
  const onPath = (process.env['PATH'] ?? '').split(':');
  return [...onPath, '/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/go/bin', ...postgresqlFolders()];
}

function postgresqlFolders(): readonly string[] {
  const home = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(home).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(home, version, 'bin'));
  } catch {
    return []; // not installed: nowhere to look
  }
}

/** The absolute path of a program that can be run, null where there is none. A path stays as it is. */
export function findProgram(name: string): string | null {
  const paths = isAbsolute(name) ? [name] : folders().map((folder) => join(folder, name));
  for (const path of paths) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // not in this folder
    }
  }
  return null;
}

/** Like `findProgram`, for a program that a row cannot do without. */
export function programOf(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not installed`);
  return path;
}

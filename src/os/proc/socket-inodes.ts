import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const SOCKET = /^socket:\[(\d+)\]$/;

/** The inodes of the sockets that a process has open; null: it is gone, or may not be looked at. */
export function socketInodes(proc: string, pid: number | 'self'): ReadonlySet<number> | null {
  const folder = join(proc, String(pid), 'fd');
  try {
    const inodes = new Set<number>();
    for (const name of readdirSync(folder)) {
      const inode = SOCKET.exec(linkOf(join(folder, name)))?.[1];
      if (inode !== undefined) inodes.add(Number(inode));
    }
    return inodes;
  } catch {
    return null;
  }
}

/** A descriptor may be closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

import { opendirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const SOCKET = /^socket:\[(\d+)\]$/;
/** Descriptors between two yields: each takes some microseconds. */
const AT_ONCE = 256;

/** The inodes of the sockets that a process has open; none: it is gone, or may not be looked at. It may be stopped at each `yield`. */
export function* socketInodes(proc: string, pid: number): Generator<void, ReadonlySet<number>> {
  const inodes = new Set<number>();
  for (const [index, descriptor] of descriptorsOf(proc, pid).entries()) {
    if (index % AT_ONCE === 0) yield;
    const inode = SOCKET.exec(linkOf(descriptor))?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

/** Whether it may be asked which sockets a process has; of one that is gone there is nothing to ask. */
export function mayAskForSockets(proc: string, pid: number): boolean {
  try {
    opendirSync(folderOf(proc, pid)).closeSync();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'EACCES' && code !== 'EPERM';
  }
}

function descriptorsOf(proc: string, pid: number): readonly string[] {
  try {
    return readdirSync(folderOf(proc, pid)).map((name) => join(folderOf(proc, pid), name));
  } catch {
    return [];
  }
}

function folderOf(proc: string, pid: number): string {
  return join(proc, String(pid), 'fd');
}

/** A descriptor may be closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

import { constants } from 'node:os';

const ERRNO_NAMES = new Map<number, string>([
  ...Object.entries(constants.errno).map(([name, errno]): [number, string] => [errno, name]),
  // Not among Node.js's constants, but the kernel reports them (asm-generic/errno.h).
  [64, 'ENONET'],
  [112, 'EHOSTDOWN'],
]);

/** The name of an errno (`ECONNRESET`); `errno_N` where it is none that is known. */
export function errnoName(errno: number): string {
  return ERRNO_NAMES.get(errno) ?? `errno_${errno}`;
}

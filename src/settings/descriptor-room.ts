/**
 * Descriptors that connections may not take: the web server's own sockets (at most 128), 32 look-ups at a time with two
 * each, what the runtime keeps open (about 25), listeners, files being read, the collector's connections. A full house
 * must not be a deaf one.
 */
export const DESCRIPTOR_RESERVE = 256;

/** How many connections a limit of open files leaves room for; never less than half of it. */
export function descriptorRoom(openFileLimit: number): number {
  return Math.max(Math.floor(openFileLimit / 2), openFileLimit - DESCRIPTOR_RESERVE);
}

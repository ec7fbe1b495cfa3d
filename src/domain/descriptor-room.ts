/**
 * Descriptors that connections may not take: the web server's own sockets (at most 128), listeners, look-ups, files being
 * read, and what the runtime keeps open (about 25), with room to spare. A full house must not be a deaf one.
 */
export const DESCRIPTOR_RESERVE = 192;

/** How many connections a limit of open files leaves room for; never less than half of it. */
export function descriptorRoom(openFileLimit: number): number {
  return Math.max(Math.floor(openFileLimit / 2), openFileLimit - DESCRIPTOR_RESERVE);
}

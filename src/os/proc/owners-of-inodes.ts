import { processIds } from './network-namespaces.ts';
import { type ProcessFacts, processFacts } from './process-facts.ts';
import { socketInodes } from './socket-inodes.ts';

/** Which processes have these sockets, as far as they may be looked at; the first of several. */
export function* ownersOfInodes(
  proc: string,
  inodes: ReadonlySet<number>,
): Generator<void, ReadonlyMap<number, ProcessFacts>> {
  const owners = new Map<number, ProcessFacts>();
  if (inodes.size === 0) return owners;
  for (const pid of processIds(proc)) {
    if (owners.size === inodes.size) break;
    const open = yield* socketInodes(proc, pid);
    const held = Array.from(open).filter((inode) => inodes.has(inode) && !owners.has(inode));
    const facts = held.length === 0 ? null : processFacts(proc, pid);
    if (facts !== null) for (const inode of held) owners.set(inode, facts);
  }
  return owners;
}

import type { SocketOwner } from '../domain/observed/socket-owner.ts';
import { connectionsOf, networkNamespaces } from '../os/proc/network-namespaces.ts';
import { ownersOfInodes } from '../os/proc/owners-of-inodes.ts';
import type { PodNames } from '../os/proc/pod-names.ts';
import type { ProcessFacts } from '../os/proc/process-facts.ts';
import { mayAskForSockets } from '../os/proc/socket-inodes.ts';
import type { TcpRow } from '../os/proc/tcp-table.ts';
import type { Flow } from '../os/tracefs/trace-record.ts';

/** What /proc says now of the connections that were opened to some addresses, in every network namespace. */
export type Census = readonly TcpRow[];

/** A census, and how far it went. */
export type Survey = {
  readonly rows: Census;
  readonly namespaces: number;
  /** Of those the ones of a Finrst that may not be asked which connections are its own. */
  readonly leftOut: number;
};

/**
 * Looks at every network namespace once. Connections of Finrst itself are among them, also of another one on this host: their
 * owner says so. Where it may not be asked for owners, its namespace is left out. It may be stopped at each `yield`.
 */
export function* surveyHost(proc: string, isWanted: (flow: Flow) => boolean): Generator<void, Survey> {
  // A namespace that was found twice has the same sockets: an inode is one on the whole host.
  const rows = new Map<number, TcpRow>();
  const namespaces = yield* networkNamespaces(proc);
  let leftOut = 0;
  for (const namespace of namespaces) {
    if (!namespace.finrst.every((pid) => mayAskForSockets(proc, pid))) {
      leftOut++;
      continue;
    }
    const opened = yield* connectionsOf(proc, namespace);
    for (const row of opened ?? []) if (isWanted(row.flow)) rows.set(row.inode, row);
  }
  // Without an inode nobody has it any more.
  rows.delete(0);
  return { rows: [...rows.values()], namespaces: namespaces.length, leftOut };
}

/** The connections alone. */
export function* takeCensus(proc: string, isWanted: (flow: Flow) => boolean): Generator<void, Census> {
  return (yield* surveyHost(proc, isWanted)).rows;
}

/** Whose these connections are, by inode, as far as it may be asked. It looks at every descriptor of the host. */
export function* ownersOf(proc: string, rows: Census): Generator<void, ReadonlyMap<number, ProcessFacts>> {
  return yield* ownersOfInodes(proc, new Set(rows.map(({ inode }) => inode)));
}

export function toOwner({ pid, executable, pod }: ProcessFacts, pods: Pick<PodNames, 'of'>): SocketOwner {
  return { pid, executable, pod: pod === null ? null : pods.of(pod) };
}

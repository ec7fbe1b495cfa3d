import type { SocketOwner } from './socket-owner.ts';

/** A connection that a process of this host has opened. */
export type HostConnection = {
  readonly address: string;
  readonly port: number;
  /** The peer has closed it, and the process has not. */
  readonly isCloseWait: boolean;
  /** Null: it may not be asked whose it is, or nobody has it any more. */
  readonly owner: SocketOwner | null;
};

/** What several processes of one program hold to a peer. */
export type HostOwner = {
  /** Null: the process was gone. */
  readonly executable: string | null;
  readonly pod: string | null;
  readonly pids: readonly number[];
  readonly connections: number;
};

/** A peer that processes of this host have connections to. */
export type HostPeer = {
  /** Null: it has none that leads back to its addresses. */
  readonly name: string | null;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly connections: number;
  readonly closeWait: number;
  /** Those with the most connections first. */
  readonly owners: readonly HostOwner[];
  /** Connections whose process is not known. */
  readonly unknown: number;
};

/** The connections by peer: those with the most first, of equal ones by name or address. Addresses of one name are one peer. */
export function hostPeers(
  connections: readonly HostConnection[],
  names: ReadonlyMap<string, string>,
): readonly HostPeer[] {
  const byPeer = Map.groupBy(connections, ({ address, port }) => `${names.get(address) ?? address} ${port}`);
  const peers = Array.from(byPeer.values(), (own) => peerOf(own, names));
  return peers.toSorted((a, b) => b.connections - a.connections || compare(wordOf(a), wordOf(b)) || a.port - b.port);
}

function peerOf(own: readonly HostConnection[], names: ReadonlyMap<string, string>): HostPeer {
  const [first] = own;
  return {
    name: names.get(first?.address ?? '') ?? null,
    addresses: [...new Set(own.map(({ address }) => address))].toSorted(compare),
    port: first?.port ?? 0,
    connections: own.length,
    closeWait: own.filter(({ isCloseWait }) => isCloseWait).length,
    owners: ownersOf(own.flatMap(({ owner }) => owner ?? [])),
    unknown: own.filter(({ owner }) => owner === null).length,
  };
}

function ownersOf(owners: readonly SocketOwner[]): readonly HostOwner[] {
  const byProgram = Map.groupBy(owners, ({ executable, pod }) => JSON.stringify([executable, pod]));
  const programs = Array.from(byProgram.values(), (same) => ({
    executable: same[0]?.executable ?? null,
    pod: same[0]?.pod ?? null,
    pids: [...new Set(same.map(({ pid }) => pid))].toSorted((a, b) => a - b),
    connections: same.length,
  }));
  return programs.toSorted((a, b) => b.connections - a.connections);
}

function wordOf({ name, addresses }: HostPeer): string {
  return name ?? addresses[0] ?? '';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

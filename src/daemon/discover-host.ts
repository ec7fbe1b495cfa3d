import { Resolver } from 'node:dns/promises';
import type { Clock } from '../clock/clock.ts';
import { type HostConnection, type HostPeer, hostPeers } from '../domain/observed/host-peers.ts';
import type { ReadFile } from '../files/file-content.ts';
import { type Census, ownersOf, surveyHost, toOwner } from '../observe/census.ts';
import { PodNames } from '../os/proc/pod-names.ts';
import { hasHostIds } from '../os/proc/process-facts.ts';
import { TCP_STATE } from '../os/tracefs/trace-record.ts';
import { addressNames } from './address-names.ts';
import { POD_LOGS } from './observer-part.ts';

export type DiscoverHostOptions = {
  readonly clock: Clock;
  readonly readFile: ReadFile;
  /** Names of addresses that are not known by then are left. */
  readonly forMs: number;
};

/** What processes of this host hold now, or why that cannot be known. */
export type HostDiscovered =
  | {
      readonly kind: 'found';
      readonly peers: readonly HostPeer[];
      /** Network namespaces that were looked into. */
      readonly namespaces: number;
      /** What could not be seen, one sentence each. */
      readonly missing: readonly string[];
    }
  | { readonly kind: 'failed'; readonly problem: string };

const PROC = '/proc';
/** A resolver that has not answered by then does not. */
const QUESTION_MS = 2000;

/** Looks into every network namespace once, and asks for the names of what is found. Opens no connection to any peer. */
export async function discoverHost({ clock, readFile, forMs }: DiscoverHostOptions): Promise<HostDiscovered> {
  const looked = lookAround(clock);
  if (typeof looked === 'string') return { kind: 'failed', problem: looked };
  const { connections, namespaces, missing } = looked;
  const hosts = await readFile('/etc/hosts');
  const names = await addressNames(new Set(connections.map(({ address }) => address)), {
    clock,
    hostsText: hosts.kind === 'read' ? new TextDecoder().decode(hosts.bytes) : '',
    resolver: new Resolver({ timeout: QUESTION_MS, tries: 1 }),
    forMs,
  });
  return { kind: 'found', peers: hostPeers(connections, names), namespaces, missing };
}

type Looked = {
  readonly connections: readonly HostConnection[];
  readonly namespaces: number;
  readonly missing: readonly string[];
};

function lookAround(clock: Clock): Looked | string {
  try {
    const { rows, namespaces, leftOut } = toEnd(surveyHost(PROC, () => true));
    const connections = withOwners(rows, clock);
    return { connections, namespaces: namespaces - leftOut, missing: missingIn(connections, leftOut) };
  } catch (error) {
    return `${PROC} cannot be read: ${(error as Error).message}; connections of other processes are known on Linux alone`;
  }
}

function withOwners(rows: Census, clock: Clock): readonly HostConnection[] {
  const pods = new PodNames({ folders: POD_LOGS, now: () => clock.monotonic() });
  const owners = toEnd(ownersOf(PROC, rows));
  return rows.flatMap(({ flow, state, inode }) => {
    const facts = owners.get(inode) ?? null;
    if (facts?.isFinrst === true) return [];
    const owner = facts === null ? null : toOwner(facts, pods);
    const isCloseWait = state === TCP_STATE.closeWait;
    return { address: flow.remoteAddress, port: flow.remotePort, isCloseWait, owner };
  });
}

function missingIn(connections: readonly HostConnection[], leftOut: number): readonly string[] {
  const unknown = connections.filter(({ owner }) => owner === null).length;
  return [
    ...(hasHostIds(PROC)
      ? []
      : ['connections outside this container: without the process ids of the host only those of its own are seen']),
    ...(leftOut === 0
      ? []
      : [`${leftOut} network namespaces in which a Finrst runs: it may not be asked which connections are its own`]),
    ...(unknown === 0
      ? []
      : [`the processes of ${unknown} connections: that takes user 0 with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH`]),
  ];
}

/** Nothing else is done meanwhile. */
function toEnd<Result>(job: Generator<void, Result>): Result {
  for (let next = job.next(); ; next = job.next()) if (next.done === true) return next.value;
}

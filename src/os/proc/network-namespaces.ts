import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FINRST_COMM } from './process-facts.ts';
import { openedConnections, type TcpRow } from './tcp-table.ts';

/** A network namespace, by the processes that are in it; `finrst` are those of them that run Finrst. */
export type NetworkNamespace = { readonly pids: readonly number[]; readonly finrst: readonly number[] };

/** Read at once. */
const PIECE_BYTES = 65_536;

/** All process ids of this host, as far as this process sees them. */
export function processIds(proc: string): readonly number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * The network namespaces that have a process. Where it may not be asked in which one a process is, its control group stands
 * for it, since a container has one: then two can be the same namespace. Here and below, it may be stopped at each `yield`.
 */
export function* networkNamespaces(proc: string): Generator<void, readonly NetworkNamespace[]> {
  const found = new Map<string, { readonly pids: number[]; readonly finrst: number[] }>();
  for (const pid of processIds(proc)) {
    const folder = join(proc, String(pid));
    const name = attempt(() => readlinkSync(join(folder, 'ns/net'))) ?? textOf(join(folder, 'cgroup'));
    const comm = textOf(join(folder, 'comm'));
    if (name === null || comm === null) continue;
    const namespace = found.get(name) ?? { pids: [], finrst: [] };
    found.set(name, namespace);
    namespace.pids.push(pid);
    if (comm.trimEnd() === FINRST_COMM) namespace.finrst.push(pid);
    yield;
  }
  return [...found.values()];
}

/** The connections that were opened in the namespace; null: none of its processes lives any more. */
export function* connectionsOf(proc: string, { pids }: NetworkNamespace): Generator<void, readonly TcpRow[] | null> {
  for (const pid of pids) {
    try {
      const folder = join(proc, String(pid), 'net');
      return yield* openedConnections(bothTables(folder));
    } catch {
      // It ended meanwhile: another one of the namespace is asked.
    }
  }
  return null;
}

function* bothTables(folder: string): Generator<readonly string[]> {
  yield* linesOf(join(folder, 'tcp'));
  yield* linesOfOptional(join(folder, 'tcp6'));
}

/** A kernel without IPv6 has no such file. */
function* linesOfOptional(file: string): Generator<readonly string[]> {
  try {
    yield* linesOf(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The lines of a file that is made while it is read, a piece at a time. */
function* linesOf(file: string): Generator<readonly string[]> {
  const descriptor = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let rest = '';
    for (let length = readSync(descriptor, piece); length > 0; length = readSync(descriptor, piece)) {
      const lines = (rest + piece.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      yield lines;
    }
    yield [rest];
  } finally {
    closeSync(descriptor);
  }
}

function textOf(file: string): string | null {
  return attempt(() => readFileSync(file, 'latin1'));
}

/** Null: the process is gone, or may not be looked at. */
function attempt(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

import type { Flow } from '../tracefs/trace-record.ts';
import { ipText } from '../../text/ip-text.ts';

/** One row of /proc/net/tcp or tcp6. */
export type TcpRow = {
  readonly flow: Flow;
  /** By `TCP_STATE`. */
  readonly state: number;
  /** 0: no process has it any more. */
  readonly inode: number;
};

const LISTEN = 10;
/** Established, closed by the peer alone, or a listener. Most rows of a busy host are remains that wait: they are not read any further. */
const ROW = /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) (01|08|0A) \S+ \S+ \S+\s+\d+\s+\d+ (\d+)/;

/**
 * The connections of one network namespace that this host opened, from the lines of its /proc/net/tcp and tcp6: established,
 * or closed by the peer alone. Those whose local port has a listener were accepted, not opened. It may be stopped after each
 * piece of lines.
 */
export function* openedConnections(pieces: Iterable<readonly string[]>): Generator<void, readonly TcpRow[]> {
  const held: TcpRow[] = [];
  const listening = new Set<number>();
  for (const lines of pieces) {
    yield;
    for (const line of lines) {
      const row = readTcpRow(line);
      if (row === null) continue;
      if (row.state === LISTEN) listening.add(row.flow.localPort);
      else held.push(row);
    }
  }
  return held.filter(({ flow }) => !listening.has(flow.localPort));
}

/** Null: the line is no row, as the first one, or of another state than those that matter. Numbers are hexadecimal, addresses 32-bit words in the order of the machine (net/ipv4/tcp_ipv4.c, get_tcp4_sock). */
export function readTcpRow(line: string): TcpRow | null {
  const found = ROW.exec(line);
  if (found === null) return null;
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', inode = ''] = found;
  return {
    flow: {
      localAddress: readAddress(local),
      localPort: Number.parseInt(localPort, 16),
      remoteAddress: readAddress(remote),
      remotePort: Number.parseInt(remotePort, 16),
    },
    state: Number.parseInt(state, 16),
    inode: Number(inode),
  };
}

function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex').swap32();
  return bytes.length === 4 ? bytes.join('.') : ipText(bytes);
}

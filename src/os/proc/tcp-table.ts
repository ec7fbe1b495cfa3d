import { TCP_STATE, type Flow } from '../tracefs/trace-record.ts';
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
const ROW = /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) \S+ \S+ \S+\s+\d+\s+\d+ (\d+)/;

/**
 * The connections of one network namespace that this host opened, from the lines of its /proc/net/tcp and tcp6: established,
 * or closed by the peer alone. Those whose local port has a listener were accepted, not opened.
 */
export function* openedConnections(lines: Iterable<string>): Generator<void, readonly TcpRow[]> {
  const held: TcpRow[] = [];
  const listening = new Set<number>();
  for (const line of lines) {
    const row = readTcpRow(line);
    yield;
    if (row === null) continue;
    if (row.state === LISTEN) listening.add(row.flow.localPort);
    else if (row.state === TCP_STATE.established || row.state === TCP_STATE.closeWait) held.push(row);
  }
  return held.filter(({ flow }) => !listening.has(flow.localPort));
}

/** Null: the line is no row, as the first one. Numbers are hexadecimal, addresses 32-bit words in the order of the machine (net/ipv4/tcp_ipv4.c, get_tcp4_sock). */
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

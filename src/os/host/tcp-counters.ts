/** The names that `HostCounts` has for them. */
type Counter = 'abortsOnTimeout' | 'listenDrops' | 'retransmits';

/**
 * Reads /proc/net/netstat and /proc/net/snmp: a line of names and a line of figures for each protocol (net/ipv4/proc.c):
 * TcpExt TCPAbortOnTimeout and ListenDrops, Tcp RetransSegs. Null: they are no such files.
 */
export function readTcpCounters(netstat: string, snmp: string): Readonly<Record<Counter, number>> | null {
  const extended = tableOf(netstat, 'TcpExt:');
  const plain = tableOf(snmp, 'Tcp:');
  const abortsOnTimeout = extended.get('TCPAbortOnTimeout');
  const listenDrops = extended.get('ListenDrops');
  const retransmits = plain.get('RetransSegs');
  if (abortsOnTimeout === undefined || listenDrops === undefined || retransmits === undefined) return null;
  return { abortsOnTimeout, listenDrops, retransmits };
}

function tableOf(text: string, protocol: string): ReadonlyMap<string, number> {
  const rows = text.split('\n').map((line) => line.split(' '));
  const [names = [], figures = []] = rows.filter(([first]) => first === protocol);
  const known = names.map((name, column) => [name, Number(figures[column])] as const);
  return new Map(known.filter(([, figure]) => Number.isSafeInteger(figure)));
}

import { expect, test } from 'vitest';
import { readTcpCounters } from '../../../../src/os/host/tcp-counters.ts';

/** As Linux 6.18 has them, columns left out. */
const NETSTAT = `TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPAbortOnTimeout TCPAbortOnLinger
TcpExt: 0 11 12 13 14
IpExt: InNoRoutes ListenDrops
IpExt: 5 99
`;
const SNMP = `Ip: Forwarding RetransSegs
Ip: 1 77
Tcp: RtoAlgorithm MaxConn ActiveOpens RetransSegs InErrs
Tcp: 1 -1 7 4207 0
Udp: InDatagrams RetransSegs
Udp: 1 2
`;

test('the figures under their names, of their own protocol', () => {
  expect(readTcpCounters(NETSTAT, SNMP)).toEqual({ abortsOnTimeout: 13, listenDrops: 12, retransmits: 4207 });
});

test.each([
  ['', ''],
  [NETSTAT, ''],
  ['', SNMP],
  [NETSTAT.replace('ListenDrops', 'Other'), SNMP],
  [NETSTAT, SNMP.replace('4207', 'x')],
  ['TcpExt: ListenDrops TCPAbortOnTimeout\n', SNMP],
])('what is no such file is not known', (netstat, snmp) => {
  expect(readTcpCounters(netstat, snmp)).toBeNull();
});

import { expect, test } from 'vitest';
import { runToEnd } from '../../../support/run-to-end.ts';
import { openedConnections, readTcpRow } from '../../../../src/os/proc/tcp-table.ts';

// Lines of /proc/net/tcp and tcp6 of Linux 6.18, x86-64.
const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const ESTABLISHED =
  '   1: 0100007F:8C3A 0100007F:1538 01 00000000:00000000 00:00000000 00000000  1000        0 81234 1 ffff8f 20 4 30 10 -1';
const CLOSE_WAIT =
  '   2: 00000000000000000000000001000000:8C3C 00000000000000000000000001000000:1538 08 00000000:00000001 00:00000000 00000000     0        0 81236 1 ffff8f 20 4 30 10 -1';
const MAPPED =
  '   3: 0000000000000000FFFF00000100000A:8C3E 0000000000000000FFFF00000200000A:1538 01 00000000:00000000 00:00000000 00000000     0        0 81237 1 ffff8f 20 4 30 10 -1';
const LISTENER =
  '   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 70001 1 ffff8f 100 0 0 10 0';
const ACCEPTED =
  '   4: 0100007F:1538 0100007F:8C3A 01 00000000:00000000 00:00000000 00000000     0        0 81235 1 ffff8f 20 4 30 10 -1';
const TIME_WAIT =
  '   5: 0100007F:8C40 0100007F:1538 06 00000000:00000000 03:00000d3c 00000000     0        0 0 3 ffff8f';

test('a row has both ends, the state and the inode', () => {
  expect(readTcpRow(ESTABLISHED)).toEqual({
    flow: { localAddress: '127.0.0.1', localPort: 35_898, remoteAddress: '127.0.0.1', remotePort: 5432 },
    state: 1,
    inode: 81_234,
  });
  expect(readTcpRow(CLOSE_WAIT)).toEqual({
    flow: { localAddress: '::1', localPort: 35_900, remoteAddress: '::1', remotePort: 5432 },
    state: 8,
    inode: 81_236,
  });
});

test('a v4-mapped address is v4', () => {
  expect(readTcpRow(MAPPED)?.flow).toMatchObject({ localAddress: '10.0.0.1', remoteAddress: '10.0.0.2' });
});

test.each([HEAD, TIME_WAIT, '', '   1: 0100007F:8C3A', 'x'])('%j is no row', (line) => {
  expect(readTcpRow(line)).toBeNull();
});

test('opened are those that are held and whose local port has no listener', () => {
  const rows = runToEnd(openedConnections([[HEAD, ACCEPTED, ESTABLISHED, TIME_WAIT], [LISTENER, CLOSE_WAIT], ['']]));
  expect(rows.map(({ inode }) => inode)).toEqual([81_234, 81_236]);
});

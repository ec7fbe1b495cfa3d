import { expect, test } from 'vitest';
import { checkCensus, leftFlow, notEnded } from '../../../src/observe/census-check.ts';
import type { FollowedSocket } from '../../../src/observe/followed-socket.ts';
import type { TcpRow } from '../../../src/os/proc/tcp-table.ts';
import { type Flow, flowKey, TCP_STATE } from '../../../src/os/tracefs/trace-record.ts';

const flow = (localPort: number): Flow => ({
  localAddress: '10.0.0.1',
  localPort,
  remoteAddress: '10.0.0.2',
  remotePort: 5432,
});

function followed(localPort: number, state: FollowedSocket['state'], sinceNs: number): FollowedSocket {
  const socket = { id: localPort, flow: flow(localPort), peers: ['k'], owner: null, establishedNs: 0 };
  return { socket, state, sinceNs, address: localPort };
}

function row(localPort: number, state: number = TCP_STATE.established): TcpRow {
  return { flow: flow(localPort), state, inode: localPort };
}

function check(held: readonly FollowedSocket[], rows: readonly TcpRow[]) {
  const { gone, unknown } = checkCensus(held, { rows, beganNs: 100 });
  return { gone: gone.map(({ socket }) => socket.id), unknown: unknown.map(({ inode }) => inode) };
}

test('what is there is neither gone nor unknown', () => {
  const held = [followed(1, 'established', 50), followed(2, 'closeWait', 50)];
  expect(check(held, [row(2, TCP_STATE.closeWait), row(1)])).toEqual({ gone: [], unknown: [] });
});

test('what is not there is gone, unless it began after the census', () => {
  expect(check([followed(1, 'established', 99), followed(2, 'established', 100)], [])).toEqual({
    gone: [1],
    unknown: [],
  });
});

test('one whose FIN was lost is gone, and comes again as closed by its peer', () => {
  expect(check([followed(1, 'established', 50)], [row(1, TCP_STATE.closeWait)])).toEqual({ gone: [1], unknown: [1] });
});

test('two of one flow, in two namespaces, are two', () => {
  const same = followed(1, 'established', 50);
  expect(check([same], [row(1), { ...row(1), inode: 9 }])).toMatchObject({ gone: [], unknown: [expect.any(Number)] });
  expect(check([same, same], [row(1)])).toEqual({ gone: [1], unknown: [] });
});

test('what ended while the census was taken is not begun anew', () => {
  const left = new Set([flowKey(flow(1))]);
  expect(notEnded([row(1), row(2)], left)).toEqual([row(2)]);
});

test.each([
  [TCP_STATE.established, true],
  [TCP_STATE.closeWait, true],
  [TCP_STATE.synSent, false],
] as const)('a line from state %i says that a census may be old: %s', (from, isOld) => {
  const record = { kind: 'state', timeNs: 1, socket: 1, threadId: 1, from, to: 7, flow: flow(1) } as const;
  expect(leftFlow(record) !== null).toBe(isOld);
});

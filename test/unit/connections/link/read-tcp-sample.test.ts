import { expect, test } from 'vitest';
import { readTcpSample } from '../../../../src/connections/link/read-tcp-sample.ts';
import { decodeTcpInfo } from '../../../../src/os/sockets/decode-tcp-info.ts';
import { portableKernel } from '../../../../src/os/sockets/portable-kernel.ts';
import { PROBING, RETRANSMITTING } from '../../../support/recorded-tcp-info.ts';

const sampleOf = (bytes: Buffer): ReturnType<typeof readTcpSample> =>
  readTcpSample({ ...portableKernel, tcpInfo: () => decodeTcpInfo(bytes) }, 3);

/** The recording with other numbers at these offsets. */
const changed = (bytes: Buffer, numbers: Readonly<Record<number, number>>): Buffer => {
  const copy = Buffer.from(bytes);
  for (const [offset, value] of Object.entries(numbers)) copy.writeUInt32LE(value, Number(offset));
  return copy;
};

test('300 bytes on the way are 300 unacknowledged bytes: the SYN that was acknowledged is none of them', () => {
  expect(sampleOf(RETRANSMITTING)).toEqual({
    state: 'established',
    rttMs: 0.036,
    minRttMs: 0.031,
    totalRetransmits: 4,
    pendingRetransmits: 3,
    pendingProbes: 0,
    unackedBytes: 300,
  });
  expect(sampleOf(PROBING)).toMatchObject({ unackedBytes: 0, pendingProbes: 3 });
});

test('an acknowledged FIN makes no negative count', () => {
  expect(sampleOf(changed(PROBING, { 120: 1002 }))?.unackedBytes).toBe(0);
});

test('before the first measurement the smallest round trip is the current one', () => {
  expect(sampleOf(changed(PROBING, { 148: 0xffff_ffff }))?.minRttMs).toBe(0.034);
});

test.each([
  [2, 'syn_sent'],
  [7, 'close'],
  [8, 'close_wait'],
  [11, 'closing'],
  [0, 'unknown'],
  [99, 'unknown'],
])('the kernel calls state %i %s', (number, state) => {
  const bytes = Buffer.from(PROBING);
  bytes[0] = number;
  expect(sampleOf(bytes)?.state).toBe(state);
});

test('a closed socket and a kernel that cannot be asked give no sample', () => {
  expect(readTcpSample({ ...portableKernel, tcpInfo: () => decodeTcpInfo(PROBING) }, -1)).toBe(null);
  expect(readTcpSample(portableKernel, 3)).toBe(null);
});

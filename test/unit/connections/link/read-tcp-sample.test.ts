import { describe, expect, test } from 'vitest';
import { readSilence, readTcpSample } from '../../../../src/connections/link/read-tcp-sample.ts';
import { decodeTcpInfo } from '../../../../src/os/sockets/decode-tcp-info.ts';
import type { Kernel } from '../../../../src/os/sockets/kernel.ts';
import { portableKernel } from '../../../../src/os/sockets/portable-kernel.ts';
import { PROBING, RETRANSMITTING } from '../../../support/recorded-tcp-info.ts';

const kernelWith = (bytes: Buffer, outstanding: number | null = 0): Kernel => ({
  ...portableKernel,
  tcpInfo: () => decodeTcpInfo(bytes),
  outstandingBytes: () => outstanding,
});
const sampleOf = (bytes: Buffer, outstanding = 0): ReturnType<typeof readTcpSample> =>
  readTcpSample(kernelWith(bytes, outstanding), 3);

/** The recording with other numbers at these offsets. */
const changed = (bytes: Buffer, numbers: Readonly<Record<number, number>>): Buffer => {
  const copy = Buffer.from(bytes);
  for (const [offset, value] of Object.entries(numbers)) copy.writeUInt32LE(value, Number(offset));
  return copy;
};

test('what the kernel knows, in our words and units', () => {
  expect(sampleOf(RETRANSMITTING, 300)).toEqual({
    state: 'established',
    rttMs: 0.036,
    minRttMs: 0.031,
    totalRetransmits: 4,
    pendingRetransmits: 3,
    pendingProbes: 0,
    outstandingBytes: 300,
    silenceMs: 2568,
  });
  expect(sampleOf(PROBING)).toMatchObject({ outstandingBytes: 0, pendingProbes: 3, silenceMs: 3528 });
});

test.each([
  { when: 'data that acknowledged nothing new came later', sinceData: 40, sinceAck: 9000 },
  { when: 'an acknowledgement came later', sinceData: 9000, sinceAck: 40 },
])('the silence is that since the last packet: $when', ({ sinceData, sinceAck }) => {
  expect(sampleOf(changed(PROBING, { 52: sinceData, 56: sinceAck }))?.silenceMs).toBe(40);
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
  expect(readTcpSample(kernelWith(PROBING), -1)).toBe(null);
  expect(readTcpSample(kernelWith(RETRANSMITTING, null), 3)).toBe(null);
  expect(readTcpSample(portableKernel, 3)).toBe(null);
});

test.each([
  { when: 'nothing is in flight and nothing waits', bytes: PROBING, isAsked: false },
  { when: 'the peer has closed, and nothing waits', bytes: inState(8), isAsked: false },
  { when: 'a segment is in flight', bytes: changed(PROBING, { 24: 1 }), isAsked: true },
  { when: 'bytes wait to be sent', bytes: changed(PROBING, { 144: 1 }), isAsked: true },
  { when: 'the connection is over, and its queues were emptied', bytes: inState(7), isAsked: true },
  { when: 'our own FIN is on its way', bytes: inState(4), isAsked: true },
])('what is outstanding is asked for: $isAsked, when $when', ({ bytes, isAsked }) => {
  let asked = 0;
  const kernel = { ...kernelWith(bytes), outstandingBytes: () => (asked++, 70) };
  expect(readTcpSample(kernel, 3)?.outstandingBytes).toBe(isAsked ? 70 : 0);
  expect(asked).toBe(isAsked ? 1 : 0);
});

describe('a silent connection', () => {
  /** Nothing of it is under way. */
  const QUIET = changed(PROBING, { 0: 1 });
  const before = sampleOf(QUIET);
  const silenceOf = (bytes: Buffer, fd = 3) =>
    before === null ? undefined : readSilence(kernelWith(bytes), fd, { ...before, silenceMs: 1 });

  test('has its silence, the shorter of the two that the kernel knows', () => {
    expect(silenceOf(changed(QUIET, { 52: 40, 56: 9000 }))).toBe(40);
    expect(silenceOf(changed(QUIET, { 52: 9000, 56: 41 }))).toBe(41);
  });

  test.each([
    { what: 'the state', bytes: changed(QUIET, { 0: 8 }) },
    { what: 'retransmits that are unanswered', bytes: changed(QUIET, { 0: 0x0001_0001 }) },
    { what: 'probes that are unanswered', bytes: changed(QUIET, { 0: 0x0100_0001 }) },
    { what: 'segments in flight', bytes: changed(QUIET, { 24: 1 }) },
    { what: 'bytes that wait to be sent', bytes: changed(QUIET, { 144: 1 }) },
    { what: 'the round trip', bytes: changed(QUIET, { 68: 35 }) },
    { what: 'the smallest round trip', bytes: changed(QUIET, { 148: 2 }) },
    { what: 'retransmits of its life', bytes: changed(QUIET, { 100: 9 }) },
  ])('is none where the kernel says anew: $what', ({ bytes }) => {
    expect(silenceOf(bytes)).toBe(null);
  });

  test('is none that is closed, or had bytes out, or was not established before', () => {
    expect(silenceOf(QUIET, -1)).toBe(null);
    expect(before).not.toBe(null);
    if (before === null) return;
    expect(readSilence(kernelWith(QUIET), 3, before)).toBe(before.silenceMs);
    expect(readSilence(kernelWith(QUIET), 3, { ...before, outstandingBytes: 1 })).toBe(null);
    expect(readSilence(kernelWith(QUIET), 3, { ...before, state: 'close_wait' })).toBe(null);
    expect(readSilence(portableKernel, 3, before)).toBe(null);
  });
});

function inState(state: number): Buffer {
  const bytes = Buffer.from(PROBING);
  bytes[0] = state;
  return bytes;
}

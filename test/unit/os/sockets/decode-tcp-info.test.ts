import { expect, test } from 'vitest';
import { decodeTcpInfo, TCP_INFO_BYTES } from '../../../../src/os/sockets/decode-tcp-info.ts';
import { PROBING, RETRANSMITTING } from '../../../support/recorded-tcp-info.ts';

test.each([
  { what: 'a connection that retransmits', bytes: RETRANSMITTING },
  { what: 'a connection that probes', bytes: PROBING },
])('$what is recorded whole', ({ bytes }) => {
  expect(bytes).toHaveLength(216);
});

test('a connection that retransmits: every field at its place', () => {
  expect(decodeTcpInfo(RETRANSMITTING)).toEqual({
    state: 1,
    retransmits: 3,
    probes: 0,
    rttMicros: 36,
    minRttMicros: 31,
    totalRetrans: 4,
    unackedSegments: 1,
    notSentBytes: 0,
    sinceDataMs: 2568,
    sinceAckMs: 2568,
  });
});

test('a connection that probes: every field at its place', () => {
  expect(decodeTcpInfo(PROBING)).toEqual({
    state: 1,
    retransmits: 0,
    probes: 3,
    rttMicros: 34,
    minRttMicros: 19,
    totalRetrans: 0,
    unackedSegments: 0,
    notSentBytes: 0,
    sinceDataMs: 3528,
    sinceAckMs: 3528,
  });
});

test('the two stamps of the last packet are apart', () => {
  const bytes = Buffer.from(PROBING);
  bytes.writeUInt32LE(7, 52);
  bytes.writeUInt32LE(8, 56);
  expect(decodeTcpInfo(bytes)).toMatchObject({ sinceDataMs: 7, sinceAckMs: 8 });
});

test('bytes that were never sent are apart from the smallest round trip behind them', () => {
  const bytes = Buffer.from(PROBING);
  bytes.writeUInt32LE(70_000, 144);
  expect(decodeTcpInfo(bytes)).toMatchObject({ notSentBytes: 70_000, minRttMicros: 19, totalRetrans: 0 });
});

test('no field lies beyond the bytes that are asked for', () => {
  expect(decodeTcpInfo(PROBING.subarray(0, TCP_INFO_BYTES))).toEqual(decodeTcpInfo(PROBING));
});

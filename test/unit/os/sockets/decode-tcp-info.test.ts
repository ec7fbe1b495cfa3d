import { expect, test } from 'vitest';
import { decodeTcpInfo } from '../../../../src/os/sockets/decode-tcp-info.ts';
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
    bytesAcked: 1001,
    bytesSent: 2500,
    bytesRetrans: 1200,
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
    bytesAcked: 1001,
    bytesSent: 1000,
    bytesRetrans: 0,
  });
});

test('byte counts beyond 4 GiB are whole', () => {
  const bytes = Buffer.alloc(216);
  bytes.writeBigUInt64LE(2n ** 32n + 7n, 120);
  bytes.writeBigUInt64LE(2n ** 40n + 1n, 200);
  bytes.writeBigUInt64LE(2n ** 53n - 1n, 208);
  expect(decodeTcpInfo(bytes)).toMatchObject({
    bytesAcked: 2 ** 32 + 7,
    bytesSent: 2 ** 40 + 1,
    bytesRetrans: Number.MAX_SAFE_INTEGER,
  });
});

import type { TcpInfo } from './kernel.ts';

/**
 * Reads the fields of struct tcp_info that Finrst needs, by their offsets in linux/tcp.h; the kernel only ever appends fields.
 *
 * @param bytes at least 216 bytes; an older kernel (before 4.19) fills less and leaves zeros
 */
export function decodeTcpInfo(bytes: Buffer): TcpInfo {
  return {
    state: bytes.readUInt8(0),
    retransmits: bytes.readUInt8(2),
    probes: bytes.readUInt8(3),
    rttMicros: bytes.readUInt32LE(68),
    totalRetrans: bytes.readUInt32LE(100),
    bytesAcked: readUInt64(bytes, 120),
    minRttMicros: bytes.readUInt32LE(148),
    bytesSent: readUInt64(bytes, 200),
    bytesRetrans: readUInt64(bytes, 208),
  };
}

/** Exact to 2^53 bytes (9 PB), without allocating a bigint. */
function readUInt64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 2 ** 32;
}

import type { TcpInfo } from './kernel.ts';

/** The bytes of struct tcp_info that are read: up to tcpi_min_rtt, which Linux 4.6 brought. The kernel only appends fields. */
export const TCP_INFO_BYTES = 152;

/**
 * Reads the fields of struct tcp_info that Finrst needs, by their offsets in linux/tcp.h.
 *
 * @param bytes at least `TCP_INFO_BYTES`; an older kernel fills less and leaves zeros
 */
export function decodeTcpInfo(bytes: Buffer): TcpInfo {
  return {
    state: bytes.readUInt8(0),
    retransmits: bytes.readUInt8(2),
    probes: bytes.readUInt8(3),
    unackedSegments: bytes.readUInt32LE(24),
    sinceDataMs: bytes.readUInt32LE(52),
    sinceAckMs: bytes.readUInt32LE(56),
    rttMicros: bytes.readUInt32LE(68),
    totalRetrans: bytes.readUInt32LE(100),
    notSentBytes: bytes.readUInt32LE(144),
    minRttMicros: bytes.readUInt32LE(148),
  };
}

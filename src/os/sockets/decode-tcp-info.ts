import type { TcpInfo } from './kernel.ts';

/** The bytes of struct tcp_info that are read: up to tcpi_min_rtt, which Linux 4.6 brought. The kernel only appends fields. */
export const TCP_INFO_BYTES = 152;

/** One that can be written over. */
export type TcpInfoFields = { -readonly [Key in keyof TcpInfo]: TcpInfo[Key] };

/** All zero. */
export function createTcpInfo(): TcpInfoFields {
  return {
    state: 0,
    retransmits: 0,
    probes: 0,
    unackedSegments: 0,
    sinceDataMs: 0,
    sinceAckMs: 0,
    rttMicros: 0,
    totalRetrans: 0,
    notSentBytes: 0,
    minRttMicros: 0,
  };
}

/**
 * Reads the fields of struct tcp_info that Finrst needs, by their offsets in linux/tcp.h.
 *
 * @param bytes at least `TCP_INFO_BYTES`; an older kernel fills less and leaves zeros
 * @param info what is written over, and returned: a thousand are read a second
 */
export function decodeTcpInfo(bytes: Buffer, info = createTcpInfo()): TcpInfo {
  info.state = bytes.readUInt8(0);
  info.retransmits = bytes.readUInt8(2);
  info.probes = bytes.readUInt8(3);
  info.unackedSegments = bytes.readUInt32LE(24);
  info.sinceDataMs = bytes.readUInt32LE(52);
  info.sinceAckMs = bytes.readUInt32LE(56);
  info.rttMicros = bytes.readUInt32LE(68);
  info.totalRetrans = bytes.readUInt32LE(100);
  info.notSentBytes = bytes.readUInt32LE(144);
  info.minRttMicros = bytes.readUInt32LE(148);
  return info;
}

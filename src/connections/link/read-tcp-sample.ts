import type { TcpSample, TcpState } from '../../domain/tcp-sample.ts';
import type { Kernel, TcpInfo } from '../../os/sockets/kernel.ts';

/** The kernel's numbering (include/net/tcp_states.h); index 0 does not exist. */
const STATES: readonly TcpState[] = [
  'unknown',
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
];

/** tcpi_min_rtt before the first measurement (~0U in the kernel). */
const NO_MIN_RTT = 0xffff_ffff;

/** What the kernel knows of an open socket; null where it cannot be asked or the socket has no descriptor any more. */
export function readTcpSample(kernel: Kernel, fd: number): TcpSample | null {
  if (fd < 0) return null;
  const info = kernel.tcpInfo(fd);
  const outstandingBytes = info !== null && hasNothingOut(info) ? 0 : kernel.outstandingBytes(fd);
  return info === null || outstandingBytes === null ? null : toSample(info, outstandingBytes);
}

/**
 * Whether the kernel holds no byte of ours, by what TCP_INFO says: one system call less for each sample of a silent peer.
 * SIOCOUTQ is write_seq - snd_una: of that, what lies before snd_nxt are the segments in flight, the rest was never sent. Once
 * a connection is over the counts of TCP_INFO are those of emptied queues.
 */
function hasNothingOut({ state, unackedSegments, notSentBytes }: TcpInfo): boolean {
  return (
    (STATES[state] === 'established' || STATES[state] === 'close_wait') && unackedSegments === 0 && notSentBytes === 0
  );
}

function toSample(info: TcpInfo, outstandingBytes: number): TcpSample {
  return {
    state: STATES[info.state] ?? 'unknown',
    rttMs: info.rttMicros / 1000,
    minRttMs: (info.minRttMicros === NO_MIN_RTT ? info.rttMicros : info.minRttMicros) / 1000,
    totalRetransmits: info.totalRetrans,
    pendingRetransmits: info.retransmits,
    pendingProbes: info.probes,
    outstandingBytes,
    silenceMs: Math.min(info.sinceDataMs, info.sinceAckMs),
  };
}

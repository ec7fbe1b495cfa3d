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

/**
 * How long no packet came in, where the kernel says of everything else what it said when `before` was read, and the
 * connection is established with no byte of ours out; null: there is news, or it cannot be asked. Makes no object.
 */
export function readSilence(kernel: Kernel, fd: number, before: TcpSample): number | null {
  const info = fd < 0 ? null : kernel.tcpInfo(fd);
  return info !== null && isSame(info, before) ? silenceOf(info) : null;
}

function isSame(info: TcpInfo, before: TcpSample): boolean {
  return (
    STATES[info.state] === 'established' &&
    before.state === 'established' &&
    info.unackedSegments === 0 &&
    info.notSentBytes === 0 &&
    before.outstandingBytes === 0 &&
    info.retransmits === before.pendingRetransmits &&
    info.probes === before.pendingProbes &&
    info.totalRetrans === before.totalRetransmits &&
    info.rttMicros / 1000 === before.rttMs &&
    minRttMicrosOf(info) / 1000 === before.minRttMs
  );
}

function toSample(info: TcpInfo, outstandingBytes: number): TcpSample {
  return {
    state: STATES[info.state] ?? 'unknown',
    rttMs: info.rttMicros / 1000,
    minRttMs: minRttMicrosOf(info) / 1000,
    totalRetransmits: info.totalRetrans,
    pendingRetransmits: info.retransmits,
    pendingProbes: info.probes,
    outstandingBytes,
    silenceMs: silenceOf(info),
  };
}

function minRttMicrosOf({ minRttMicros, rttMicros }: TcpInfo): number {
  return minRttMicros === NO_MIN_RTT ? rttMicros : minRttMicros;
}

function silenceOf({ sinceDataMs, sinceAckMs }: TcpInfo): number {
  return Math.min(sinceDataMs, sinceAckMs);
}

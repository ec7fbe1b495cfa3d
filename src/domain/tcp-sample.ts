/** Names of TCP states as RFC 9293 has them; `unknown` for a number the kernel added later. */
export type TcpState =
  | 'established'
  | 'syn_sent'
  | 'syn_recv'
  | 'fin_wait1'
  | 'fin_wait2'
  | 'time_wait'
  | 'close'
  | 'close_wait'
  | 'last_ack'
  | 'listen'
  | 'closing'
  | 'unknown';

/** One reading of TCP_INFO. Counts are totals of the connection so far. */
export type TcpSample = {
  readonly state: TcpState;
  readonly rttMs: number;
  readonly minRttMs: number;
  /** Segments sent again over the life of the connection (tcpi_total_retrans). */
  readonly totalRetransmits: number;
  /** Unanswered retransmits right now (tcpi_retransmits); survives the death of the socket. */
  readonly pendingRetransmits: number;
  /** Unanswered keepalive or window probes right now (tcpi_probes). */
  readonly pendingProbes: number;
  /**
   * Bytes of ours that the peer's kernel never acknowledged: bytes_sent - bytes_retrans - bytes_acked, since tcpi_unacked
   * is 0 after the death. The FIN and the SYN count as one each in bytes_acked; the value is never negative.
   */
  readonly unackedBytes: number;
};

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

/** One reading of what the kernel knows of a socket: TCP_INFO, SIOCOUTQ. Counts are totals of the connection so far. */
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
   * Bytes of ours that the peer's kernel has not acknowledged, those that were never sent included (SIOCOUTQ). The count
   * outlives the connection. Where TLS is, bytes of its records.
   */
  readonly outstandingBytes: number;
  /**
   * Since the last packet came in, by the kernel's own stamps (tcpi_last_ack_recv and tcpi_last_data_recv: a packet with
   * data that acknowledges nothing new touches only the latter). A FIN counts as a packet here, a RST does not.
   */
  readonly silenceMs: number;
};

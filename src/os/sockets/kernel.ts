/** What only the operating system knows about a socket, asked by file descriptor. */
export type Kernel = {
  /** Whether the kernel can be asked at all. Where it cannot, every answer below is "unknown". */
  readonly evidence: boolean;
  /**
   * Sets the keepalive timers and TCP_USER_TIMEOUT of a connected socket. `keepalive` null turns probes off;
   * `userTimeoutMs` 0 is the kernel's default. False: not possible here, the caller does what the runtime offers.
   */
  configure(fd: number, options: SocketOptions): boolean;
  /**
   * SO_ERROR: the errno name pending on the socket, null for none, undefined where the kernel cannot be asked.
   * It is read-and-clear: ask once, after the runtime reported an end.
   */
  pendingError(fd: number): string | null | undefined;
  /**
   * TCP_INFO, null where the kernel cannot be asked or the descriptor is no TCP socket. Reading changes nothing. The answer is
   * good until the next call: it may be the same object.
   */
  tcpInfo(fd: number): TcpInfo | null;
  /**
   * Bytes written to the socket that the peer's kernel has not acknowledged, those never sent included (SIOCOUTQ); null
   * where the kernel cannot be asked. The count outlives the connection: after a reset or a timeout it is what it was
   * (measured on Linux 6.18), until the descriptor is closed.
   */
  outstandingBytes(fd: number): number | null;
};

/** What is set on a socket before its first byte. */
export type SocketOptions = {
  readonly keepalive: { readonly idleSeconds: number; readonly intervalSeconds: number; readonly count: number } | null;
  readonly userTimeoutMs: number;
};

/** The fields of struct tcp_info that Finrst reads (linux/tcp.h), in the kernel's units. */
export type TcpInfo = {
  readonly state: number;
  readonly retransmits: number;
  readonly probes: number;
  readonly rttMicros: number;
  readonly minRttMicros: number;
  readonly totalRetrans: number;
  /** Segments that were sent and not acknowledged (tcpi_unacked). */
  readonly unackedSegments: number;
  /** Bytes that wait to be sent for the first time (tcpi_notsent_bytes). */
  readonly notSentBytes: number;
  /** Milliseconds since the last packet with payload came in (tcpi_last_data_recv), since the connect where none did. */
  readonly sinceDataMs: number;
  /** Milliseconds since the last packet that was looked at for its acknowledgement came in (tcpi_last_ack_recv); a RST is none. */
  readonly sinceAckMs: number;
};

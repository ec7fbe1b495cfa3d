/** What the kernel counts of all TCP connections of one network namespace, of whichever program, since it began. */
type TcpCounts = {
  /** Connections that it gave up since what it sent was not acknowledged. */
  readonly abortsOnTimeout: number;
  /** Connections that came and were dropped since no queue had room. */
  readonly listenDrops: number;
  /** Segments that were sent again. */
  readonly retransmits: number;
};

/** What this host itself does to connections. Null: this system does not say it. */
export type HostCounts = {
  /** Packets that were dropped because a queue of received ones was full, over all network namespaces, since the host's start. */
  readonly softnetDrops: number | null;
  readonly tcp: TcpCounts | null;
};

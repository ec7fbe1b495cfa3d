import type { PeerTable } from './peer-table.ts';

/** What is counted of each peer. */
export function createColumns(table: PeerTable) {
  return {
    /** NaN until the first attempt has an outcome: a peer that was not tried yet is neither up nor down. */
    up: table.column(NaN),
    /** Milliseconds of the intervals without a connection that are over. */
    downBefore: table.counter(0),
    /** When the interval that runs began, on the monotonic clock; NaN: the peer is not down. */
    downSince: table.column(NaN),
    disconnects: { eof: table.counter(0), error: table.counter(0), idle_timeout: table.counter(0) },
    /** NaN where its ends cannot be announced. */
    announcedDisconnects: { eof: table.counter(NaN), error: table.counter(NaN), idle_timeout: table.counter(NaN) },
    /** 1 while an announcement stands; NaN until one did, where its ends cannot be announced. */
    announced: table.column(NaN),
    connections: table.counter(0),
    /** NaN until the phase is configured; from then on it stays, because what it counted stays true. */
    failures: { dns: table.counter(0), tcp: table.counter(0), tls: table.counter(NaN), protocol: table.counter(NaN) },
    /** NaN while established, and after a disconnect until an attempt failed. */
    lastFailure: table.column(NaN),
    establishedAt: table.column(0),
    lastDisconnectAt: table.column(NaN),
    lastEnd: table.column(NaN),
    lastGoodbye: table.column(NaN),
    receivedBytes: table.counter(0),
    sentBytes: table.counter(0),
    lastReceivedAt: table.column(NaN),
    heartbeatRtt: table.column(NaN),
    tcpRtt: table.column(NaN),
    tcpMinRtt: table.column(NaN),
    retransmits: table.counter(0),
    certificateExpiry: table.column(NaN),
    certificateReadAt: table.column(NaN),
    silenceSurvived: table.column(NaN),
    silenceFatal: table.column(NaN),
  };
}
export type Columns = ReturnType<typeof createColumns>;

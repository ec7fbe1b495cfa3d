import type { DisconnectReason, LocalCloseReason } from './disconnect.ts';
import type { TcpSample } from './tcp-sample.ts';

/**
 * Bytes that we did not ask for and that come less than this before the end belong to the end: a goodbye, an error message, a
 * last burst. They start neither idle nor quiet over.
 */
export const LAST_WORDS_MS = 100;

/** The oldest write that is not acknowledged: when it was, and when the last packet either way had passed before it. */
export type OldestWrite = { readonly writtenAt: number; readonly packetBeforeAt: number };

/** What is known of the silence before an end. Times are monotonic milliseconds, the moment of establishment where nothing passed. */
export type SilenceFacts = {
  readonly reason: DisconnectReason | LocalCloseReason;
  readonly establishedAt: number;
  readonly endedAt: number;
  /** The last received byte, last words included. */
  readonly lastReceivedAt: number;
  /** The last received byte that does not belong to the end. */
  readonly lastPayloadInAt: number;
  readonly lastSentAt: number;
  /** Noted at a write that found nothing outstanding; null: none was. */
  readonly oldestWrite: OldestWrite | null;
  /** The keepalive idle time in force; null: keepalive is off. */
  readonly keepaliveIdleMs: number | null;
  /** Read at the end; null where the kernel cannot be asked. */
  readonly tcp: TcpSample | null;
};

/** Which silence an end is about, where no bytes of ours are outstanding. */
type Rule = 'keepalive' | 'payload' | 'reset' | 'packets';

const RULES: Readonly<Record<DisconnectReason | LocalCloseReason, Rule>> = {
  keepalive_timeout: 'keepalive',
  fin: 'payload',
  close_notify: 'payload',
  goodbye: 'payload',
  tls_truncated: 'payload',
  tls_alert: 'payload',
  tls_error: 'payload',
  reset: 'reset',
  retransmit_timeout: 'packets',
  timeout: 'packets',
  host_unreachable: 'packets',
  network_unreachable: 'packets',
  port_unreachable: 'packets',
  prohibited: 'packets',
  aborted: 'packets',
  local_resource: 'packets',
  protocol: 'packets',
  other: 'packets',
  no_data: 'packets',
  no_reply: 'packets',
  write_stalled: 'packets',
  shutdown: 'packets',
  removed: 'packets',
  reconfigured: 'packets',
  max_age: 'packets',
  resharded: 'packets',
};

/**
 * The silence before the packet that met the end, which came in, or went out and was never answered: the figure that
 * middleboxes act on. The first that applies:
 *
 * - Bytes of ours are outstanding: the silence before the oldest of them was written. That write met the end.
 * - Probes were not answered: the idle time after which the kernel sent the first one.
 * - An end in order, broken TLS, a reset right behind data: since the last byte of payload either way. A FIN touches the
 *   kernel's own stamp, and who sends one counts payload.
 * - Any other reset: since the last packet that came in before it.
 * - Our own deadlines and all else: since the last packet that came in, or our last write.
 *
 * Milliseconds, at most the age of the connection. Where the kernel cannot be asked the last received byte stands for the
 * last packet.
 */
export function quietMs(facts: SilenceFacts): number {
  const { establishedAt, endedAt } = facts;
  return Math.max(0, Math.min(silence(facts), endedAt - establishedAt));
}

function silence(facts: SilenceFacts): number {
  const { endedAt, lastReceivedAt, lastPayloadInAt, lastSentAt, oldestWrite, keepaliveIdleMs, tcp } = facts;
  if (tcp !== null && tcp.outstandingBytes > 0 && oldestWrite !== null) {
    return oldestWrite.writtenAt - oldestWrite.packetBeforeAt;
  }
  // The kernel counts in ticks of up to 10 ms: a byte that we have read is known better.
  const sincePacketIn = Math.min(tcp?.silenceMs ?? Infinity, endedAt - lastReceivedAt);
  const sincePayload = endedAt - Math.max(lastPayloadInAt, lastSentAt);
  switch (RULES[facts.reason]) {
    case 'keepalive':
      return keepaliveIdleMs ?? sincePayload;
    case 'payload':
      return sincePayload;
    case 'reset':
      if (tcp === null || endedAt - lastReceivedAt < LAST_WORDS_MS) return sincePayload;
      return sincePacketIn;
    case 'packets':
      return Math.min(sincePacketIn, endedAt - lastSentAt);
  }
}

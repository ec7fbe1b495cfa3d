import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DisconnectReason } from '../../src/domain/disconnect.ts';
import { DISCONNECT_REASONS } from '../../src/domain/disconnect.ts';
import { CLASS_COLOURS } from './palette.ts';

/** Every reason in words that fit a tile. Adding a reason without words does not compile. */
const WORDS: Readonly<Record<DisconnectReason, string>> = {
  fin: 'the peer closed in order (FIN)',
  close_notify: 'the peer closed TLS in order',
  reset: 'RST from the peer or a box before it',
  keepalive_timeout: 'keepalive probes went unanswered',
  retransmit_timeout: 'our data was never acknowledged',
  timeout: 'the path went dead (ETIMEDOUT)',
  host_unreachable: 'host unreachable',
  network_unreachable: 'network unreachable',
  port_unreachable: 'port unreachable (ICMP)',
  prohibited: 'a firewall said no',
  aborted: 'killed on this host',
  local_resource: 'this host ran out of memory or buffers',
  tls_truncated: 'FIN without close_notify',
  tls_alert: 'fatal TLS alert',
  tls_error: 'TLS broken below the alert',
  protocol: 'answered, but not as expected',
  other: 'something else: see the log for the errno',
  no_data: 'nothing received for idle_timeout',
  no_reply: 'heartbeat without any answer',
  write_stalled: 'the peer stopped reading',
};

/** Turns the `reason` label into words, in the colour of its class. */
export const REASON_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(DISCONNECT_REASONS)
        .flatMap(([name, reasons]) => reasons.map((reason) => [name, reason] as const))
        .map(([name, reason], index) => [
          reason,
          { text: `${reason}: ${WORDS[reason]}`, color: CLASS_COLOURS[name as keyof typeof DISCONNECT_REASONS], index },
        ]),
    ),
  },
];
